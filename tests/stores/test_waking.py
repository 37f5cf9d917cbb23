"""Waking, on both records: fair, in order, shared by any number of processes, and unharmed by the death of one."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from random import Random

import pytest

from activities import waking
from activities.context import Context
from activities.operator import OperatorActivities
from activities.review import review
from activities.steps import Review, ReviewRequest
from activities.waking import Waking
from domain.messages import AmendAddress, ReleaseHold, Woken, order_workflow_id
from domain.order import HoldReason
from domain.policy import Policy
from domain.ports.stores import Record, Transaction
from domain.waits import hold_cause
from tests.builders import ACCOUNT, MUG, NOW, TEA, address, channel_line, channel_order
from tests.stores.scenes import drain, quantities_of, record_order, seed_catalog, tellings
from tests.stores.waiting_room import (
    UNLIMITED,
    Clock,
    DiedError,
    MortalRecord,
    arrive,
    backorder,
    causes_of,
    context_of,
    map_listing,
    serve,
    unmapped,
    woken,
)

BOSS = {"actor": "boss", "reason": "it is settled"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(record: Record, clock: Clock) -> Context:
    return context_of(record, clock)


async def test_goods_for_ten_are_granted_to_the_ten_most_urgent(context: Context) -> None:
    urgency = Random(3).sample(range(20), 20)  # noqa: S311 - reproducible, not secret
    for hours in urgency:
        await backorder(context, f"{hours:02}", hours=hours)
    await arrive(context, 10)
    await serve(context)
    assert await woken(context) == [f"shop/{hours:02}" for hours in range(10)]
    assert await quantities_of(context.record) == (10, 10)


async def test_ten_thousand_who_wait_for_one_cause_delay_nobody_who_waits_for_another(context: Context) -> None:
    for number in range(20):
        await backorder(context, f"{number:02}")
    await backorder(context, "other", sku=MUG, hours=500)
    await arrive(context, 20)
    await arrive(context, 1, sku=MUG)
    assert await Waking(context, UNLIMITED).go_round() == 2
    served = await woken(context)
    assert "shop/other" in served
    assert len(served) < 20


async def test_more_causes_than_one_round_holds_all_have_their_turn(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "_CAUSES", 2)
    for number in range(5):
        await unmapped(context, str(number), listing=f"new-{number}")
    for number in range(5):
        await map_listing(context, f"new-{number}")
    allocator = Waking(context, UNLIMITED)
    await arrive(context, 5)
    for _ in range(6):
        await allocator.go_round()
    assert len(await woken(context)) == 5


async def test_no_more_set_out_at_once_than_the_window_lets(context: Context, clock: Clock) -> None:
    for number in range(6):
        await backorder(context, str(number), hours=number)
    await arrive(context, 6)
    allocator = Waking(context, 4)
    await allocator.go_round()
    going = asyncio.create_task(allocator.go_round())
    await asyncio.sleep(0.2)
    assert len(await woken(context)) == 4, "the next wait for those who set out"
    clock.moment += timedelta(seconds=6)
    await going
    assert len(await woken(context)) == 6, "who does not set out holds up the others for seconds only"


async def test_who_waited_goes_on_though_new_orders_never_leave_any_room(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "_BREATH", 0.01)
    await arrive(context, 1, sku=MUG)
    await record_order(context.record, channel_order(channel_line(sku=MUG), channel_order_id="new"))
    assert (await review(context, ReviewRequest(order_id="shop/new"))).planned == 1
    for number in ("1", "2"):
        await backorder(context, number, hours=int(number))
    await arrive(context, 2)
    allocator = Waking(context, 1)
    for turn in (["shop/1"], ["shop/1", "shop/2"]):
        await allocator.go_round()
        assert await woken(context) == turn


async def test_what_arrives_and_nobody_waits_for_takes_no_turn(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "_CAUSES", 1)
    await arrive(context, 1, sku=MUG)
    await backorder(context, "1")
    await arrive(context, 1)
    await Waking(context, UNLIMITED).go_round()
    assert await woken(context) == ["shop/1"]


async def test_a_part_that_a_hold_kept_sets_out_when_it_ends_though_the_rest_of_its_order_waits_on(
    context: Context,
) -> None:
    lines = (channel_line("a", sku=TEA), channel_line("b", sku=MUG))
    order_id = await record_order(context.record, channel_order(*lines))
    await arrive(context, 1)
    first = await review(context, ReviewRequest(order_id=order_id))
    assert (first.planned, first.waits_for) == (1, (f"stock:{MUG}",))
    await serve(context)
    barrier = hold_cause(HoldReason.RESTRICTED, order_id)
    async with context.record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {barrier: "barred"}, NOW)
        await tx.waits.clear(barrier, NOW)
    await drain(context.record)
    await serve(context)
    assert await causes_of(context, "1001") == [f"stock:{MUG}"]
    assert await woken(context) == [order_id]


async def test_a_mapping_wakes_whom_there_are_goods_for_and_tells_the_others_nothing(context: Context) -> None:
    tickets = [(await unmapped(context, number, hours=int(number))).ticket for number in ("1", "2")]
    await arrive(context, 1)
    await map_listing(context, "new")
    await serve(context)
    assert await woken(context) == ["shop/1"]
    assert await causes_of(context, "2") == [f"stock:{TEA}"]
    await drain(context.record)
    await arrive(context, 1)
    await serve(context)
    (told,) = await tellings(context.record)
    assert told.workflow_id == order_workflow_id("shop/2")
    assert Woken.model_validate_json(told.payload).ticket >= tickets[1]


async def test_an_order_that_is_granted_in_part_waits_on_for_the_rest(context: Context) -> None:
    lines = (channel_line("a", sku=TEA), channel_line("b", sku=MUG))
    await record_order(context.record, channel_order(*lines, channel_order_id="both"), match=False)
    await review(context, ReviewRequest(order_id="shop/both"))
    await arrive(context, 1)
    await serve(context)
    assert await woken(context) == ["shop/both"]
    assert await causes_of(context, "both") == [f"stock:{MUG}"]


async def test_an_order_with_nothing_left_to_wait_for_is_told_so(context: Context) -> None:
    await backorder(context, "1")
    async with context.record.begin() as tx:
        await tx.orders.count_cancelled("shop/1", {"1": 1}, told=True)
    await arrive(context, 1)
    await serve(context)
    assert await woken(context) == ["shop/1"]


async def test_a_large_order_is_served_first_as_soon_as_enough_arrives(context: Context) -> None:
    await backorder(context, "large", units=5, hours=1)
    await backorder(context, "small", units=1, hours=2)
    await arrive(context, 3)
    await serve(context)
    assert await woken(context) == ["shop/small"]
    await drain(context.record)
    await backorder(context, "later", units=3, hours=3)
    await arrive(context, 3)
    await serve(context)
    assert await woken(context) == ["shop/large"]


async def test_who_cannot_be_served_is_looked_at_once_an_event(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    async def look(tx: Transaction, request: ReviewRequest, policy: Policy, now: datetime, *, asks: bool) -> Review:
        looked_at.append(request.order_id)
        return await review_in(tx, request, policy, now, asks=asks)

    for number in range(3):
        await unmapped(context, str(number))
    review_in = waking.review_in
    monkeypatch.setattr(waking, "review_in", look)
    for _ in range(2):
        async with context.record.begin() as tx:
            await tx.waits.clear(f"sku:{ACCOUNT}:new", NOW)
        await serve(context)
    assert sorted(looked_at) == sorted(["shop/0", "shop/1", "shop/2"] * 2)
    assert await woken(context) == []


async def test_an_order_that_cannot_be_reviewed_stops_nobody_behind_it(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look(tx: Transaction, request: ReviewRequest, policy: Policy, now: datetime, *, asks: bool) -> Review:
        if request.order_id == "shop/1":
            raise ZeroDivisionError
        return await review_in(tx, request, policy, now, asks=asks)

    for number in ("1", "2"):
        await backorder(context, number, hours=int(number))
    review_in = waking.review_in
    monkeypatch.setattr(waking, "review_in", look)
    await arrive(context, 1)
    await serve(context)
    assert await woken(context) == ["shop/2"]
    assert await causes_of(context, "1") == [f"stock:{TEA}"]


async def test_two_allocators_share_the_work_and_do_nothing_twice(context: Context) -> None:
    for number in range(30):
        await backorder(context, f"{number:02}", hours=number)
    await arrive(context, 30)
    await asyncio.gather(serve(context), serve(context))
    assert await woken(context) == [f"shop/{number:02}" for number in range(30)]
    assert await quantities_of(context.record) == (30, 30)


@pytest.mark.parametrize("seed", range(5))
async def test_whoever_serves_may_die_at_any_point_and_the_next_goes_on_behind_it(context: Context, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - reproducible, not secret
    for number in range(12):
        await backorder(context, f"{number:02}", hours=number)
    await arrive(context, 12)
    for _ in range(4):
        mortal = context_of(MortalRecord(context.record, chance.randint(1, 12)))
        with pytest.raises(DiedError):
            await serve(mortal)
    await serve(context)
    assert await woken(context) == [f"shop/{number:02}" for number in range(12)]
    assert await quantities_of(context.record) == (12, 12)


@pytest.mark.stack
async def test_an_order_that_somebody_holds_is_served_when_he_lets_go(postgres_record: Record) -> None:
    await seed_catalog(postgres_record)
    context = context_of(postgres_record)
    for number in ("1", "2"):
        await backorder(context, number, hours=int(number))
    await arrive(context, 2)
    async with postgres_record.begin() as tx:
        await tx.orders.load("shop/1", lock=True)
        await Waking(context, UNLIMITED).go_round()
        assert await woken(context) == ["shop/2"]
    await serve(context)
    assert await woken(context) == ["shop/1", "shop/2"]


async def test_a_hold_whose_release_was_not_answered_wakes_its_order_when_it_is_released_again(
    context: Context,
) -> None:
    await record_order(context.record, channel_order(channel_order_id="1"), match=False)
    async with context.record.begin() as tx:
        await tx.orders.place_hold("shop/1", HoldReason.OPERATOR, "boss", NOW)
    waiting = await review(context, ReviewRequest(order_id="shop/1"))
    verb = ReleaseHold(**BOSS, hold=HoldReason.OPERATOR)
    operator = OperatorActivities(context)
    for done in (True, False):
        answer = await operator.release_hold("shop/1", verb)
        assert (answer.done, answer.review) == (done, True)
        assert answer.ticket >= waiting.ticket > 0


async def test_an_address_whose_amendment_was_not_answered_wakes_its_order_all_the_same(context: Context) -> None:
    await record_order(context.record, channel_order(channel_order_id="1"))
    async with context.record.begin() as tx:
        version = await tx.vault.propose_address("shop/1", address(city="Bremen"))
        ticket = await tx.waits.rewrite("shop/1", "shop/1/F1/step", {"address:shop/1": "no-such-street"}, NOW)
    operator = OperatorActivities(context)
    for _ in range(2):
        answer = await operator.amend_address("shop/1", AmendAddress(**BOSS, version=version))
        assert answer.done
        assert answer.ticket >= ticket
