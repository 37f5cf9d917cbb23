"""A channel shows what may be sold: changes only, absolute, row by row, and never an older number over a newer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from activities.context import Context
from activities.publishing import JOB_PAUSE, PublishActivities, PublishResult
from adapters.http import make_client
from adapters.marketplaces.sandbox import MANIFEST
from adapters.marketplaces.sandbox.adapter import SandboxMarketplace
from domain.errors import Unavailable
from domain.kit import KitPart
from domain.listing import Listing
from domain.messages import PullStart
from domain.policy import Policy
from domain.ports.marketplace import OfferedStock, StockResult
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from domain.publication import Publication, PublicationState
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.builders import BERLIN, MUG, MUNICH, NOW, TEA, channel_line, channel_order, level, location, movement
from tests.fakes.record import FakeRecord
from tests.sandbox_world import SandboxWorld, Visitor, gateway, one_gateway, sandbox_world, visitor
from tests.stores.scenes import receive, record_order

__all__ = ["gateway", "one_gateway", "sandbox_world", "visitor"]

ACCOUNT = "sandbox-eu"
KETTLE, TEAPOT, UNKNOWN = "LST-KETTLE", "LST-TEAPOT", "LST-NOBODY"


class Broken(Exception):
    """The worker died."""


class Line:
    """The way to the marketplace, which may break after a request was executed, or keep one back."""

    def __init__(self, marketplace: SandboxMarketplace) -> None:
        self.marketplace, self.capability = marketplace, marketplace.capability
        self.sent: list[tuple[OfferedStock, ...]] = []
        self.breaks: Exception | None = None
        self.keeps_back = False
        self.job, self.runs_for = "", 0

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        self.sent.append(rows)
        if self.keeps_back:
            raise Broken
        told = await self.marketplace.publish_stock(rows)
        if self.breaks:
            raise self.breaks
        if self.job:
            self.results = tuple(row for row in told if row.code)
            return tuple(StockResult(listing_id=row.listing_id, job=self.job) for row in told)
        return told

    async def stock_results(self, job: str) -> tuple[StockResult, ...] | None:
        assert job == self.job
        self.runs_for -= 1
        return None if self.runs_for >= 0 else self.results


@dataclass
class Shop:
    """One channel of the sandbox, its record, and what was sent."""

    record: Record
    line: Line
    person: Visitor
    now: datetime = NOW
    policy: Policy = field(default_factory=Policy)

    async def publish(self) -> PublishResult:
        parties: Any = self
        context = Context(self.record, parties, self.policy, lambda: self.now, self.wait)
        return await PublishActivities(context).publish(PullStart(account=ACCOUNT))

    async def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def marketplace(self, account: str) -> Line:
        assert account == ACCOUNT
        return self.line

    def shown(self) -> dict[str, int]:
        """What the channel shows, as its journal has it."""
        return {entry["subject"]: entry.get("amount", 0) for entry in self.person.journal("stock.set")}

    async def told(self, listing: str) -> Publication:
        async with self.record.begin() as tx:
            offers = await tx.publications.offers(ACCOUNT, None, "", 100)
        return next(offer.told for offer in offers if offer.listing_id == listing and offer.told)


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def record(request: pytest.FixtureRequest) -> AsyncGenerator[Record]:
    if request.param == "fake":
        yield FakeRecord()
        return
    engine = create_engine(request.getfixturevalue("database_url"))
    yield PostgresRecord(engine, Cipher(bytes(32)))
    await engine.dispose()


@pytest.fixture
def quiet(visitor: Visitor) -> Visitor:
    visitor.put("/pace", paused=True)
    return visitor


@pytest.fixture
async def shop(record: Record, sandbox_world: SandboxWorld, quiet: Visitor) -> AsyncGenerator[Shop]:
    """A channel with a listing for tea and one for mugs, ten of tea on the shelf."""
    async with record.begin() as tx:
        await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="sandbox", settings="{}"))
        for code in (BERLIN, MUNICH):
            await tx.catalog.save_location(location(code))
        for sku in (TEA, MUG):
            await tx.catalog.save_sku(sku, sku, 100)
        means = [Listing(listing_id=KETTLE, sku=TEA), Listing(listing_id=TEAPOT, sku=MUG)]
        await tx.listings.save(ACCOUNT, means, "test", NOW)
    await receive(record, 10)
    client: httpx.AsyncClient
    async with make_client() as client:
        settings = MANIFEST.settings.model_validate({"base_url": sandbox_world.url, "account": ACCOUNT})
        yield Shop(record, Line(MANIFEST.factory(settings, client)), quiet)


async def test_the_channel_shows_what_may_be_sold_and_then_only_what_changes(shop: Shop) -> None:
    assert await shop.publish() == PublishResult(seen=2, sent=2)
    assert shop.shown() == {KETTLE: 10, TEAPOT: 0}
    assert (await shop.publish()).sent == 0
    await receive(shop.record, 5)
    await receive(shop.record, 2, place=MUNICH)
    assert (await shop.publish()).sent == 1
    assert shop.shown() == {KETTLE: 17, TEAPOT: 0}
    assert len(shop.person.journal("stock.set")) == 3


async def test_a_row_that_is_refused_does_not_lose_the_others(shop: Shop) -> None:
    async with shop.record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id=UNKNOWN, sku=TEA)], "test", NOW)
    assert await shop.publish() == PublishResult(seen=3, sent=3, failed=1)
    refused = await shop.told(UNKNOWN)
    assert (refused.state, refused.code, refused.taken) == (PublicationState.FAILED, "unknown-listing", None)
    assert (await shop.told(KETTLE)).taken == 10


async def test_a_refused_row_is_told_again_with_its_next_change_or_after_a_pause(shop: Shop) -> None:
    async with shop.record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id=UNKNOWN, sku=TEA)], "test", NOW)
    await shop.publish()
    assert (await shop.publish()).sent == 0
    shop.now += timedelta(minutes=2)
    assert (await shop.publish()).failed == 1
    await receive(shop.record, 1)
    assert (await shop.publish()).sent == 2


async def test_what_a_dying_worker_did_not_mark_is_told_again_and_harms_nothing(shop: Shop) -> None:
    shop.line.breaks = Broken()
    with pytest.raises(Broken):
        await shop.publish()
    shop.line.breaks = None
    assert (await shop.told(KETTLE)).state is PublicationState.SENDING
    assert (await shop.publish()).sent == 2
    assert shop.shown() == {KETTLE: 10, TEAPOT: 0}
    assert (await shop.told(KETTLE)).state is PublicationState.TAKEN


async def test_an_older_number_never_comes_over_a_newer_one(shop: Shop) -> None:
    shop.line.keeps_back = True
    with pytest.raises(Broken):
        await shop.publish()
    shop.line.keeps_back = False
    await receive(shop.record, 1)
    await shop.publish()
    late = await shop.line.marketplace.publish_stock(shop.line.sent[0])
    assert {row.code for row in late} == {"stale"}
    assert shop.shown()[KETTLE] == 11


async def test_what_became_of_an_older_telling_does_not_count(shop: Shop) -> None:
    async with shop.record.begin() as tx:
        older = await tx.publications.begin(ACCOUNT, {KETTLE: 10}, NOW)
        await tx.publications.begin(ACCOUNT, {KETTLE: 9}, NOW)
        await tx.publications.settle(ACCOUNT, older, {KETTLE: ""}, NOW)
    assert (await shop.told(KETTLE)).state is PublicationState.SENDING


async def test_a_channel_that_does_not_answer_is_told_later(shop: Shop) -> None:
    shop.line.breaks = Unavailable("down")
    with pytest.raises(Unavailable):
        await shop.publish()
    shop.line.breaks = None
    assert (await shop.publish()).sent == 2


async def test_a_paused_channel_is_told_nothing(shop: Shop) -> None:
    async with shop.record.begin() as tx:
        await tx.catalog.pause_channel(ACCOUNT, paused=True)
    assert await shop.publish() == PublishResult(paused=True)
    assert shop.line.sent == []


async def test_a_pack_and_a_kit_are_offered_as_often_as_they_are_whole(shop: Shop) -> None:
    await receive(shop.record, 3, MUG)
    async with shop.record.begin() as tx:
        await tx.catalog.save_sku("SET", "A set", 300)
        await tx.kits.save("SET", (KitPart(sku=TEA, units=2), KitPart(sku=MUG, units=1)), "test", NOW)
        await tx.listings.save(
            ACCOUNT,
            (Listing(listing_id=KETTLE, sku=TEA, units=6), Listing(listing_id=TEAPOT, sku="SET")),
            "test",
            NOW,
        )
    await shop.publish()
    assert shop.shown() == {KETTLE: 1, TEAPOT: 3}
    async with shop.record.begin() as tx:
        await tx.stock.move(movement(-6), NOW)
    await shop.publish()
    assert shop.shown() == {KETTLE: 0, TEAPOT: 2}


async def test_a_listing_that_means_nothing_any_more_is_offered_no_more(shop: Shop) -> None:
    await shop.publish()
    async with shop.record.begin() as tx:
        assert await tx.listings.end(ACCOUNT, KETTLE, NOW)
        await tx.publications.want_sweep()
    await shop.publish()
    assert shop.shown() == {KETTLE: 0, TEAPOT: 0}


async def test_what_is_set_aside_for_another_channel_is_not_offered(shop: Shop) -> None:
    async with shop.record.begin() as tx:
        await tx.catalog.save_channel(Channel(account="rival", adapter="sandbox", settings="{}"))
        await tx.availability.set_aside(TEA, "rival", {BERLIN: 4})
    await shop.publish()
    assert shop.shown()[KETTLE] == 6


async def test_what_an_order_waits_for_is_offered_to_nobody_else(shop: Shop) -> None:
    async with shop.record.begin() as tx:
        await tx.availability.cap_oversell(MUG, ACCOUNT, 5)
    await shop.publish()
    order_id = await record_order(shop.record, channel_order(channel_line("1", 4, MUG)))
    async with shop.record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {f"stock:{MUG}": "short"}, NOW)
    await shop.publish()
    assert shop.shown()[TEAPOT] == 1


async def test_goods_of_an_order_that_waits_for_another_reason_are_offered_to_nobody_else(shop: Shop) -> None:
    await shop.publish()
    order_id = await record_order(shop.record, channel_order(channel_line("1", 1, TEA)))
    async with shop.record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {f"location:{BERLIN}": "full"}, NOW)
    await shop.publish()
    assert shop.shown()[KETTLE] == 9


async def test_what_no_movement_tells_of_is_found_by_the_next_sweep(shop: Shop) -> None:
    await shop.publish()
    async with shop.record.begin() as tx:
        await tx.stock.keep_safety(TEA, BERLIN, 3)
        await tx.publications.want_sweep()
    await shop.publish()
    assert shop.shown()[KETTLE] == level(on_hand=10, safety=3).available


async def test_rows_that_a_job_takes_are_settled_by_its_result(shop: Shop) -> None:
    async with shop.record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id=UNKNOWN, sku=TEA)], "test", NOW)
    shop.line.job, shop.line.runs_for = "job-1", 2
    assert await shop.publish() == PublishResult(seen=3, sent=3, failed=1)
    assert (await shop.told(KETTLE)).state is PublicationState.TAKEN
    assert (await shop.told(UNKNOWN)).code == "unknown-listing"
    assert shop.now == NOW + 2 * JOB_PAUSE


async def test_rows_of_a_job_that_takes_too_long_are_told_once_more(shop: Shop) -> None:
    shop.line.job, shop.line.runs_for = "job-1", 1000
    assert await shop.publish() == PublishResult(seen=2, sent=2, failed=2)
    assert (await shop.told(KETTLE)).state is PublicationState.FAILED
    shop.line.job = ""
    shop.now += timedelta(hours=1)
    assert await shop.publish() == PublishResult(seen=2, sent=2)
