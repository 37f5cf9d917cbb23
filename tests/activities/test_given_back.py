"""Goods whose money a person gave back on the channel do not leave before somebody has looked, or the channel has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from activities.context import Context
from activities.observation import observe
from activities.operator import OperatorActivities
from activities.review import review
from activities.steps import Review, ReviewRequest
from domain.fulfillment import Stage
from domain.messages import Cancel, ReleaseHold
from domain.order import ChannelOrder, ChannelRefund, ChannelShipment, HoldReason, OrderState
from domain.policy import Policy
from tests.builders import NOW, channel_line, channel_order, fulfillment
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, load, receive, record_order, seed_catalog, walk

ORDER = "shop/1001"
BOTH = (channel_line("1", 2), channel_line("2"))
"""Two units of one line and one of another, at 10.00 each."""


@pytest.fixture
async def record() -> FakeRecord:
    record = FakeRecord()
    await seed_catalog(record)
    await receive(record, 10)
    return record


def given(*amounts: int, reference: str = "") -> tuple[ChannelRefund, ...]:
    return tuple(
        ChannelRefund(refund_id=f"R{number}", reference=reference, amount=amount)
        for number, amount in enumerate(amounts)
    )


def shown(*amounts: int, minutes: int = 0, lines: Any = BOTH, **changes: Any) -> ChannelOrder:
    """Return the order as the channel shows it some minutes later, with these refunds by hand."""
    seen = {"refunds": given(*amounts), "updated_at": NOW + timedelta(minutes=minutes)}
    return channel_order(*lines, **(seen | changes))


def context_of(record: FakeRecord) -> Context:
    parties: Any = None
    return Context(record, parties, Policy(), lambda: NOW)


async def see(record: FakeRecord, seen: ChannelOrder) -> None:
    async with record.begin() as tx:
        await observe(tx, await tx.orders.load(ORDER, lock=True), seen, NOW)


async def held_for(record: FakeRecord) -> list[HoldReason]:
    return [hold.reason for hold in (await load(record, ORDER)).holds]


async def look(record: FakeRecord, *finished: str) -> Review:
    return await review(context_of(record), ReviewRequest(order_id=ORDER, finished=finished))


async def causes(record: FakeRecord) -> list[str]:
    async with record.begin() as tx:
        return [wait.cause for wait in await tx.waits.of_order(ORDER)]


async def release(record: FakeRecord) -> None:
    verb = ReleaseHold(actor="ann", reason="a gift", hold=HoldReason.REFUNDED)
    assert (await OperatorActivities(context_of(record)).release_hold(ORDER, verb)).done


async def test_goods_that_are_not_paid_any_more_are_held_and_a_person_sees_why(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    await look(record)
    await see(record, shown(1000, 2000))
    assert await held_for(record) == [HoldReason.REFUNDED]
    assert (await look(record)).held
    assert await causes(record) == [f"hold:refunded:{ORDER}"]
    assert [(note.verb, note.actor) for note in record.state.audit.values()] == [("refunded", "channel")]


async def test_what_left_out_only_the_shipping_is_all_that_was_paid_for_goods(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH, shipping=500, total=3500, captured=3500))
    await see(record, shown(3000, shipping=500, total=3500, captured=3500))
    assert await held_for(record) == [HoldReason.REFUNDED]


async def test_a_part_of_the_money_without_lines_is_recorded_and_holds_nothing(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    await see(record, shown(1000))
    assert await held_for(record) == []
    assert (await load(record, ORDER)).refunding == 1000


@pytest.mark.parametrize(("units", "held"), [((2, 0), True), ((0, 1), True), ((1, 0), False)])
async def test_a_line_of_which_every_unit_was_refunded_is_held(
    record: FakeRecord, units: tuple[int, int], *, held: bool
) -> None:
    lines = (channel_line("1", 2, refunded=units[0]), channel_line("2", refunded=units[1]))
    await record_order(record, channel_order(*BOTH))
    await see(record, shown(sum(units) * 1000, lines=lines))
    assert await held_for(record) == [HoldReason.REFUNDED] * held


async def test_a_person_who_ships_anyway_is_not_asked_again(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    await see(record, shown(3000))
    assert not (await look(record)).settled
    await release(record)
    await see(record, shown(3000, minutes=5))
    assert await held_for(record) == []
    seen = await look(record)
    assert (seen.held, len(seen.courses)) == (False, 1)


@pytest.mark.parametrize("reason", [HoldReason.REFUNDED, HoldReason.OPERATOR])
async def test_a_person_who_cancels_what_is_held_closes_the_order(record: FakeRecord, reason: HoldReason) -> None:
    await record_order(record, channel_order(*BOTH))
    async with record.begin() as tx:
        await tx.orders.place_hold(ORDER, reason, "crossdock", NOW)
    await look(record)
    verb = Cancel(actor="ann", reason="refunded")
    assert (await OperatorActivities(context_of(record)).cancel(ORDER, verb)).done
    assert (await look(record)).tell_cancelled
    async with record.begin() as tx:
        await tx.orders.tell_cancelled(ORDER, {"1": 2, "2": 1})
    assert (await look(record)).settled is OrderState.CANCELLED
    assert await causes(record) == []


@pytest.mark.parametrize(
    "later",
    [
        shown(3000, minutes=5, cancelled=True),
        shown(3000, minutes=5, captured=6000),
        shown(minutes=5),
        shown(3000, minutes=5, shipments=(ChannelShipment(tracking_number="H", quantities={"1": 2, "2": 1}),)),
    ],
    ids=["cancelled", "paid again", "the refund failed", "shipped"],
)
async def test_it_goes_on_by_itself_when_the_channel_shows_otherwise(record: FakeRecord, later: ChannelOrder) -> None:
    await record_order(record, channel_order(*BOTH))
    await see(record, shown(3000))
    await look(record)
    await see(record, later)
    assert (await held_for(record), await causes(record)) == ([], [])


async def test_what_was_read_before_it_was_refunded_frees_nothing(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    await see(record, shown(3000, minutes=5))
    await see(record, shown())
    assert await held_for(record) == [HoldReason.REFUNDED]


async def test_goods_that_have_left_hold_nothing(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    part = await add_part(record, fulfillment(ORDER, quantities={"1": 2, "2": 1}))
    await walk(record, part, Stage.HANDED_OVER)
    await see(record, shown(3000))
    assert await held_for(record) == []


async def test_what_is_left_here_of_an_order_that_was_refunded_whole_is_held(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    part = await add_part(record, fulfillment(ORDER, quantities={"1": 2}))
    await walk(record, part, Stage.HANDED_OVER)
    await see(record, shown(2000, lines=(channel_line("1", 2, refunded=2), channel_line("2"))))
    assert await held_for(record) == []
    await see(record, shown(2000, 1000))
    assert await held_for(record) == [HoldReason.REFUNDED]


async def test_our_own_refunds_never_hold_however_the_channel_shows_them(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    async with record.begin() as tx:
        refund = await tx.money.reserve_refund(ORDER, "goodwill", 3000, "late", {})
    assert refund is not None
    await see(record, shown(refunds=given(3000, reference=f"refund:{refund.refund_id}#1")))
    assert await held_for(record) == []


async def test_our_own_refund_in_doubt_that_carries_no_reference_does_not_hold(record: FakeRecord) -> None:
    await record_order(record, channel_order(*BOTH))
    async with record.begin() as tx:
        assert await tx.money.reserve_refund(ORDER, "goodwill", 3000, "late", {})
    await see(record, shown(3000))
    assert await held_for(record) == []


async def test_a_channel_that_refunds_what_we_cancel_there_holds_nothing(record: FakeRecord) -> None:
    lines = (channel_line("1"), channel_line("2", unit_price=0))
    await record_order(record, channel_order(*lines))
    async with record.begin() as tx:
        await tx.orders.count_cancelled(ORDER, {"1": 1}, told=False)
    await see(record, shown(1000, lines=lines))
    assert await held_for(record) == []


async def test_an_order_that_was_refunded_before_it_was_known_is_held_from_the_start(record: FakeRecord) -> None:
    await record_order(record, shown(3000))
    await see(record, shown(3000))
    assert (await look(record)).held
