"""How the lines of an order are counted, in both records."""

from __future__ import annotations

import pytest

from domain.errors import Conflict
from domain.fulfillment import Stage
from domain.listing import Component, Matched, Rung
from domain.ports.stores import Record
from tests.builders import MUG, TEA, channel_line, channel_order, fulfillment, plain
from tests.stores.scenes import add_part, load, load_line, record_order, walk


async def test_a_matched_line_keeps_its_sku(record: Record) -> None:
    order_id = "shop/1001"
    await record_order(record, channel_order(channel_line("a", sku=""), channel_line("b", sku="")), match=False)
    assert [line.sku for line in (await load(record, order_id)).lines] == [None, None]
    async with record.begin() as tx:
        await tx.orders.match_lines(order_id, {"a": plain(TEA)})
    async with record.begin() as tx:
        await tx.orders.match_lines(order_id, {"a": plain(MUG), "unknown": plain(MUG)})
    assert [line.sku for line in (await load(record, order_id)).lines] == [TEA, None]


async def test_cancelled_units_add_up_and_are_no_longer_open(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5), channel_line("2", 5)))
    async with record.begin() as tx:
        await tx.orders.count_cancelled(order_id, {"1": 1}, told=False)
        await tx.orders.count_cancelled(order_id, {"1": 2}, told=True)
    line = await load_line(record, order_id)
    assert (line.cancelled, line.told_cancelled, line.open) == (3, 2, 2)
    assert (await load_line(record, order_id, "2")).cancelled == 0


async def test_what_the_channel_knows_as_cancelled_never_shrinks(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    async with record.begin() as tx:
        await tx.orders.count_cancelled(order_id, {"1": 3}, told=False)
        await tx.orders.tell_cancelled(order_id, {"1": 3})
        await tx.orders.tell_cancelled(order_id, {"1": 2})
    line = await load_line(record, order_id)
    assert (line.cancelled, line.told_cancelled) == (3, 3)


async def test_units_shipped_by_hand_are_no_longer_open(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    async with record.begin() as tx:
        await tx.orders.count_by_hand(order_id, {"1": 2})
        await tx.orders.count_by_hand(order_id, {"1": 1})
    line = await load_line(record, order_id)
    assert (line.by_hand, line.open) == (3, 2)


async def test_no_more_units_are_cancelled_than_are_open(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5), channel_line("2", 5)))
    await add_part(record, fulfillment(order_id, quantities={"1": 3}))
    for quantities in ({"1": 3}, {"2": 1, "1": 3}, {"z": 1}):
        with pytest.raises(Conflict):
            await _cancel(record, order_id, quantities)
    assert [line.cancelled for line in (await load(record, order_id)).lines] == [0, 0]
    await _cancel(record, order_id, {"1": 2})


async def test_units_shipped_by_hand_may_be_planned_ones_but_no_more(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5), channel_line("2", 5)))
    await add_part(record, fulfillment(order_id, quantities={"1": 3}))
    for quantities in ({"1": 6}, {"2": 1, "1": 6}, {"z": 1}):
        with pytest.raises(Conflict):
            await _count_by_hand(record, order_id, quantities)
    await _count_by_hand(record, order_id, {"1": 4})
    line = await load_line(record, order_id)
    assert (line.by_hand, line.planned, line.open) == (4, 3, -2)
    with pytest.raises(Conflict):
        await _count_by_hand(record, order_id, {"1": 2})


