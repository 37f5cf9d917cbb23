"""The life of a kit and of a pack: matched, planned, partly cancelled, released, labelled, returned and restocked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.context import Context
from activities.fact import apply_message
from activities.fulfillment import FulfillmentActivities
from activities.operator import OperatorActivities
from activities.order import OrderActivities
from activities.returns import ReturnActivities
from activities.shipment import ShipmentActivities
from activities.steps import PartOf, Review, ReviewRequest
from adapters.unable import UnableCarrier
from domain.effect import Confirmed, Dedupe, DedupeClass, EffectKind, Outcome
from domain.facts import Fact, LinesRejected, RejectedLine
from domain.fulfillment import Stage
from domain.kit import KitPart
from domain.listing import Listing
from domain.messages import Cancel, ReturnStart
from domain.order import ChannelOrder
from domain.policy import Policy
from domain.ports.carrier import BuyLabel, Carrier
from domain.ports.location import LocationCapability, LocationSystem, ReleaseWork
from domain.ports.marketplace import Marketplace
from domain.ports.notifier import Notifier
from domain.ports.parties import Carriers
from domain.ports.stores import Record
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.returns import ReturnRequest
from domain.ports.webhook import WebhookReader
from domain.returns import Disposition, ReturnLine, ReturnState
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.invariants import violations
from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, BERLIN, MUG, NOW, TEA, channel_line, channel_order, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, quantities_of, receive, record_order, seed_catalog, walk

SET = "SET"
ORDER = "shop/1001"
FIRST, SECOND = f"{ORDER}/F1", f"{ORDER}/F2"
_REPEATABLE = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))


@dataclass
class Bench(UnableCarrier):
    """The location and the carrier of this life; they keep what they are asked, and do it."""

    work: list[ReleaseWork] = field(default_factory=list[ReleaseWork])
    labels: list[BuyLabel] = field(default_factory=list[BuyLabel])
    facts: tuple[Fact, ...] = ()

    @property
    def capability(self) -> LocationCapability:
        return LocationCapability(
            needs_hand=True, pickup=True, dedupe=dict.fromkeys((EffectKind.RELEASE, EffectKind.LABEL), _REPEATABLE)
        )

    async def release(self, write: ReleaseWork) -> Outcome:
        self.work.append(write)
        return Confirmed(remote_id=write.fulfillment_id)

    async def buy_label(self, write: BuyLabel) -> Outcome:
        self.labels.append(write)
        return Confirmed(remote_id=write.reference, tracking_number="T-1")

    async def find(self, write: object) -> Outcome:
        raise AssertionError(f"{write} was answered")

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        del body
        return self.facts


@dataclass
class BenchParties:
    """Every party is the bench, as far as this life asks it: hence the casts."""

    bench: Bench = field(default_factory=Bench)

    async def marketplace(self, account: str) -> Marketplace:
        raise AssertionError(account)

    def carrier(self, name: str) -> Carrier:
        del name
        return cast("Carrier", self.bench)

    async def carriers(self, account: str) -> Carriers:
        del account
        return self.carrier

    def location(self, system: str) -> LocationSystem:
        del system
        return cast("LocationSystem", self.bench)

    def notifier(self) -> Notifier:
        raise AssertionError

    async def webhooks(self, party: str) -> WebhookReader:
        del party
        return cast("WebhookReader", self.bench)


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of the database behind the record; empty for the one in memory."""
    return "" if request.param == "fake" else request.getfixturevalue("database_url")


@pytest.fixture
async def engine(url: str) -> AsyncGenerator[AsyncEngine | None]:
    made = create_engine(url) if url else None
    yield made
    if made is not None:
        await made.dispose()


@pytest.fixture
async def record(engine: AsyncEngine | None) -> Record:
    """A record in which a set is a tea (worth 3) and two mugs (worth 1 each), of which ten each lie in Berlin."""
    kept: Record = FakeRecord() if engine is None else PostgresRecord(engine, Cipher(bytes(32)))
    await seed_catalog(kept)
    for sku in (TEA, MUG):
        await receive(kept, 10, sku)
    async with kept.begin() as tx:
        await tx.catalog.save_sku(SET, "Tea for two", 0)
        await tx.kits.save(SET, (KitPart(sku=TEA, units=1, worth=3), KitPart(sku=MUG, units=2)), "kim", NOW)
        await tx.listings.save(
            ACCOUNT, [Listing(listing_id="L-SET", sku=SET), Listing(listing_id="L-SIX", sku=TEA, units=6)], "kim", NOW
        )
    return kept


