"""What locations report of their own stock is booked as their own clocks have it, in any order, once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from activities.context import Context
from activities.fact import apply_message
from domain.facts import (
    CountedUnits,
    Fact,
    LinesRejected,
    RejectedLine,
    StockChange,
    StockChanged,
    StockCounted,
    TillLine,
    TillReturned,
    TillSold,
)
from domain.fulfillment import Stage
from domain.inventory import Claim
from domain.policy import Policy
from domain.ports.stores.inbox import InboxState, Received
from tests.builders import BERLIN, MUG, NOW, TEA, channel_line, channel_order, fulfillment
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, quantities_of, receive, record_order, seed_catalog, walk

READ: TypeAdapter[Fact] = TypeAdapter(Fact)


@dataclass
class Till:
    """A location's system whose messages are facts as they are."""

    async def webhooks(self, party: str) -> Any:
        del party
        return self

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        return (READ.validate_json(body),)


@pytest.fixture
async def record() -> FakeRecord:
    return await _open_shop()


async def _open_shop() -> FakeRecord:
    record = FakeRecord()
    await seed_catalog(record)
    return record


def sold(receipt: int, minutes: int, units: int = 1, sku: str = TEA) -> TillSold:
    line = TillLine(line="1", sku=sku, quantity=units)
    return TillSold(location=BERLIN, receipt=str(receipt), lines=(line,), occurred_at=NOW + timedelta(minutes=minutes))


def counted(units: int, minutes: int = 0, *, whole: bool = False, sku: str = TEA) -> StockCounted:
    rows = (CountedUnits(sku=sku, units=units),)
    return StockCounted(location=BERLIN, counted_at=NOW + timedelta(minutes=minutes), rows=rows, whole=whole)


def changed(sequence: int, delta: int, minutes: int = 1) -> StockChanged:
    moment = NOW + timedelta(minutes=minutes)
    change = StockChange(sequence=sequence, sku=TEA, delta=delta, reason="moved", occurred_at=moment)
    return StockChanged(location=BERLIN, changes=(change,))


async def tell(record: FakeRecord, fact: Fact, party: str = "staff") -> str:
    """Let a party tell a fact, once more where it was told before; return why it was set aside."""
    message = Received(party=party, source="hook", subject="", body=fact.model_dump_json().encode())
    async with record.begin() as tx:
        (number,) = await tx.inbox.store((message,), NOW)
        row = await tx.inbox.load(number) if number is not None else None
    if row is None:
        row = next(one.row for one in record.state.inbox.values() if one.row.body == message.body)
    context = Context(record, Till(), Policy(), lambda: NOW + timedelta(hours=1))  # pyright: ignore[reportArgumentType] - the one party asked for
    return await apply_message(context, row)


async def state_of(record: FakeRecord, number: int = 1) -> InboxState:
    async with record.begin() as tx:
        return (await tx.inbox.load(number)).state


async def test_what_a_till_sells_is_not_there_any_more(record: FakeRecord) -> None:
    await receive(record, 5)
    assert [await tell(record, sold(1, 1, 2)), await tell(record, sold(1, 1, 2))] == ["", ""]
    assert await quantities_of(record) == (3, 0)
    assert await state_of(record) is InboxState.DONE


async def test_what_a_till_takes_back_is_there_again_and_wakes_who_waits(record: FakeRecord) -> None:
    line = TillLine(line="1", sku=TEA, quantity=1)
    back = TillReturned(location=BERLIN, receipt="1", lines=(line,), occurred_at=NOW)
    assert await tell(record, back) == ""
    assert await quantities_of(record) == (1, 0)
    assert [event.cause for event in record.state.events.values()] == [f"stock:{TEA}"]


@pytest.mark.parametrize(("units", "minutes", "left", "wakes"), [(5, 3, 8, True), (2, 3, 5, False), (5, 4, 5, False)])
async def test_a_count_that_comes_late_wakes_who_waits_if_it_finds_more_with_what_came_since(
    record: FakeRecord, units: int, minutes: int, left: int, *, wakes: bool
) -> None:
    await receive(record, 2)
    assert await tell(record, changed(1, 3, minutes=4)) == ""
    record.state.events.clear()
    assert await tell(record, counted(units, minutes)) == ""
    assert await quantities_of(record) == (left, 0)
    assert [event.cause for event in record.state.events.values()] == [f"stock:{TEA}"] * wakes


