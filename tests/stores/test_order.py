"""How orders and their lines are kept, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.errors import NotFound
from domain.messages import ORDER_WORKFLOW, OrderStart
from domain.order import KEEPS_STOCK, ChannelOrder, HoldReason, OrderState, Ownership
from domain.ports.stores import Record, Transaction
from tests.builders import (
    ACCOUNT,
    MUG,
    NOW,
    TEA,
    address,
    buyer,
    channel_line,
    channel_order,
    pickup_order,
    received,
)
from tests.stores.scenes import close, load, load_line, record_order, tellings


async def test_a_recorded_order_is_loaded_as_it_was(record: Record) -> None:
    lines = (channel_line("a", 2), channel_line("b", 3, MUG, unit_price=250))
    ship_by = NOW + timedelta(days=1)
    total = 2 * 1000 + 3 * 250 + 490
    order = channel_order(*lines, shipping=490, total=total, captured=1200, tender="invoice", ship_by=ship_by)
    kept = await load(record, await record_order(record, order))
    assert (kept.order_id, kept.account, kept.channel_order_id, kept.number) == ("shop/1001", ACCOUNT, "1001", "#1001")
    assert (kept.state, kept.ownership, kept.delivery) == (OrderState.OPEN, Ownership.OURS, "ship")
    assert (kept.total, kept.shipping, kept.captured, kept.refunding) == (total, 490, 1200, 0)
    assert (kept.currency, kept.tender, kept.ship_by) == ("EUR", "invoice", ship_by)
    assert (kept.acknowledged, kept.cancel_requested, kept.closed_at) == (False, False, None)
    assert (kept.fulfillments, kept.last_number, kept.ticket, kept.pickup_location) == ((), 0, 0, None)


async def test_lines_keep_their_order_and_what_the_channel_says_of_them(record: Record) -> None:
    lines = (channel_line("b", 2), channel_line("a", 3, MUG, unit_price=250, title="Mug\N{SNOWMAN}"))
    kept = await load(record, await record_order(record, channel_order(*lines)))
    seen = [(line.line_id, line.listing_id, line.channel_sku, line.quantity, line.unit_price) for line in kept.lines]
    assert seen == [("b", f"listing-{TEA}", TEA, 2, 1000), ("a", f"listing-{MUG}", MUG, 3, 250)]
    assert kept.lines[1].title == "Mug\N{SNOWMAN}"
    assert [line.open for line in kept.lines] == [2, 3]
    assert all(line.refusals == {} for line in kept.lines)


async def test_a_pickup_keeps_its_location(record: Record) -> None:
    kept = await load(record, await record_order(record, pickup_order()))
    assert (kept.delivery, kept.pickup_location) == ("pickup", "BER")


async def test_recording_an_order_starts_its_workflow(record: Record) -> None:
    order_id = await record_order(record)
    (telling,) = await tellings(record)
    assert (telling.workflow, telling.workflow_id, telling.signal) == (ORDER_WORKFLOW, f"order/{order_id}", "")
    start = OrderStart.model_validate_json(telling.payload)
    assert start == OrderStart(order_id=order_id, account=ACCOUNT, number="#1001")


async def test_nothing_personal_is_told_to_temporal(record: Record) -> None:
    await record_order(record)
    (telling,) = await tellings(record)
    assert all(word not in telling.model_dump_json() for word in ("Ada", "Hafenweg", "ada@example.org"))


@pytest.mark.parametrize("ownership", [Ownership.TEST, Ownership.EXTERNAL])
async def test_an_order_that_is_not_ours_is_recorded_and_starts_nothing(record: Record, ownership: Ownership) -> None:
    order_id = await record_order(record, channel_order(ownership=ownership, address=None))
    assert (await load(record, order_id)).state.value == ownership.name
    assert await tellings(record) == []


async def test_recording_puts_address_and_buyer_into_the_vault(record: Record) -> None:
    order_id = await record_order(record)
    async with record.begin() as tx:
        assert await tx.vault.address(order_id) == address()
        assert await tx.vault.buyer(order_id) == buyer()


async def test_recording_the_same_order_twice_writes_nothing(record: Record) -> None:
    order_id = await record_order(record)
    again = channel_order(channel_line("other", 7), tender="other")
    assert await _record(record, order_id, again, b"again") is False
    kept = await load(record, order_id)
    assert ([line.line_id for line in kept.lines], kept.tender) == (["1"], "card")
    assert len(await tellings(record)) == 1


async def test_recording_an_order_finishes_its_message(record: Record) -> None:
    assert await _record(record, "shop/1001", channel_order(), b"raw")
    assert await _record(record, "shop/1001", channel_order(), b"again") is False
    async with record.begin() as tx:
        (again,) = await tx.inbox.unfinished(NOW + timedelta(minutes=1), 10)
        assert (await tx.inbox.load(again)).body == b"again"


async def test_what_the_channel_did_before_we_saw_the_order_is_counted(record: Record) -> None:
    lines = (channel_line("1", 5, cancelled=1, shipped=2), channel_line("2", 3, cancelled=1, shipped=9))
    kept = await load(record, await record_order(record, channel_order(*lines)))
    counted = [(line.cancelled, line.told_cancelled, line.by_hand, line.open) for line in kept.lines]
    assert counted == [(1, 1, 2, 2), (1, 1, 2, 0)]


async def test_an_order_that_arrives_many_times_at_once_is_recorded_once(record: Record) -> None:
    tries = (_record(record, "shop/1001", channel_order(), str(number).encode()) for number in range(8))
    assert sorted(await asyncio.gather(*tries)) == [False] * 7 + [True]
    assert len(await tellings(record)) == 1


async def test_the_holds_of_a_new_order_are_kept(record: Record) -> None:
    order = channel_order(holds=(HoldReason.PAYMENT, HoldReason.FRAUD, HoldReason.PAYMENT))
    kept = await load(record, await record_order(record, order))
    held = {hold.reason: hold.keeps_stock for hold in kept.holds}
    assert held == {reason: KEEPS_STOCK[reason] for reason in (HoldReason.PAYMENT, HoldReason.FRAUD)}


async def test_a_cancellation_asked_for_before_we_saw_the_order_is_kept(record: Record) -> None:
    order_id = await record_order(record, channel_order(cancel_requested=True))
    assert (await load(record, order_id)).cancel_requested
    async with record.begin() as tx:
        assert await tx.orders.request_cancel(order_id) is False


@pytest.mark.parametrize("lock", [False, True])
async def test_an_unknown_order_is_not_found(record: Record, *, lock: bool) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.orders.load("shop/none", lock=lock)


async def test_a_locked_order_is_changed_by_one_transaction_after_the_other(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 8)))

    async def cancel_one_more() -> None:
        async with record.begin() as tx:
            kept = await tx.orders.load(order_id, lock=True)
            await tx.orders.tell_cancelled(order_id, {"1": kept.lines[0].told_cancelled + 1})

    await asyncio.gather(*(cancel_one_more() for _ in range(8)))
    assert (await load_line(record, order_id)).told_cancelled == 8


async def test_several_holds_coexist_and_the_same_one_is_placed_once(record: Record) -> None:
    order_id = await record_order(record)
    async with record.begin() as tx:
        assert await tx.orders.place_hold(order_id, HoldReason.FRAUD, "ops", NOW)
        assert await tx.orders.place_hold(order_id, HoldReason.PAYMENT, "ops", NOW)
        assert not await tx.orders.place_hold(order_id, HoldReason.FRAUD, "someone", NOW)
    holds = {hold.reason: hold for hold in (await load(record, order_id)).holds}
    assert set(holds) == {HoldReason.FRAUD, HoldReason.PAYMENT}
    fraud = holds[HoldReason.FRAUD]
    assert (fraud.placed_by, fraud.placed_at, fraud.keeps_stock) == ("ops", NOW, True)


async def test_a_hold_of_the_channel_is_as_old_as_what_it_told(record: Record) -> None:
    told = channel_order(holds=(HoldReason.FRAUD,), updated_at=NOW - timedelta(minutes=1))
    (hold,) = (await load(record, await record_order(record, told))).holds
    assert hold.placed_at == NOW - timedelta(minutes=1)


async def test_the_channel_does_not_place_a_hold_that_has_ended_since_it_told_of_it(record: Record) -> None:
    order_id = await record_order(record, channel_order(holds=(HoldReason.FRAUD,)))
    async with record.begin() as tx:
        assert await tx.orders.release_hold(order_id, HoldReason.FRAUD, "channel", NOW + timedelta(minutes=1))
        assert not await tx.orders.place_hold(order_id, HoldReason.FRAUD, "channel", NOW)
        assert await tx.orders.place_hold(order_id, HoldReason.FRAUD, "channel", NOW + timedelta(minutes=1))


async def test_a_person_may_place_a_hold_whenever_it_ended(record: Record) -> None:
    order_id = await record_order(record, channel_order(holds=(HoldReason.FRAUD,)))
    async with record.begin() as tx:
        assert await tx.orders.release_hold(order_id, HoldReason.FRAUD, "channel", NOW + timedelta(minutes=1))
        assert await tx.orders.place_hold(order_id, HoldReason.FRAUD, "ops", NOW)


async def test_a_released_hold_is_gone_and_may_be_placed_again(record: Record) -> None:
    order_id = await record_order(record, channel_order(holds=(HoldReason.FRAUD,)))
    async with record.begin() as tx:
        assert not await tx.orders.release_hold(order_id, HoldReason.ADDRESS, "ops", NOW)
        assert await tx.orders.release_hold(order_id, HoldReason.FRAUD, "ops", NOW)
        assert not await tx.orders.release_hold(order_id, HoldReason.FRAUD, "ops", NOW)
    assert (await load(record, order_id)).holds == ()
    async with record.begin() as tx:
        assert await tx.orders.place_hold(order_id, HoldReason.FRAUD, "ops", NOW)
    assert len((await load(record, order_id)).holds) == 1


async def test_a_cancellation_is_news_only_once(record: Record) -> None:
    order_id = await record_order(record)
    async with record.begin() as tx:
        assert await tx.orders.request_cancel(order_id)
        assert not await tx.orders.request_cancel(order_id)
    assert (await load(record, order_id)).cancel_requested


async def test_an_acknowledged_order_stays_acknowledged(record: Record) -> None:
    order_id = await record_order(record)
    for _ in range(2):
        async with record.begin() as tx:
            await tx.orders.mark_acknowledged(order_id)
        assert (await load(record, order_id)).acknowledged


UNKNOWN: dict[str, Callable[[Transaction], Awaitable[object]]] = {
    "place_hold": lambda tx: tx.orders.place_hold("shop/none", HoldReason.FRAUD, "ops", NOW),
    "release_hold": lambda tx: tx.orders.release_hold("shop/none", HoldReason.FRAUD, "ops", NOW),
    "request_cancel": lambda tx: tx.orders.request_cancel("shop/none"),
    "mark_acknowledged": lambda tx: tx.orders.mark_acknowledged("shop/none"),
    "close": lambda tx: tx.orders.close("shop/none", OrderState.LOST, NOW),
}


@pytest.mark.parametrize("act", UNKNOWN)
async def test_nothing_can_be_done_about_an_unknown_order(record: Record, act: str) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await UNKNOWN[act](tx)


async def test_open_orders_of_an_account_come_by_id_in_pages(record: Record) -> None:
    for number in ("1003", "1001", "1002", "1004"):
        await record_order(record, channel_order(channel_order_id=number))
    await record_order(record, channel_order(channel_order_id="1000", ownership=Ownership.TEST))
    await close(record, "shop/1002")
    later = NOW + timedelta(seconds=1)
    async with record.begin() as tx:
        assert await tx.orders.open_before(ACCOUNT, later, "", 2) == ("shop/1001", "shop/1003")
        assert await tx.orders.open_before(ACCOUNT, later, "shop/1003", 2) == ("shop/1004",)
        assert await tx.orders.open_before(ACCOUNT, NOW, "", 9) == ()
        assert await tx.orders.open_before("other", later, "", 9) == ()


async def test_an_order_is_closed_once(record: Record) -> None:
    order_id = await record_order(record)
    assert await close(record, order_id, OrderState.DELIVERED)
    assert not await close(record, order_id, OrderState.CANCELLED)
    kept = await load(record, order_id)
    assert (kept.state, kept.closed_at) == (OrderState.DELIVERED, NOW)


async def test_a_closed_order_waits_only_for_its_returns_and_refunds(record: Record) -> None:
    order_id = await record_order(record)
    scopes = [f"{order_id}/F1/tracking", f"{order_id}/R1", f"{order_id}/refund/1"]
    async with record.begin() as tx:
        for scope in scopes:
            await tx.waits.rewrite(order_id, scope, {f"effect:{scope}": "refused"}, NOW)
    await close(record, order_id)
    async with record.begin() as tx:
        assert [wait.scope for wait in await tx.waits.of_order(order_id)] == scopes[1:]


async def _record(record: Record, order_id: str, order: ChannelOrder, body: bytes) -> bool:
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(body),), NOW)
        assert inbox_id is not None
        return await tx.orders.record(order_id, ACCOUNT, order, inbox_id, NOW)
