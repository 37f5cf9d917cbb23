"""Publishing stock: a channel is told what it may sell of each listing, absolute, and only where that has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity

from activities.context import Context, beat
from activities.outage import skips
from domain.availability import offered_units
from domain.errors import Refused
from domain.kit import Kits, explode
from domain.listing import Component
from domain.messages import PullStart
from domain.policy import Policy
from domain.ports.marketplace import Marketplace, OfferedStock
from domain.ports.stores import Transaction
from domain.ports.stores.catalog import Channel, Mode
from domain.ports.stores.publication import ListingOffer, Progress
from domain.values import Model

JOB_LOOKS = 12
JOB_PAUSE = timedelta(seconds=20)
"""How often, and how far apart, the result of a job is asked for: four minutes, within the time-out of a run."""

PAGE = 500
"""Listings looked at, and at most told, in one step."""


class PublishResult(Model):
    """What a run told: listings seen, rows sent, how many were refused; `out`: the channel does not answer."""

    seen: int = 0
    sent: int = 0
    failed: int = 0
    paused: bool = False
    out: bool = False


@dataclass(frozen=True)
class _Page:
    rows: tuple[OfferedStock, ...]
    versions: Mapping[str, int]
    seen: int
    after: str | None


class PublishActivities:
    """Publishing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="publish_stock")
    @skips(PublishResult(out=True))
    async def publish(self, start: PullStart) -> PublishResult:
        """Tell a channel what has changed since the last run, or look at all its listings when that is due."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            if not _may_be_told(await tx.catalog.channel(start.account)):
                return PublishResult(paused=True)
            progress = await tx.publications.progress(start.account)
        marketplace = await self._context.parties.marketplace(start.account)
        if not marketplace.capability.publishes_stock:
            return PublishResult()
        sweeps = _sweep_is_due(progress, self._context.policy, now)
        told = await self._publish_pages(start.account, marketplace, None if sweeps else progress.since)
        if not told.paused:
            swept = {"swept_at": now, "swept": progress.wanted} if sweeps else {}
            async with self._context.record.begin() as tx:
                await tx.publications.advance(start.account, progress.model_copy(update=swept))
        return told

    async def _publish_pages(self, account: str, marketplace: Marketplace, since: str | None) -> PublishResult:
        told = PublishResult()
        jobs: dict[str, dict[str, int]] = {}
        after: str | None = ""
        while after is not None:
            page = await self._begin_page(account, since, after, marketplace)
            if page is None:
                return told.model_copy(update={"paused": True})
            failed = await self._send(account, marketplace, page, jobs) if page.rows else 0
            told = PublishResult(
                seen=told.seen + page.seen, sent=told.sent + len(page.rows), failed=told.failed + failed
            )
            beat(told.seen)
            after = page.after
        failed = await self._await_jobs(account, marketplace, jobs)
        return told.model_copy(update={"failed": told.failed + failed})

    async def _begin_page(self, account: str, since: str | None, after: str, marketplace: Marketplace) -> _Page | None:
        """Work a page out and note what is about to be told; None when the channel was paused meanwhile."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            if not _may_be_told(await tx.catalog.channel(account)):
                return None
            offers = await tx.publications.offers(account, since, after, PAGE)
            until = now + self._context.policy.offer_incoming_within
            quantities = await offered_quantities(tx, account, offers, now, until)
            due = {
                offer.listing_id: quantities[offer.listing_id]
                for offer in offers
                if offer.told is None or offer.told.is_due(quantities[offer.listing_id], now)
            }
            versions = await tx.publications.begin(account, due, now) if due else {}
        skus = {offer.listing_id: offer.sku for offer in offers}
        compares = marketplace.capability.versions_stock
        rows = tuple(
            OfferedStock(
                listing_id=listing_id,
                sku=skus[listing_id],
                quantity=quantity,
                version=versions[listing_id] if compares else 0,
            )
            for listing_id, quantity in due.items()
        )
        last = offers[-1].listing_id if len(offers) == PAGE else None
        return _Page(rows=rows, versions=versions, seen=len(offers), after=last)

    async def _send(self, account: str, marketplace: Marketplace, page: _Page, jobs: dict[str, dict[str, int]]) -> int:
        """Send the rows of a page and note what became of each; return how many were refused.

        Rows that a job has still to take are put under it in `jobs`, with their versions.
        """
        results = await marketplace.publish_stock(page.rows)
        later = {result.listing_id: result.job for result in results if result.job}
        for listing_id, job in later.items():
            jobs.setdefault(job, {})[listing_id] = page.versions[listing_id]
        versions = {key: version for key, version in page.versions.items() if key not in later}
        return await self._settle(account, versions, {result.listing_id: result.code for result in results})

    async def _await_jobs(self, account: str, marketplace: Marketplace, jobs: dict[str, dict[str, int]]) -> int:
        """Ask for the results of jobs until all are there; the rows of one that takes too long are told once more."""
        failed = 0
        for _ in range(JOB_LOOKS):
            for job in sorted(jobs):
                results = await marketplace.stock_results(job)
                if results is not None:
                    versions = jobs.pop(job)
                    taken = dict.fromkeys(versions, "")
                    failed += await self._settle(
                        account, versions, taken | {row.listing_id: row.code for row in results}
                    )
            if not jobs:
                return failed
            beat(sorted(jobs))
            await self._context.pause(JOB_PAUSE.total_seconds())
        return failed + sum([await self._settle(account, versions, {}) for versions in jobs.values()])

    async def _settle(self, account: str, versions: Mapping[str, int], codes: Mapping[str, str]) -> int:
        """Note what became of rows, and return how many were not taken."""
        if not versions:
            return 0
        async with self._context.record.begin() as tx:
            await tx.publications.settle(account, versions, codes, self._context.now())
        return sum(codes.get(listing_id, "no-outcome") != "" for listing_id in versions)


async def offered_quantities(
    tx: Transaction, account: str, offers: tuple[ListingOffer, ...], now: datetime, until: datetime
) -> dict[str, int]:
    """Return what a channel may sell of each listing, with the goods that are expected `until` then."""
    kits = await tx.kits.load({offer.sku for offer in offers} - {""})
    goods = {offer.listing_id: _goods(offer, kits) for offer in offers}
    skus = sorted({part.sku for parts in goods.values() for part in parts})
    known = await tx.availability.of_channel(account, skus, now, until)
    promised = {one.sku: one.to_promise for one in known}
    return {listing_id: offered_units(parts, promised) for listing_id, parts in goods.items()}


def _may_be_told(channel: Channel) -> bool:
    return channel.mode is Mode.LIVE and not channel.paused


def _goods(offer: ListingOffer, kits: Kits) -> tuple[Component, ...]:
    """Return what one of a listing is made of; nothing when it means nothing, or nothing that can be picked."""
    if not offer.sku:
        return ()
    try:
        return explode(offer.sku, offer.units, kits)
    except Refused:
        return ()


def _sweep_is_due(progress: Progress, policy: Policy, now: datetime) -> bool:
    if not progress.since or progress.swept_at is None or progress.swept < progress.wanted:
        return True
    return now - progress.swept_at >= policy.sweep_offers_every
