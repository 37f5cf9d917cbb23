"""The line of those who wait for one cause: who is next, who is passed over, and when an event is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.fulfillment import Stage
from domain.ports.stores import Record
from domain.ports.stores.wait import CauseEvent
from tests.builders import BERLIN, MUNICH, NOW, channel_line, channel_order, fulfillment, pickup_order
from tests.stores.scenes import add_part, receive, record_order, walk

LISTING, TEA_STOCK = "sku:shop:L1", "stock:TEA-1"


async def test_the_line_is_in_order_of_ship_by_then_of_order_id(record: Record) -> None:
    days = {"1001": None, "1002": 3, "1003": 1, "1004": 3, "1005": None, "1006": 2}
    for number, day in days.items():
        await _wait(record, number, {LISTING: 0}, day=day)
    event = await _clear(record, LISTING)
    assert await _line(record, event) == ["1003", "1006", "1002", "1004", "1001", "1005"]
    assert await _line(record, event, 2) == ["1003", "1006"]


async def test_an_order_stands_where_the_most_urgent_of_its_lines_does(record: Record) -> None:
    dates = {"1001": (None, (4, 2)), "1002": (3, (None, 5)), "1003": (1, (6, 7)), "1004": (None, (None, None))}
    for number, (day, days) in dates.items():
        lines = (channel_line(str(place), ship_by=_in(line_day)) for place, line_day in enumerate(days))
        await record_order(record, channel_order(*lines, channel_order_id=number, ship_by=_in(day)))
        await _rewrite(record, number, {LISTING: 0})
    assert await _line(record, await _clear(record, LISTING)) == ["1001", "1002", "1003", "1004"]


async def test_only_those_who_wait_for_the_cause_are_in_its_line(record: Record) -> None:
    await _wait(record, "1001", {LISTING: 0})
    await _wait(record, "1002", {"sku:shop:L2": 0})
    assert await _line(record, await _clear(record, LISTING)) == ["1001"]


async def test_who_was_called_up_is_called_up_again_only_by_a_later_event(record: Record) -> None:
    ticket = await _wait(record, "1001", {LISTING: 0})
    event = await _clear(record, LISTING)
    assert await _call_up(record, event, "1001") == ticket
    assert await _call_up(record, event, "1001") is None
    assert await _line(record, event) == []
    later = await _clear(record, LISTING)
    assert await _line(record, later) == ["1001"]
    assert await _call_up(record, later, "1001") == ticket


async def test_a_call_that_is_rolled_back_never_was(record: Record) -> None:
    await _wait(record, "1001", {LISTING: 0})
    event = await _clear(record, LISTING)

    async def fail() -> None:
        async with record.begin() as tx:
            assert await tx.waits.call_up(event, "shop/1001")
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await fail()
    assert await _line(record, event) == ["1001"]


async def test_who_waits_no_longer_is_not_called_up(record: Record) -> None:
    await _wait(record, "1001", {LISTING: 0})
    event = await _clear(record, LISTING)
    await _rewrite(record, "1001", {})
    assert await _call_up(record, event, "1001") is None
    assert await _line(record, event) == []


async def test_a_wait_that_is_rewritten_stays_called_up(record: Record) -> None:
    await _wait(record, "1001", {LISTING: 0})
    event = await _clear(record, LISTING)
    await _call_up(record, event, "1001")
    await _rewrite(record, "1001", {LISTING: 0})
    assert await _line(record, event) == []


async def test_an_event_is_over_when_everybody_was_called_up(record: Record) -> None:
    for number in ("1001", "1002"):
        await _wait(record, number, {LISTING: 0})
    event = await _clear(record, LISTING)
    for number in ("1001", "1002"):
        assert not await _finish(record, event)
        await _call_up(record, event, number)
    assert await _finish(record, event)
    async with record.begin() as tx:
        assert await tx.waits.next_events(10) == ()


async def test_events_without_anybody_to_call_up_are_forgotten_and_no_others(record: Record) -> None:
    for number in ("1001", "1002"):
        await _wait(record, number, {LISTING: 0})
    for cause in (TEA_STOCK, LISTING):
        event = await _clear(record, cause)
    for number, left in (("1001", 1), ("1002", 1), ("", 0)):
        async with record.begin() as tx:
            await tx.waits.forget_idle()
            assert len(await tx.waits.next_events(10)) == left
        if number:
            await _call_up(record, event, number)


async def test_goods_that_suffice_for_nobody_call_nobody_up(record: Record) -> None:
    await _wait(record, "1001", {TEA_STOCK: 3})
    event = await _clear(record, TEA_STOCK)
    assert await _line(record, event) == []
    await receive(record, 2)
    assert await _line(record, event) == []
    assert await _finish(record, event)


async def test_who_needs_more_than_there_is_keeps_its_place_and_holds_up_nobody(record: Record) -> None:
    for number, units in (("1001", 5), ("1002", 2), ("1003", 4), ("1004", 1)):
        await _wait(record, number, {TEA_STOCK: units}, day=int(number[-1]))
    await receive(record, 3)
    assert await _line(record, await _clear(record, TEA_STOCK)) == ["1002", "1004"]
    await receive(record, 2)
    assert await _line(record, await _clear(record, TEA_STOCK)) == ["1001"]


async def test_behind_the_first_come_as_many_as_are_served_together_with_it(record: Record) -> None:
    for number, units in (("1001", 2), ("1002", 2), ("1003", 2)):
        await _wait(record, number, {TEA_STOCK: units}, day=int(number[-1]))
    await receive(record, 3)
    event = await _clear(record, TEA_STOCK)
    assert await _line(record, event) == ["1001"]
    await receive(record, 1, place=MUNICH)
    assert await _line(record, event) == ["1001", "1002"]


async def test_what_is_reserved_serves_nobody_else(record: Record) -> None:
    await _wait(record, "1001", {TEA_STOCK: 1})
    await receive(record, 1)
    event = await _clear(record, TEA_STOCK)
    assert await _line(record, event) == ["1001"]
    other = await record_order(record, channel_order(channel_order_id="1002"))
    await add_part(record, fulfillment(other), reserve=True)
    assert await _line(record, event) == []


async def test_a_pickup_waits_for_the_goods_of_its_own_place(record: Record) -> None:
    await _wait(record, "1001", {TEA_STOCK: 1}, pickup=MUNICH)
    await receive(record, 5, place=BERLIN)
    assert await _line(record, await _clear(record, TEA_STOCK)) == []
    await receive(record, 1, place=MUNICH)
    assert await _line(record, await _clear(record, TEA_STOCK)) == ["1001"]


async def test_a_part_sets_out_from_planned_until_somebody_takes_it_up_or_it_is_old(record: Record) -> None:
    order = await record_order(record)
    await receive(record, 1)
    part = await add_part(record, fulfillment(order), reserve=True)
    before, then = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    assert (await _setting_out(record, before), await _setting_out(record, then)) == (1, 0)
    await walk(record, part, Stage.RELEASED)
    assert await _setting_out(record, before) == 0


async def _wait(record: Record, number: str, needs: dict[str, int], *, day: int | None = None, pickup: str = "") -> int:
    """Record an order that waits; return its ticket."""
    about = {"channel_order_id": number, "ship_by": _in(day)}
    await record_order(record, pickup_order(location=pickup, **about) if pickup else channel_order(**about))
    return await _rewrite(record, number, needs)


def _in(days: int | None) -> datetime | None:
    return None if days is None else NOW + timedelta(days=days)


async def _rewrite(record: Record, number: str, needs: dict[str, int]) -> int:
    async with record.begin() as tx:
        return await tx.waits.rewrite(f"shop/{number}", "", dict.fromkeys(needs, "short"), NOW, needs)


async def _clear(record: Record, cause: str) -> CauseEvent:
    async with record.begin() as tx:
        await tx.waits.clear(cause, NOW)
    async with record.begin() as tx:
        return next(event for event in await tx.waits.next_events(10) if event.cause == cause)


async def _line(record: Record, event: CauseEvent, limit: int = 10) -> list[str]:
    async with record.begin() as tx:
        return [wait.order_id.removeprefix("shop/") for wait in await tx.waits.waiters(event, limit)]


async def _call_up(record: Record, event: CauseEvent, number: str) -> int | None:
    async with record.begin() as tx:
        return await tx.waits.call_up(event, f"shop/{number}")


async def _finish(record: Record, event: CauseEvent) -> bool:
    async with record.begin() as tx:
        return await tx.waits.finish(event)


async def _setting_out(record: Record, since: datetime) -> int:
    async with record.begin() as tx:
        return await tx.waits.setting_out(since)
