"""Sourcing as a review does it: what it records, what it waits for, and what a location's no changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import pytest

from activities.context import Context
from activities.fact import apply_message
from activities.review import review
from activities.steps import Review, ReviewRequest
from domain.facts import Fact, LinesRejected, RejectedLine, RejectReason
from domain.fulfillment import Fulfillment, Stage
from domain.fulfillment_plan import Verdict
from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores import Record
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.routing import explain
from domain.snapshot import Doubt
from domain.sourcing import ChannelTerms, SourcingPolicy, SourcingRule
from domain.waits import SOURCING_POLICY
from tests.builders import ACCOUNT, BERLIN, MUG, MUNICH, NOW, TEA, channel_line, channel_order, location, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import SHOP, load_line, quantities_of, receive, record_order, seed_catalog, walk

ORDER = "shop/1001"
HOUR = timedelta(hours=1)
NOT_ALLOWED = "carrier-not-allowed"


@dataclass
class Staff:
    """People who say one thing."""

    fact: Fact

    async def webhooks(self, party: str) -> Staff:
        del party
        return self

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        del body
        return (self.fact,)


@pytest.fixture
async def record() -> Record:
    made = FakeRecord()
    await seed_catalog(made)
    return made


def context(record: Record, after: timedelta = timedelta(), parties: object = None) -> Context:
    return Context(record, cast("Parties", parties), Policy(), lambda: NOW + after)


async def look(record: Record, after: timedelta = timedelta()) -> Review:
    return await review(context(record, after=after), ReviewRequest(order_id=ORDER))


async def load_part(record: Record) -> Fulfillment:
    async with record.begin() as tx:
        return await tx.fulfillments.load(f"{ORDER}/F1")


async def save(record: Record, code: str, **changes: object) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_location(location(code, **changes))


async def reject(record: Record, reason: RejectReason, units: int) -> None:
    """Let the location of the first part say no."""
    line = RejectedLine(line_id="1", quantity=units, reason=reason)
    staff = Staff(LinesRejected(fulfillment_id=f"{ORDER}/F1", lines=(line,)))
    message = received(reason.encode(), source="hook", party=BERLIN)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), NOW)
    assert inbox_id
    row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
    assert await apply_message(context(record, parties=staff), row) == ""


async def test_what_was_planned_is_recorded_and_says_its_reasons(record: Record) -> None:
    await receive(record, 5)
    await record_order(record)
    assert (await look(record)).planned == 1
    async with record.begin() as tx:
        (decision,) = await tx.sourcing.decisions(ORDER)
    assert [(part.location, part.quantity) for part in decision.plan.parts] == [(BERLIN, 1)]
    assert [(why.location, why.verdict) for why in explain(decision.snapshot, decision.plan)] == [
        (BERLIN, Verdict.CHOSEN), (MUNICH, Verdict.FILTERED),
    ]  # fmt: skip
    assert decision.snapshot.country == "DE"
    assert "Ada" not in decision.model_dump_json()


async def test_an_order_waits_for_a_closed_location_that_has_its_goods(record: Record) -> None:
    await receive(record, 5)
    await save(record, BERLIN, open=False)
    await record_order(record)
    assert (await look(record)).waits_for == (f"location:{BERLIN}", f"stock:{TEA}")
    await save(record, BERLIN)
    assert (await look(record)).planned == 1


async def test_an_order_waits_for_a_full_location_and_looks_again_after_a_while(record: Record) -> None:
    await receive(record, 50)
    await save(record, BERLIN, daily_capacity=1)
    for number in range(3):
        await record_order(record, channel_order(channel_order_id=f"{number}"))
        assert (await review(context(record), ReviewRequest(order_id=f"shop/{number}"))).planned == 1
    await record_order(record)
    assert (await look(record)).waits_for == ("date:2026-01-05T12:15:00Z", f"location:{BERLIN}", f"stock:{TEA}")


async def test_an_order_waits_for_a_policy_that_lets_some_place_serve_it(record: Record) -> None:
    await receive(record, 5)
    strict = SourcingPolicy(rules=(SourcingRule(name="south", only=(MUNICH,)),))
    async with record.begin() as tx:
        await tx.sourcing.add_policy(strict, "ops", "", NOW)
        await tx.sourcing.add_policy(SourcingPolicy(), "ops", "", NOW + HOUR)
    await record_order(record)
    assert (await look(record)).waits_for == ("date:2026-01-05T13:00:00Z", "policy:sourcing", f"stock:{TEA}")
    assert (await look(record, HOUR)).planned == 1


async def test_an_order_that_may_not_be_split_waits_for_a_policy_that_lets_it(record: Record) -> None:
    await receive(record, 5)
    await receive(record, 5, MUG, MUNICH)
    whole = SourcingPolicy(channels={ACCOUNT: ChannelTerms(may_split=False)})
    async with record.begin() as tx:
        await tx.sourcing.add_policy(whole, "ops", "", NOW)
    await record_order(record, channel_order(channel_line("1"), channel_line("2", sku=MUG)))
    assert SOURCING_POLICY in (await look(record)).waits_for
    async with record.begin() as tx:
        await tx.sourcing.add_policy(SourcingPolicy(), "ops", "", NOW)
    assert (await look(record)).planned == 2


async def test_an_order_waits_until_a_location_opens_again(record: Record) -> None:
    await receive(record, 5)
    await save(record, BERLIN, closed_until=NOW + HOUR)
    await record_order(record)
    assert (await look(record)).waits_for == ("date:2026-01-05T13:00:00Z", f"location:{BERLIN}", f"stock:{TEA}")
    assert (await look(record, HOUR)).planned == 1


@pytest.mark.parametrize("says", ["policy", "channel"])
async def test_an_order_waits_for_a_channel_that_takes_a_carrier_of_some_place(record: Record, says: str) -> None:
    await receive(record, 5)
    shy = SourcingPolicy(channels={ACCOUNT: ChannelTerms(carriers=("slow",))}) if says == "policy" else SourcingPolicy()
    async with record.begin() as tx:
        await tx.sourcing.add_policy(shy, "ops", "", NOW)
        await tx.catalog.save_channel(SHOP.model_copy(update={"carriers": ("slow",) if says == "channel" else ()}))
    await record_order(record)
    assert (await look(record)).waits_for == ("policy:sourcing", f"stock:{TEA}")
    async with record.begin() as tx:
        assert {wait.cause: wait.code for wait in await tx.waits.of_order(ORDER)}["policy:sourcing"] == NOT_ALLOWED
    await save(record, MUNICH, carrier="slow")
    await receive(record, 5, place=MUNICH)
    assert (await look(record)).planned == 1
    assert (await load_part(record)).location == MUNICH


async def test_where_the_channel_sells_its_labels_it_is_the_carrier_of_every_place(record: Record) -> None:
    await receive(record, 5)
    async with record.begin() as tx:
        await tx.catalog.save_channel(SHOP.model_copy(update={"sells_labels": True}))
    await record_order(record)
    assert (await look(record)).planned == 1
    assert (await load_part(record)).carrier == ACCOUNT


@pytest.mark.parametrize(
    ("reason", "not_found", "left", "doubted"),
    [
        ("not_found", "shelf", 0, TEA),
        ("not_found", "units", 3, TEA),
        ("damaged", "shelf", 3, None),
        ("too_busy", "shelf", 5, ""),
    ],
)
async def test_the_reason_of_a_rejection_decides_what_lies_there_and_whether_it_comes_last(
    record: Record, reason: RejectReason, not_found: str, left: int, doubted: str | None
) -> None:
    await receive(record, 5)
    await receive(record, 5, place=MUNICH)
    async with record.begin() as tx:
        await tx.sourcing.add_policy(SourcingPolicy.model_validate({"not_found": not_found}), "ops", "", NOW)
    await record_order(record, channel_order(channel_line(quantity=2)))
    await look(record)
    await walk(record, f"{ORDER}/F1", Stage.RELEASED)
    await reject(record, reason, 2)
    assert await quantities_of(record) == (left, 0)
    async with record.begin() as tx:
        assert [doubt.sku for doubt in (await tx.sourcing.read(NOW)).doubts] == ([] if doubted is None else [doubted])
    assert (await load_line(record, ORDER)).open == 2
    assert (await look(record)).planned == 1
    assert await quantities_of(record, place=MUNICH) == (5, 2)


async def test_a_doubted_location_is_asked_when_nobody_else_has_the_goods(record: Record) -> None:
    await receive(record, 5)
    async with record.begin() as tx:
        await tx.sourcing.doubt(Doubt(location=BERLIN, until=NOW + HOUR))
    await record_order(record)
    assert (await look(record)).planned == 1


async def test_other_orders_go_elsewhere_while_a_location_is_doubted(record: Record) -> None:
    for place in (BERLIN, MUNICH):
        await receive(record, 5, place=place)
    async with record.begin() as tx:
        await tx.sourcing.doubt(Doubt(location=BERLIN, sku=TEA, until=NOW + HOUR))
    await record_order(record)
    await look(record)
    assert await quantities_of(record, place=MUNICH) == (5, 1)
