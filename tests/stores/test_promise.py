"""Promises at risk, what was done about them, and dates that come, in both records."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.fulfillment import Fulfillment, Stage
from domain.lateness import AtRisk, Deed, Expedite, Remedy, RiskMark
from domain.ports.stores import Record
from domain.promise import Urgency
from domain.waits import date_cause
from tests.builders import ACCOUNT, NOW, channel_line, channel_order, fulfillment, received
from tests.stores.scenes import add_part, close, load, load_line, record_order, tellings, walk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNKEPT = (
    Stage.PLANNED, Stage.RELEASED, Stage.PICKED, Stage.LABELLING, Stage.LABELLED, Stage.HANDED_OVER, Stage.IN_TRANSIT,
)  # fmt: skip


async def record_urgent(record: Record, number: str = "1001", **dates: object) -> str:
    """Record an order with its urgency, as intake does."""
    order = channel_order(channel_order_id=number, ship_by=NOW + DAY, **dates)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(number.encode(), subject=number),), NOW)
        assert inbox_id is not None
        urgency = Urgency(priority=2, at_risk_from=NOW + HOUR)
        assert await tx.orders.record(f"{ACCOUNT}/{number}", ACCOUNT, order, inbox_id, NOW, urgency)
    return f"{ACCOUNT}/{number}"


def dated(order_id: str, number: int = 1, since: datetime = NOW, **changes: object) -> Fulfillment:
    """Return a planned part that is at risk from a moment on."""
    dates: dict[str, object] = {
        "ship_by": NOW + DAY, "deliver_by": NOW + 3 * DAY, "expected_hand_over": NOW + HOUR,
        "expected_arrival": NOW + 2 * DAY, "at_risk_from": since,
    }  # fmt: skip
    return fulfillment(order_id, number).model_copy(update=dates | changes)


async def at_risk(record: Record, now: datetime = NOW, after: RiskMark | None = None, limit: int = 10) -> list[AtRisk]:
    async with record.begin() as tx:
        return list(await tx.promises.at_risk(now, after, limit))


async def wait_for(record: Record, order_id: str, scope: str, *causes: str) -> None:
    async with record.begin() as tx:
        await tx.waits.rewrite(order_id, scope, dict.fromkeys(causes, "why"), NOW)


async def test_the_dates_of_a_line_are_its_own_and_read_back(record: Record) -> None:
    line = channel_line(ship_by=NOW + HOUR, deliver_by=NOW + DAY, not_before=NOW)
    order_id = await record_order(record, channel_order(line, ship_by=NOW + DAY, deliver_by=NOW + 3 * DAY))
    kept, order = await load_line(record, order_id), await load(record, order_id)
    assert (kept.ship_by, kept.deliver_by, kept.not_before) == (NOW + HOUR, NOW + DAY, NOW)
    assert (order.ship_by, order.deliver_by) == (NOW + DAY, NOW + 3 * DAY)


async def test_an_order_is_started_with_the_priority_that_it_was_recorded_with_also_when_it_is_adopted(
    record: Record,
) -> None:
    order_id = await record_urgent(record)
    async with record.begin() as tx:
        await tx.outbox.start_order(order_id)
    assert ['"priority":2' in told.payload for told in await tellings(record)] == [True, True]
    order = await load(record, order_id)
    assert (order.priority, order.at_risk_from) == (2, NOW + HOUR)


async def test_a_part_is_loaded_with_what_was_promised_and_expected(record: Record) -> None:
    part = dated(await record_order(record))
    await add_part(record, part)
    (kept,) = (await load(record, part.order_id)).fulfillments
    assert kept == part


@pytest.mark.parametrize("stage", UNKEPT)
async def test_a_part_is_at_risk_from_its_moment_on_until_its_promise_is_kept(record: Record, stage: Stage) -> None:
    order_id = await record_order(record)
    part_id = await add_part(record, dated(order_id, deliver_by=NOW))
    await walk(record, part_id, stage)
    assert await at_risk(record, NOW - HOUR) == []
    (seen,) = await at_risk(record)
    assert (seen.order_id, seen.subject, seen.stage, seen.since) == (order_id, part_id, stage, NOW)
    assert (seen.ship_by, seen.deliver_by) == (NOW + DAY, NOW)


@pytest.mark.parametrize("stage", [Stage.DELIVERED, Stage.LOST, Stage.CANCELLING, Stage.CANCELLED, Stage.REJECTED])
async def test_what_has_come_to_its_end_or_is_wound_down_is_not_at_risk(record: Record, stage: Stage) -> None:
    part_id = await add_part(record, dated(await record_order(record)))
    await walk(record, part_id, stage)
    assert await at_risk(record, NOW + 9 * DAY) == []


async def test_goods_that_left_late_are_at_risk_at_once_and_others_when_they_should_be_there(record: Record) -> None:
    late = await add_part(record, dated(await record_order(record), expected_hand_over=NOW - 2 * DAY))
    other = await record_order(record, channel_order(channel_order_id="1002"))
    punctual = await add_part(record, dated(other))
    await walk(record, late, Stage.HANDED_OVER)
    await walk(record, punctual, Stage.HANDED_OVER)
    (seen,) = await at_risk(record)
    assert (seen.subject, seen.expected_hand_over, seen.expected_arrival) == (late, NOW, NOW + 4 * DAY)
    assert [one.subject for one in await at_risk(record, NOW + 3 * DAY)] == [late, punctual]


async def test_lines_that_wait_to_be_planned_are_at_risk_with_their_own_dates(record: Record) -> None:
    order_id = await record_urgent(record, deliver_by=NOW + 2 * DAY)
    assert await at_risk(record, NOW + HOUR) == [], "it waits for nothing"
    await wait_for(record, order_id, "", "stock:TEA-1")
    assert await at_risk(record) == []
    (seen,) = await at_risk(record, NOW + HOUR)
    assert (seen.subject, seen.stage, seen.since, seen.waits_for) == (order_id, None, NOW + HOUR, ("stock:TEA-1",))
    assert (seen.ship_by, seen.deliver_by) == (NOW + DAY, NOW + 2 * DAY)


async def test_a_line_that_is_planned_lends_its_date_to_nothing_that_waits(record: Record) -> None:
    planned, waits = channel_line("1", ship_by=NOW + HOUR), channel_line("2", ship_by=NOW + DAY)
    order = channel_order(planned, waits)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(b"1"),), NOW)
        assert inbox_id is not None
        assert await tx.orders.record("shop/1001", ACCOUNT, order, inbox_id, NOW, Urgency(priority=1, at_risk_from=NOW))
    await add_part(record, dated("shop/1001", at_risk_from=None))
    await wait_for(record, "shop/1001", "", "stock:TEA-1")
    (seen,) = await at_risk(record)
    assert (seen.subject, seen.ship_by) == ("shop/1001", NOW + DAY)


async def test_a_closed_order_is_not_at_risk(record: Record) -> None:
    order_id = await record_urgent(record)
    await wait_for(record, order_id, "", "stock:TEA-1")
    await close(record, order_id)
    assert await at_risk(record, NOW + DAY) == []


async def test_what_is_at_risk_comes_longest_first_in_pages_that_miss_nothing(record: Record) -> None:
    expected: list[tuple[datetime, str]] = []
    for number in range(5):
        order_id = await record_urgent(record, f"10{number}")
        if number % 2:
            await wait_for(record, order_id, "", "stock:TEA-1")
            expected.append((NOW + HOUR, order_id))
        else:
            part = dated(order_id, since=NOW + HOUR - (number % 3) * timedelta(minutes=1))
            await add_part(record, part)
            expected.append((part.at_risk_from or NOW, part.fulfillment_id))
    seen: list[tuple[datetime, str]] = []
    after: RiskMark | None = None
    while page := await at_risk(record, NOW + DAY, after, limit=2):
        seen += [(one.since, one.subject) for one in page]
        after = page[-1].mark
    assert seen == sorted(expected)


async def test_a_part_says_what_it_waits_for_itself(record: Record) -> None:
    order_id = await record_order(record)
    part_id = await add_part(record, dated(order_id))
    await wait_for(record, order_id, f"{part_id}/step", "adapter:swift")
    await wait_for(record, order_id, "", "stock:MUG-1")
    assert [one.waits_for for one in await at_risk(record) if one.stage] == [("adapter:swift",)]


async def test_a_remedy_is_used_once_for_an_order(record: Record) -> None:
    order_id = await record_order(record)
    part_id = await add_part(record, dated(order_id))
    first, again = (Deed(remedy=Remedy.REPLAN, detail=words, at=NOW) for words in ("first", "again"))
    word = Deed(remedy=Remedy.WORD, detail="2026-01-09", at=NOW + HOUR, told=False)
    async with record.begin() as tx:
        assert await tx.promises.keep_deed(order_id, part_id, first)
        assert not await tx.promises.keep_deed(order_id, part_id, again)
        assert await tx.promises.keep_deed(order_id, part_id, word)
    assert (await at_risk(record))[0].deeds == (first, word)
    async with record.begin() as tx:
        await tx.promises.mark_told(order_id)
        await tx.promises.mark_told(order_id)
    assert [deed.told for deed in (await at_risk(record))[0].deeds] == [True, True]


@pytest.mark.parametrize(("stage", "still"), [(Stage.PICKED, True), (Stage.LABELLING, False), (Stage.CANCELLED, False)])
async def test_a_faster_speed_is_chosen_before_the_label_is_begun(record: Record, stage: Stage, still: bool) -> None:  # noqa: FBT001 - a parameter
    part_id = await add_part(record, dated(await record_order(record)))
    await walk(record, part_id, stage)
    wish = Expedite(fulfillment_id=part_id, speed="express", expected_arrival=NOW + DAY, at_risk_from=NOW + 2 * DAY)
    async with record.begin() as tx:
        assert await tx.promises.expedite(wish) is still
        part = await tx.fulfillments.load(part_id)
    assert (part.speed, part.expected_arrival == NOW + DAY) == (("express", True) if still else ("", False))


async def test_dates_come_in_their_order_while_anybody_waits_and_nobody_was_told(record: Record) -> None:
    order_id = await record_order(record)
    past, now, future = (date_cause(NOW + span) for span in (-DAY, timedelta(), HOUR))
    await wait_for(record, order_id, "", future, now, past, "stock:TEA-1")
    async with record.begin() as tx:
        assert await tx.promises.dates_come(NOW, 10) == (past, now)
        assert await tx.promises.dates_come(NOW, 1) == (past,)
        await tx.waits.clear(past, NOW)
        assert await tx.promises.dates_come(NOW, 10) == (now,)
        for event in await tx.waits.next_events(10):
            await tx.waits.call_up(event, order_id)
            await tx.waits.finish(event)
        assert await tx.promises.dates_come(NOW, 10) == (past, now), "whoever still waits is told again"
