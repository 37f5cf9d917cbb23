"""Feeds: documents that Amazon takes on at once, works off later, and reports on when asked."""

from __future__ import annotations

import zlib
from urllib.parse import quote

from adapters.http import MAX_BYTES
from adapters.marketplaces.amazon import envelope, jobs
from adapters.marketplaces.amazon.api import SellerApi, slug
from domain.effect import CannotTell, Confirmed, Finding, Found, NotYet, Outcome, Rejected, Unknown
from domain.errors import ContractBroken, Unavailable

XML = "text/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
RUNNING = frozenset({"IN_QUEUE", "IN_PROGRESS"})

_ROOT = "/feeds/2021-06-30"
_LOOK_AGAIN = 60.0
_GZIP = 31


async def submit(api: SellerApi, kind: str, media_type: str, content: bytes) -> str | Rejected | Unknown:
    """Hand in a document; return the id of the feed that works it off.

    Raises:
        Unavailable: nothing was handed in, and it may be tried again.
    """
    request = api.request("POST", "createFeedDocument", f"{_ROOT}/documents", json={"contentType": media_type})
    document = await api.prepare(request, jobs.NewDocument)
    if isinstance(document, Rejected):
        return document
    await api.upload(document.url, media_type, content)
    told = {
        "feedType": kind,
        "marketplaceIds": list(api.settings.marketplaces),
        "inputFeedDocumentId": document.feed_document_id,
    }
    made = await api.write(api.request("POST", "createFeed", f"{_ROOT}/feeds", json=told), jobs.NewFeed)
    return made.feed_id if isinstance(made, jobs.NewFeed) else made


async def queue(api: SellerApi, kind: str, content: bytes) -> Outcome:
    """Hand in one message about an order; what became of it is looked up by the id of the feed."""
    feed = await submit(api, kind, XML, content)
    return Unknown(code="amazon-feed-queued", trace=feed) if isinstance(feed, str) else feed


async def find(api: SellerApi, feed_id: str) -> Finding:
    """Look up what became of the one message of a feed."""
    try:
        feed = await look(api, feed_id)
        if feed.processing_status in RUNNING:
            return NotYet(retry_after=_LOOK_AGAIN)
        if feed.processing_status == "CANCELLED":
            return Rejected(code="amazon-feed-cancelled")
        if feed.processing_status != "DONE":
            return CannotTell(code=slug(f"feed-{feed.processing_status}"))
        verdict = envelope.read_report(await report(api, feed))
    except Unavailable as error:
        # Amazon keeps the feed; only asking has to wait.
        return NotYet(retry_after=error.retry_after or _LOOK_AGAIN)
    if verdict.codes:
        return Rejected(code=slug(verdict.codes[0]))
    return Found(confirmed=Confirmed(remote_id=feed_id)) if verdict.taken else CannotTell(code="amazon-empty-report")


async def look(api: SellerApi, feed_id: str) -> jobs.Feed:
    """Return how far a feed is."""
    return await api.read(api.request("GET", "getFeed", f"{_ROOT}/feeds/{quote(feed_id, safe='')}"), jobs.Feed)


async def report(api: SellerApi, feed: jobs.Feed) -> bytes:
    """Return the report of a feed that is done.

    Raises:
        ContractBroken: it has none, or one that unfolds without end.
    """
    if not feed.result_feed_document_id:
        raise ContractBroken("amazon-feed-without-report")
    path = f"{_ROOT}/documents/{quote(feed.result_feed_document_id, safe='')}"
    document = await api.read(api.request("GET", "getFeedDocument", path), jobs.StoredDocument)
    content = await api.download(document.url)
    return _unfolded(content) if document.compression_algorithm == "GZIP" else content


def _unfolded(content: bytes) -> bytes:
    unfolding = zlib.decompressobj(_GZIP)
    try:
        unfolded = unfolding.decompress(content, MAX_BYTES)
    except zlib.error as error:
        raise ContractBroken("amazon-unreadable-report") from error
    if not unfolding.eof:
        raise ContractBroken("amazon-unreadable-report", "it is truncated, or too large")
    return unfolded