async def test_units_that_have_arrived_were_not_shipped_by_hand(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    await walk(record, await add_part(record, fulfillment(order_id, quantities={"1": 3})), Stage.DELIVERED)
    with pytest.raises(Conflict):
        await _count_by_hand(record, order_id, {"1": 3})
    await _count_by_hand(record, order_id, {"1": 2})


COUNTERS = {
    Stage.PLANNED: (3, 0, 0, 2),
    Stage.RELEASED: (3, 0, 0, 2),
    Stage.LABELLED: (3, 0, 0, 2),
    Stage.CANCELLING: (3, 0, 0, 2),
    Stage.READY: (3, 0, 0, 2),
    Stage.HANDED_OVER: (3, 0, 0, 2),
    Stage.IN_TRANSIT: (3, 0, 0, 2),
    Stage.DELIVERED: (0, 3, 0, 2),
    Stage.COLLECTED: (0, 3, 0, 2),
    Stage.SENT_BACK: (0, 3, 0, 2),
    Stage.LOST: (0, 3, 3, 2),
    Stage.REJECTED: (0, 0, 0, 5),
    Stage.REPLANNED: (0, 0, 0, 5),
    Stage.CANCELLED: (0, 0, 0, 5),
    Stage.EXPIRED: (0, 0, 0, 5),
}


@pytest.mark.parametrize("stage", COUNTERS, ids=str)
async def test_the_stage_of_its_fulfillment_orders_decides_what_a_line_counts(record: Record, stage: Stage) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    await walk(record, await add_part(record, fulfillment(order_id, quantities={"1": 3})), stage)
    line = await load_line(record, order_id)
    assert (line.planned, line.done, line.lost, line.open) == COUNTERS[stage]


async def test_units_are_counted_over_all_fulfillment_orders(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    first = await add_part(record, fulfillment(order_id, 1, {"1": 2}))
    await walk(record, first, Stage.DELIVERED)
    await add_part(record, fulfillment(order_id, 2, {"1": 3}))
    kept = await load(record, order_id)
    assert (kept.lines[0].planned, kept.lines[0].done, kept.lines[0].open) == (3, 2, 0)
    assert [part.fulfillment_id for part in kept.fulfillments] == [f"{order_id}/F1", f"{order_id}/F2"]
    assert kept.last_number == 2


async def test_cancelled_units_of_a_fulfillment_order_are_counted_where_the_caller_says(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    part = await add_part(record, fulfillment(order_id, quantities={"1": 5}))
    await walk(record, part, Stage.CANCELLED)
    async with record.begin() as tx:
        await tx.orders.count_cancelled(order_id, {"1": 2}, told=False)
    line = await load_line(record, order_id)
    assert (line.planned, line.done, line.cancelled, line.open) == (0, 0, 2, 3)


async def _cancel(record: Record, order_id: str, quantities: dict[str, int]) -> None:
    async with record.begin() as tx:
        await tx.orders.count_cancelled(order_id, quantities, told=False)


async def _count_by_hand(record: Record, order_id: str, quantities: dict[str, int]) -> None:
    async with record.begin() as tx:
        await tx.orders.count_by_hand(order_id, quantities)


async def test_what_a_line_is_made_of_is_frozen_at_the_match(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("a", 3, sku=""), channel_line("b")), match=False)
    kit = Matched(
        sku="SET",
        components=(Component(sku=MUG, units=2, share=400), Component(sku=TEA, units=1, share=600)),
        matched_by=Rung.ALIAS,
    )
    async with record.begin() as tx:
        await tx.orders.match_lines(order_id, {"a": kit, "b": plain()})
        await tx.orders.match_lines(order_id, {"a": plain(), "b": kit})
    await add_part(record, fulfillment(order_id, quantities={"a": 2, "b": 1}, skus={"a": "SET"}))
    kept = await load(record, order_id)
    assert [(line.sku, line.matched_by, line.components) for line in kept.lines] == [
        ("SET", "alias", kit.components),
        (TEA, "listing", ()),
    ]
    assert [line.made_of for line in kept.fulfillments[0].lines] == [kit.components, (Component(sku=TEA, units=1),)]


async def test_a_line_keeps_its_gtin_in_one_form_and_a_bad_one_not_at_all(record: Record) -> None:
    lines = (channel_line("a", gtin="4006381333931"), channel_line("b", gtin="4006381333932"))
    order_id = await record_order(record, channel_order(*lines), match=False)
    assert [line.gtin for line in (await load(record, order_id)).lines] == ["04006381333931", ""]
