"""Holds of the channel: their end wakes every step that waited, and what was read earlier changes nothing."""

import json
from datetime import timedelta

from activities.observation import observe
from domain.messages import WOKEN
from domain.order import HoldReason
from tests.builders import NOW, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, record_order, tellings

LATER = NOW + timedelta(minutes=1)
HELD = channel_order(holds=(HoldReason.FRAUD,))
FREE = channel_order(updated_at=LATER)


async def test_the_end_of_a_hold_wakes_the_step_that_waited_for_it() -> None:
    record = FakeRecord()
    order_id = await record_order(record, HELD)
    async with record.begin() as tx:
        ticket = await tx.waits.rewrite(order_id, f"{order_id}/F1", {f"hold:fraud:{order_id}": "held"}, NOW)
        order = await tx.orders.load(order_id, lock=True)
        assert await observe(tx, order, FREE, LATER)
    woken = [json.loads(told.payload) for told in await tellings(record) if told.signal == WOKEN]
    assert [wake["ticket"] for wake in woken] == [ticket]


async def test_what_was_read_before_a_hold_ended_does_not_place_it_again() -> None:
    record = FakeRecord()
    order_id = await record_order(record, HELD)
    async with record.begin() as tx:
        assert await observe(tx, await tx.orders.load(order_id, lock=True), FREE, LATER)
        assert not await observe(tx, await tx.orders.load(order_id, lock=True), HELD, LATER)
    assert (await load(record, order_id)).holds == ()


async def test_what_was_read_before_a_hold_was_placed_does_not_end_it() -> None:
    record = FakeRecord()
    held_later = HELD.model_copy(update={"updated_at": LATER})
    order_id = await record_order(record, held_later)
    async with record.begin() as tx:
        order = await tx.orders.load(order_id, lock=True)
        assert not await observe(tx, order, FREE.model_copy(update={"updated_at": NOW}), LATER)
    assert [hold.reason for hold in (await load(record, order_id)).holds] == [HoldReason.FRAUD]
