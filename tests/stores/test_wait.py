"""Waits, causes and their events, in both records."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.errors import NotFound
from domain.ports.stores import Record
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait
from tests.builders import NOW, channel_order
from tests.stores.scenes import load, record_order

TEA_CAUSE, MUG_CAUSE = "stock:TEA-1", "stock:MUG-1"
LATER = NOW + timedelta(hours=1)


async def test_a_wait_says_who_waits_for_what_since_when_and_why(record: Record) -> None:
    order_id = await record_order(record)
    ticket = await _rewrite(record, order_id, {TEA_CAUSE: "short"})
    wanted = Wait(order_id=order_id, scope="", cause=TEA_CAUSE, ticket=ticket, code="short", since=NOW)
    assert await _of_order(record, order_id) == (wanted,)
    assert (await load(record, order_id)).ticket == ticket


async def test_a_rewrite_replaces_the_waits_of_its_scope(record: Record) -> None:
    order_id = await record_order(record)
    await _rewrite(record, order_id, {TEA_CAUSE: "", "hold:fraud": ""})
    await _rewrite(record, order_id, {MUG_CAUSE: ""})
    assert [wait.cause for wait in await _of_order(record, order_id)] == [MUG_CAUSE]


async def test_a_rewrite_leaves_other_scopes_and_other_orders_alone(record: Record) -> None:
    first = await record_order(record)
    second = await record_order(record, channel_order(channel_order_id="1002"))
    await _rewrite(record, first, {"staff:F1": ""}, scope=f"{first}/F1")
    await _rewrite(record, second, {TEA_CAUSE: ""})
    await _rewrite(record, first, {TEA_CAUSE: ""})
    await _rewrite(record, first, {})
    assert [wait.scope for wait in await _of_order(record, first)] == [f"{first}/F1"]
    assert [wait.cause for wait in await _of_order(record, second)] == [TEA_CAUSE]


async def test_every_rewrite_has_a_greater_ticket_than_all_before(record: Record) -> None:
    order_id = await record_order(record)
    tickets = [
        await _rewrite(record, order_id, {TEA_CAUSE: ""}),
        await _rewrite(record, order_id, {TEA_CAUSE: ""}),
        await _rewrite(record, order_id, {"staff:F1": ""}, scope=f"{order_id}/F1"),
        await _rewrite(record, order_id, {MUG_CAUSE: "", TEA_CAUSE: ""}),
    ]
    assert tickets == sorted(set(tickets))
    assert {wait.ticket for wait in await _of_order(record, order_id) if not wait.scope} == {tickets[-1]}


async def test_a_rewrite_without_causes_ends_the_waits_and_names_the_greatest_ticket(record: Record) -> None:
    order_id = await record_order(record)
    assert await _rewrite(record, order_id, {}) == 0
    await _rewrite(record, order_id, {TEA_CAUSE: ""})
    ticket = await _rewrite(record, order_id, {"staff:F1": ""}, scope=f"{order_id}/F1")
    assert await _rewrite(record, order_id, {}) == ticket
    assert [wait.scope for wait in await _of_order(record, order_id)] == [f"{order_id}/F1"]
    assert (await load(record, order_id)).ticket == ticket


async def test_tickets_keep_growing_after_all_waits_have_ended(record: Record) -> None:
    order_id = await record_order(record)
    first = await _rewrite(record, order_id, {TEA_CAUSE: ""})
    await _rewrite(record, order_id, {})
    assert await _rewrite(record, order_id, {TEA_CAUSE: ""}) > first


async def test_a_cause_that_was_waited_for_before_keeps_its_since(record: Record) -> None:
    order_id = await record_order(record)
    await _rewrite(record, order_id, {TEA_CAUSE: "short"})
    await _rewrite(record, order_id, {TEA_CAUSE: "shorter", MUG_CAUSE: "short"}, now=LATER)
    waits = {wait.cause: (wait.since, wait.code) for wait in await _of_order(record, order_id)}
    assert waits == {TEA_CAUSE: (NOW, "shorter"), MUG_CAUSE: (LATER, "short")}


async def test_a_cause_that_comes_back_is_waited_for_anew(record: Record) -> None:
    order_id = await record_order(record)
    await _rewrite(record, order_id, {TEA_CAUSE: ""})
    await _rewrite(record, order_id, {})
    await _rewrite(record, order_id, {TEA_CAUSE: ""}, now=LATER)
    assert [wait.since for wait in await _of_order(record, order_id)] == [LATER]


async def test_an_order_that_waits_for_nothing_has_no_waits(record: Record) -> None:
    assert await _of_order(record, await record_order(record)) == ()


async def test_only_a_wait_of_the_order_as_a_whole_makes_it_waiting(record: Record) -> None:
    order_id = await record_order(record)
    seen: list[bool] = []
    for scope, causes in ((f"{order_id}/F1", {TEA_CAUSE: ""}), ("", {TEA_CAUSE: ""}), ("", {})):
        await _rewrite(record, order_id, causes, scope=scope)
        seen.append((await load(record, order_id)).waiting)
    assert seen == [False, True, False]


async def test_locking_causes_in_any_order_never_deadlocks(record: Record) -> None:
    causes = [f"stock:{number}" for number in range(6)]

    async def lock(wanted: list[str]) -> None:
        async with record.begin() as tx:
            await tx.waits.lock_causes(wanted)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(lock(causes[:: 1 - 2 * (number % 2)]) for number in range(10)))


async def test_a_cause_that_nobody_knew_can_be_locked_twice(record: Record) -> None:
    for _ in range(2):
        async with record.begin() as tx:
            await tx.waits.lock_causes([TEA_CAUSE, TEA_CAUSE])
            await tx.waits.lock_causes([])


async def test_a_cleared_cause_is_an_open_event(record: Record) -> None:
    await _clear(record, TEA_CAUSE)
    (event,) = await _events(record)
    assert event.cause == TEA_CAUSE


async def test_events_come_oldest_first_and_in_pages(record: Record) -> None:
    for cause in ("stock:c", "stock:a", "stock:b"):
        await _clear(record, cause)
    assert [event.cause for event in await _events(record)] == ["stock:c", "stock:a", "stock:b"]
    page = await _events(record, 2)
    assert [event.cause for event in page] == ["stock:c", "stock:a"]
    assert [event.cause for event in await _events(record, 2, page[-1].event_id)] == ["stock:b"]


async def test_several_events_of_one_cause_are_one(record: Record) -> None:
    for cause in (TEA_CAUSE, MUG_CAUSE, TEA_CAUSE, TEA_CAUSE):
        await _clear(record, cause)
    assert sorted(event.cause for event in await _events(record)) == [MUG_CAUSE, TEA_CAUSE]


async def test_a_finished_event_and_all_earlier_ones_of_its_cause_are_done(record: Record) -> None:
    for cause in (TEA_CAUSE, MUG_CAUSE, TEA_CAUSE):
        await _clear(record, cause)
    tea = next(event for event in await _events(record) if event.cause == TEA_CAUSE)
    await _finish(record, tea)
    assert [event.cause for event in await _events(record)] == [MUG_CAUSE]


async def test_what_was_cleared_after_an_event_was_taken_stays_open(record: Record) -> None:
    await _clear(record, TEA_CAUSE)
    (taken,) = await _events(record)
    await _clear(record, TEA_CAUSE)
    await _finish(record, taken)
    (later,) = await _events(record)
    assert later.event_id > taken.event_id
    await _finish(record, later)
    assert await _events(record) == ()


async def test_finishing_an_event_twice_is_harmless(record: Record) -> None:
    await _clear(record, TEA_CAUSE)
    (event,) = await _events(record)
    for _ in range(2):
        await _finish(record, event)
    assert await _events(record) == ()


async def test_a_cause_is_not_cleared_when_its_transaction_fails(record: Record) -> None:
    async def fail() -> None:
        async with record.begin() as tx:
            await tx.waits.clear(TEA_CAUSE, NOW)
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await fail()
    assert await _events(record) == ()


async def test_an_unknown_order_cannot_wait(record: Record) -> None:
    for causes in ({TEA_CAUSE: ""}, {}):
        with pytest.raises(NotFound):
            await _rewrite(record, "shop/none", causes)


async def _rewrite(
    record: Record, order_id: str, causes: dict[str, str], *, scope: str = "", now: datetime = NOW
) -> int:
    async with record.begin() as tx:
        return await tx.waits.rewrite(order_id, scope, causes, now)


async def _of_order(record: Record, order_id: str) -> tuple[Wait, ...]:
    async with record.begin() as tx:
        return await tx.waits.of_order(order_id)


async def _clear(record: Record, cause: str) -> None:
    async with record.begin() as tx:
        await tx.waits.clear(cause, NOW)


async def _events(record: Record, limit: int = 100, after: int = 0) -> tuple[CauseEvent, ...]:
    async with record.begin() as tx:
        return await tx.waits.next_events(limit, after)


async def _finish(record: Record, event: CauseEvent) -> None:
    async with record.begin() as tx:
        await tx.waits.finish(event)