def order() -> ChannelOrder:
    """Three sets at 10.01, and one pack of six teas."""
    return channel_order(
        channel_line("a", 3, sku="", listing_id="L-SET", unit_price=1001),
        channel_line("b", 1, sku="", listing_id="L-SIX", unit_price=600),
    )


def context(record: Record, bench: Bench) -> Context:
    return Context(record, BenchParties(bench), Policy(), lambda: NOW)


async def review(record: Record, bench: Bench) -> Review:
    return await OrderActivities(context(record, bench)).review(ReviewRequest(order_id=ORDER))


async def stock(record: Record) -> dict[str, tuple[int, int]]:
    """Return on hand and reserved, of teas and mugs in Berlin."""
    return {sku: await quantities_of(record, sku) for sku in (TEA, MUG)}


async def require_lawful(engine: AsyncEngine | None) -> None:
    assert engine is None or await violations(engine) == []


def made_of(kept: KeptOrder) -> dict[str, dict[str, tuple[int, int]]]:
    return {line.line_id: {own.sku: (own.units, own.share) for own in line.components} for line in kept.lines}


async def test_a_kit_and_a_pack_live_through_everything_in_whole_sets(
    record: Record, engine: AsyncEngine | None
) -> None:
    bench = Bench()
    await _plan(record, bench)
    await require_lawful(engine)
    await _cancel_one_set(record, bench)
    await _send(record, bench)
    await require_lawful(engine)
    back = await give_back(record, "a", 1)
    for _ in range(2):
        await ReturnActivities(context(record, bench)).settle_return(back)
    assert await stock(record) == {TEA: (3, 0), MUG: (8, 0)}
    async with record.begin() as tx:
        refunds = await tx.money.refunds(ORDER)
    assert sum(refund.amount for refund in refunds) == 2 * 1001
    await require_lawful(engine)


async def _plan(record: Record, bench: Bench) -> None:
    await record_order(record, order(), match=False)
    assert [course.location for course in (await review(record, bench)).courses] == [BERLIN]
    kept = await load(record, ORDER)
    assert made_of(kept) == {"a": {TEA: (1, 601), MUG: (2, 400)}, "b": {TEA: (6, 600)}}
    assert [(line.sku, line.matched_by, line.planned) for line in kept.lines] == [
        (SET, "listing", 3), (TEA, "listing", 1),
    ]  # fmt: skip
    assert await stock(record) == {TEA: (10, 9), MUG: (10, 6)}


async def _cancel_one_set(record: Record, bench: Bench) -> None:
    cancel = Cancel(quantities={"a": 1}, actor="kim", reason="one too many")
    assert (await OperatorActivities(context(record, bench)).cancel(ORDER, cancel)).done
    assert await stock(record) == {TEA: (10, 0), MUG: (10, 0)}
    await review(record, bench)
    assert await stock(record) == {TEA: (10, 8), MUG: (10, 4)}


async def _send(record: Record, bench: Bench) -> None:
    part = PartOf(order_id=ORDER, fulfillment_id=SECOND)
    await FulfillmentActivities(context(record, bench)).release(part)
    picks = [(line.line_id, line.sku, line.quantity, own.sku, own.units) for line in bench.work[0].lines
             for own in line.made_of]  # fmt: skip
    assert picks == [("a", SET, 2, MUG, 2), ("a", SET, 2, TEA, 1), ("b", TEA, 1, TEA, 6)]

    await walk(record, SECOND, Stage.PICKED)
    await ShipmentActivities(context(record, bench)).buy_label(part)
    assert bench.labels[0].weight_grams == (8 + 4) * 100
    async with record.begin() as tx:
        await tx.stock.ship(SECOND, NOW)
    await walk(record, SECOND, Stage.DELIVERED)
    assert await stock(record) == {TEA: (2, 0), MUG: (6, 0)}