async def test_a_sale_of_what_is_promised_is_set_aside_and_booked_by_a_replay(record: FakeRecord) -> None:
    await receive(record, 2)
    async with record.begin() as tx:
        await tx.stock.reserve("soft:held", (Claim(sku=TEA, location=BERLIN, quantity=2),))
    assert await tell(record, sold(1, 1)) == "oversold"
    assert (await quantities_of(record), await state_of(record)) == ((2, 2), InboxState.QUARANTINED)
    async with record.begin() as tx:
        await tx.stock.free("soft:held")
        assert await tx.inbox.replay(1)
    assert await tell(record, sold(1, 1)) == ""
    assert (await quantities_of(record), await state_of(record)) == ((1, 0), InboxState.DONE)


async def test_units_that_were_sold_and_then_rejected_as_missing_leave_the_books_once(record: FakeRecord) -> None:
    await receive(record, 2)
    order_id = await record_order(record, channel_order(channel_line("1", 2)))
    part = await add_part(record, fulfillment(order_id, quantities={"1": 2}), reserve=True)
    await walk(record, part, Stage.RELEASED)
    assert await tell(record, sold(1, 1, 2)) == "oversold"
    missing = RejectedLine(line_id="1", quantity=2, reason="not_found")
    assert await tell(record, LinesRejected(fulfillment_id=part, lines=(missing,))) == ""
    await receive(record, 10)
    assert await tell(record, sold(1, 1, 2)) == ""
    assert await quantities_of(record) == (10, 0)


async def test_a_whole_count_says_that_nothing_else_lies_there(record: FakeRecord) -> None:
    await receive(record, 3, MUG)
    assert await tell(record, counted(4, whole=False)) == ""
    assert await quantities_of(record, MUG) == (3, 0)
    assert await tell(record, counted(4, 1, whole=True)) == ""
    assert (await quantities_of(record), await quantities_of(record, MUG)) == ((4, 0), (0, 0))


async def test_an_unknown_sku_is_named_and_holds_up_no_other(record: FakeRecord) -> None:
    rows = (CountedUnits(sku="UMBRELLA", units=1), CountedUnits(sku=TEA, units=4))
    assert await tell(record, StockCounted(location=BERLIN, counted_at=NOW, rows=rows)) == "no-sku"
    assert await quantities_of(record) == (4, 0)
    assert await state_of(record) is InboxState.QUARANTINED


async def test_nobody_speaks_for_a_location_of_somebody_else(record: FakeRecord) -> None:
    await receive(record, 5)
    assert await tell(record, sold(1, 1), party="stranger") == "no-location"
    assert await quantities_of(record) == (5, 0)


@pytest.mark.parametrize("fact", [sold(1, 66), counted(0, 66), changed(1, -1, 66)])
async def test_what_has_not_happened_yet_is_not_believed(record: FakeRecord, fact: Fact) -> None:
    await receive(record, 5)
    assert await tell(record, fact) == "from-the-future"
    assert await quantities_of(record) == (5, 0)


async def test_changes_count_once_in_any_order_and_a_missing_number_shows(record: FakeRecord) -> None:
    await receive(record, 5)
    for fact in (changed(12, -1), changed(10, 3), changed(12, -1)):
        assert await tell(record, fact) == ""
    async with record.begin() as tx:
        (gap,) = await tx.shelves.gaps(10)
    assert (await quantities_of(record), gap.first, gap.last) == ((7, 0), 11, 11)
    assert await tell(record, changed(11, -2)) == ""
    assert await quantities_of(record) == (5, 0)


MINUTES = st.integers(0, 60)


@given(
    sales=st.lists(st.tuples(MINUTES, st.integers(1, 4)), max_size=50),
    moment=MINUTES,
    draw=st.data(),
)
def test_a_count_and_sales_end_at_one_level_in_any_order(
    sales: Sequence[tuple[int, int]], moment: int, draw: st.DataObject
) -> None:
    facts: list[Fact] = [counted(300, moment)]
    facts += [sold(number, minutes, units) for number, (minutes, units) in enumerate(sales)]
    order = draw.draw(st.permutations(facts + draw.draw(st.lists(st.sampled_from(facts), max_size=10))))

    async def play() -> tuple[int, int]:
        record = await _open_shop()
        await receive(record, 500)
        for fact in order:
            assert await tell(record, fact) == ""
        return await quantities_of(record)

    expected = 300 - sum(units for minutes, units in sales if minutes > moment)
    assert asyncio.run(play()) == (expected, 0)
