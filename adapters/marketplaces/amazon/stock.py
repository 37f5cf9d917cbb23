"""Telling Amazon what may be sold: few rows one by one, many in a feed that reports later."""

from __future__ import annotations

import json
from urllib.parse import quote

from adapters.lenient import reading
from adapters.marketplaces.amazon import feeds, jobs
from adapters.marketplaces.amazon.api import SellerApi, slug
from domain.effect import Rejected, Unknown
from domain.errors import ContractBroken, CrossdockError, NotFound
from domain.ports.marketplace import OfferedStock, StockResult

FEW = 20
"""A feed costs two minutes of its limit, a single row a fifth of a second."""

_MOST = 25_000
_KIND = "JSON_LISTINGS_FEED"
_ANY_PRODUCT = "PRODUCT"


async def publish(api: SellerApi, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
    """Set absolute quantities; what broke off in the middle is told by row."""
    if len(rows) <= FEW:
        return await _one_by_one(api, rows)
    results: list[StockResult] = []
    for start in range(0, len(rows), _MOST):
        part = rows[start : start + _MOST]
        feed = await feeds.submit(api, _KIND, feeds.JSON, to_feed(api.settings.seller_id, part))
        told = {"job": feed} if isinstance(feed, str) else {"code": feed.code}
        results += [StockResult(listing_id=row.listing_id, **told) for row in part]
    return tuple(results)


async def results(api: SellerApi, job: str) -> tuple[StockResult, ...] | None:
    """Return the rows of a feed that were refused; None while it runs.

    Raises:
        NotFound: it was cancelled or broke off, so that nobody tells what became of its rows.
        ContractBroken: its report cannot be read, or refuses the feed as a whole.
    """
    feed = await feeds.look(api, job)
    if feed.processing_status in feeds.RUNNING:
        return None
    if feed.processing_status != "DONE":
        raise NotFound(slug(f"feed-{feed.processing_status}"))
    content = await feeds.report(api, feed)
    with reading("amazon-unreadable-report"):
        told = jobs.Report.model_validate_json(content)
    errors = [issue for issue in told.issues if issue.severity == "ERROR"]
    if any(not issue.sku for issue in errors):
        raise ContractBroken("amazon-feed-refused", "the feed was refused as a whole")
    return tuple({issue.sku: StockResult(listing_id=issue.sku, code=_code(issue)) for issue in errors}.values())


def to_feed(seller_id: str, rows: tuple[OfferedStock, ...]) -> bytes:
    """Return the content of a listings feed."""
    messages = [
        {"messageId": number, "sku": row.listing_id, "operationType": "PATCH", **to_change(row)}
        for number, row in enumerate(rows, 1)
    ]
    return json.dumps({"header": {"sellerId": seller_id, "version": "2.0"}, "messages": messages}).encode()


def to_change(row: OfferedStock) -> dict[str, object]:
    """Return a quantity as Amazon wants it; it counts for what the seller sends himself."""
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": row.quantity}]
    patch = {"op": "replace", "path": "/attributes/fulfillment_availability", "value": value}
    return {"productType": _ANY_PRODUCT, "patches": [patch]}


async def _one_by_one(api: SellerApi, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
    told: list[StockResult] = []
    for row in rows:
        try:
            code = await _change(api, row)
        except CrossdockError as error:
            if not told:
                raise
            return (*told, *(StockResult(listing_id=left.listing_id, code=error.code) for left in rows[len(told) :]))
        told.append(StockResult(listing_id=row.listing_id, code=code))
    return tuple(told)


async def _change(api: SellerApi, row: OfferedStock) -> str:
    path = f"/listings/2021-08-01/items/{quote(api.settings.seller_id, safe='')}/{quote(row.listing_id, safe='')}"
    params = {"marketplaceIds": ",".join(api.settings.marketplaces)}
    request = api.request("PATCH", "patchListingsItem", path, params=params, json=to_change(row))
    told = await api.write(request, jobs.Submission)
    if isinstance(told, Rejected | Unknown):
        return told.code
    if told.status == "ACCEPTED":
        return ""
    return next((_code(issue) for issue in told.issues if issue.severity == "ERROR"), slug(told.status))


def _code(issue: jobs.Issue) -> str:
    return slug(issue.code or "refused")