async def give_back(record: Record, line_id: str, units: int) -> ReturnStart:
    """Let units of a line come back and be put on the shelf."""
    lines = (ReturnLine(line_id=line_id, sku=SET, quantity=units),)
    request = ReturnRequest(order_id=ORDER, key="r:1", course="label", lines=lines, location=BERLIN, reason="")
    async with record.begin() as tx:
        back = await tx.returns.open(request, NOW)
        for state in (ReturnState.AUTHORISED, ReturnState.RECEIVED, ReturnState.INSPECTED):
            await tx.returns.advance(back.return_id, state, NOW)
        await tx.returns.inspect(back.return_id, {line_id: {Disposition.RESTOCKED: units}})
    return ReturnStart(order_id=ORDER, return_id=back.return_id, account=ACCOUNT)


@pytest.mark.parametrize(
    ("rejected", "left", "on_hand"),
    [
        ([("a", 1, "damaged", MUG)], {"a": 2, "b": 1}, {TEA: 10, MUG: 9}),
        ([("a", 3, "damaged", MUG)], {"a": 1, "b": 1}, {TEA: 10, MUG: 7}),
        ([("a", 1, "damaged", "")], {"a": 2, "b": 1}, {TEA: 10, MUG: 10}),
        ([("b", 1, "damaged", "")], {"a": 3, "b": 0}, {TEA: 4, MUG: 10}),
        ([("b", 2, "damaged", TEA)], {"a": 3, "b": 0}, {TEA: 8, MUG: 10}),
        ([("a", 2, "too_busy", TEA)], {"a": 1, "b": 1}, {TEA: 10, MUG: 10}),
    ],
)
async def test_what_is_rejected_of_a_kit_takes_whole_sets_off_and_only_the_goods_that_are_gone(
    record: Record,
    engine: AsyncEngine | None,
    rejected: list[tuple[str, int, str, str]],
    left: dict[str, int],
    on_hand: dict[str, int],
) -> None:
    bench = Bench()
    await record_order(record, order(), match=False)
    await review(record, bench)
    await walk(record, FIRST, Stage.RELEASED)
    rows = [{"line_id": line, "quantity": units, "reason": why, "sku": sku} for line, units, why, sku in rejected]
    bench.facts = (LinesRejected(fulfillment_id=FIRST, lines=tuple(RejectedLine.model_validate(row) for row in rows)),)
    message = received(b"rejected", source="hook", party=BERLIN)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), NOW)
    assert inbox_id
    row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
    assert await apply_message(context(record, bench), row) == ""
    async with record.begin() as tx:
        part = await tx.fulfillments.load(FIRST)
    assert {line.line_id: line.quantity for line in part.lines} == left
    found = await stock(record)
    assert {sku: units for sku, (units, _) in found.items()} == on_hand
    held = {TEA: left["a"] + 6 * left["b"], MUG: 2 * left["a"]}
    assert {sku: units for sku, (_, units) in found.items()} == held
    await require_lawful(engine)


async def test_a_line_that_nobody_can_match_holds_itself_only_and_goes_on_when_an_alias_names_it(
    record: Record,
) -> None:
    bench = Bench()
    strange = channel_line("c", 2, sku="NEW-SET", listing_id="L-NEW")
    await record_order(record, channel_order(*order().lines, strange), match=False)
    seen = await review(record, bench)
    assert (seen.planned, seen.waits_for) == (1, (f"sku:{ACCOUNT}:L-NEW",))
    async with record.begin() as tx:
        await tx.kits.retire(MUG, retired=True)
        await tx.catalog.save_sku("NEW-SET", "Another set", 0)
        await tx.kits.save("NEW-SET", (KitPart(sku=TEA, units=1),), "kim", NOW)
        await tx.kits.retire("NEW-SET", retired=True)
        assert await tx.listings.wake(NOW) == 1
    assert (await review(record, bench)).waits_for == (f"sku:{ACCOUNT}:L-NEW",)
    async with record.begin() as tx:
        (wait,) = await tx.waits.of_order(ORDER)
        assert wait.code == "retired"
        await tx.kits.retire("NEW-SET", retired=False)
        assert await tx.listings.wake(NOW) == 1
    assert (await review(record, bench)).waits_for == (f"stock:{TEA}",)
