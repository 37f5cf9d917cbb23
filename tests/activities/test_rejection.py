"""A location says no: what leaves the books, who is asked next, and what cannot be meant is set aside."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest

from activities.context import Context
from activities.fact import apply_message
from activities.review import review
from activities.steps import Review, ReviewRequest
from activities.waking import Waking
from domain.facts import Fact, LinesRejected, RejectedLine, RejectReason
from domain.fulfillment import Stage
from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.sourcing import SourcingPolicy
from domain.waits import date_cause
from tests.activities.test_sourcing import Staff
from tests.builders import BERLIN, NOW, TEA, channel_line, channel_order, movement, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import quantities_of, receive, record_order, seed_catalog, walk
from tests.stores.waiting_room import Clock, context_of

ORDER, PART = "shop/1001", "shop/1001/F1"
WAITS_FOR_STOCK = f"stock:{TEA}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def context(clock: Clock) -> Context:
    """A world in which one place has five units, and works on an order of three."""
    record = FakeRecord()
    await seed_catalog(record)
    await receive(record, 5)
    await record_order(record, channel_order(channel_line(quantity=3)))
    context = context_of(record, clock)
    assert (await look(context)).planned == 1
    await walk(record, PART, Stage.RELEASED)
    return context


async def look(context: Context) -> Review:
    return await review(context, ReviewRequest(order_id=ORDER))


def no(units: int, reason: RejectReason = "damaged", line_id: str = "1", sku: str = "") -> LinesRejected:
    row = RejectedLine(line_id=line_id, quantity=units, reason=reason, sku=sku)
    return LinesRejected(fulfillment_id=PART, lines=(row,))


async def tell(context: Context, fact: Fact, number: int = 1) -> str:
    """Let the place say something in a message of its own; return why it was set aside, if it was."""
    message = received(str(number).encode(), source="hook", party=BERLIN)
    async with context.record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), NOW)
    assert inbox_id
    row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
    return await apply_message(Context(context.record, cast("Parties", Staff(fact)), Policy(), context.now), row)


async def test_each_rejection_of_a_line_takes_its_own_units_off_the_books(context: Context) -> None:
    for number in (1, 2):
        assert await tell(context, no(1), number) == ""
    assert await quantities_of(context.record) == (3, 1)
    assert await tell(context, no(1, "not_found"), 3) == ""
    assert await quantities_of(context.record) == (0, 0)


@pytest.mark.parametrize("fact", [no(1, line_id="of-another"), no(1, sku="MUG-1")])
async def test_what_is_not_in_the_part_is_set_aside_and_changes_nothing(context: Context, fact: LinesRejected) -> None:
    both = fact.model_copy(update={"lines": (*no(1).lines, *fact.lines)})
    assert await tell(context, both) == "not-in-this-part"
    assert await quantities_of(context.record) == (5, 3)


@pytest.mark.parametrize("stage", [Stage.LABELLED, Stage.HANDED_OVER])
async def test_a_no_that_comes_after_the_label_is_set_aside_where_people_see_it(context: Context, stage: Stage) -> None:
    await walk(context.record, PART, stage)
    before = await quantities_of(context.record)
    assert await tell(context, no(1)) == "too-late-to-reject"
    assert await quantities_of(context.record) == before


async def test_a_no_to_what_was_taken_away_before_is_done_with(context: Context) -> None:
    await walk(context.record, PART, Stage.CANCELLING)
    assert await tell(context, no(1)) == ""
    assert await quantities_of(context.record) == (5, 3)


@pytest.mark.parametrize(("reason", "hours"), [("too_busy", 1), ("not_found", 24), ("damaged", 24)])
async def test_the_only_place_that_has_the_goods_is_asked_again_by_itself_after_its_no(
    context: Context, clock: Clock, reason: RejectReason, hours: int
) -> None:
    assert await tell(context, no(3, reason)) == ""
    await receive(context.record, 3)
    again = NOW + timedelta(hours=hours)
    seen = await look(context)
    assert (seen.planned, seen.waits_for) == (0, (date_cause(again), WAITS_FOR_STOCK))
    clock.moment = again
    async with context.record.begin() as tx:
        (cause,) = await tx.promises.dates_come(clock.moment, 10)
        await tx.waits.clear(cause, clock.moment)
    await Waking(context).go_round()
    assert (await look(context)).waits_for == ()
    async with context.record.begin() as tx:
        assert (await tx.fulfillments.load("shop/1001/F2")).location == BERLIN


@pytest.mark.parametrize(("reason", "moves"), [("not_found", True), ("damaged", True), ("too_busy", False)])
async def test_goods_that_come_to_the_place_after_its_no_let_the_order_go_at_once(
    context: Context, clock: Clock, reason: RejectReason, *, moves: bool
) -> None:
    assert await tell(context, no(3, reason)) == ""
    await look(context)
    clock.moment += timedelta(minutes=1)
    async with context.record.begin() as tx:
        await tx.waits.clear(WAITS_FOR_STOCK, clock.moment)
        await tx.stock.move(movement(3), clock.moment)
    await Waking(context).go_round()
    assert ((await look(context)).waits_for == ()) is moves


async def test_a_place_is_never_asked_again_at_once_whatever_the_policy_says(context: Context) -> None:
    async with context.record.begin() as tx:
        await tx.sourcing.add_policy(SourcingPolicy(busy_minutes=0, full_minutes=10), "ops", "", NOW)
    assert await tell(context, no(3, "too_busy")) == ""
    seen = await look(context)
    assert (seen.planned, seen.waits_for[0]) == (0, date_cause(NOW + timedelta(minutes=10)))
