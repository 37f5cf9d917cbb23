"""Handing over: a place says that goods left with the carrier, under our label or under one of its own."""

from __future__ import annotations

from datetime import datetime

from activities.context import Context
from activities.correction import correct_number, live_parcel, require_number
from activities.ending import wake
from activities.journey import ON_THE_SHELF, catch_up, leave
from activities.observation import tell_changed
from activities.rejection import leave_behind
from activities.told import Told
from domain.effect import Confirmed
from domain.errors import Conflict, Unavailable
from domain.facts import HandedOver
from domain.fulfillment import GONE, TERMINAL, Fulfillment, Stage
from domain.order import OrderState
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.tracking_number import couriers_of

_MAY_LEAVE = ON_THE_SHELF | {Stage.CANCELLING}


async def hand_over(context: Context, told: Told, fact: HandedOver) -> None:
    """Let a parcel leave; a later report with another number corrects that of a place's own label.

    Raises:
        Conflict: it contradicts the record, or the number cannot be right.
        Unavailable: it comes too early.
    """
    if fact.tracking_number or not await _left_with_our_label(context, told, fact):
        await _leave_with_own_label(context, told, fact)


async def _left_with_our_label(context: Context, told: Told, fact: HandedOver) -> bool:
    """Let a parcel leave under the label that we bought; False when its place labels itself and still has it."""
    now = context.now()
    if fact.lines:
        async with context.record.begin() as tx:
            await leave_behind(tx, fact, now)
    fulfillment_id = fact.fulfillment_id
    async with context.record.begin() as tx:
        left = await leave(context, tx, fulfillment_id, Stage.HANDED_OVER, told.inbox_id)
        if left is None:
            part = await tx.fulfillments.load(fulfillment_id)
            if part.labels_itself and part.stage in ON_THE_SHELF:
                return False
            _require_gone(part)
        elif left.labels_itself:  # it was being called back
            await _keep_own_label(tx, left, fact, now)
        await told.end_after(tx, left, now)
    return True


async def _leave_with_own_label(context: Context, told: Told, fact: HandedOver) -> None:
    async with context.record.begin() as tx:
        order_id = (await tx.fulfillments.load(fact.fulfillment_id)).order_id
        order = await tx.orders.load(order_id, lock=True)
        part = next(one for one in order.fulfillments if one.fulfillment_id == fact.fulfillment_id)
        ours = not part.labels_itself
        if ours:
            await _require_our_number(tx, part, fact)
        elif part.stage in _MAY_LEAVE:
            await _leave(context, tx, part, fact)
        else:
            _require_gone(part)
            await _hear_again(tx, order, part, fact, context.now())
    if ours:
        await _left_with_our_label(context, told, fact)
        return
    # The message is done with only now: whoever dies before comes back, and finds a scan that was faster.
    await catch_up(context, fact.fulfillment_id)
    async with context.record.begin() as tx:
        await told.end(tx, order_id, context.now())


async def _leave(context: Context, tx: Transaction, part: Fulfillment, fact: HandedOver) -> None:
    now = context.now()
    if part.delivery == "pickup":
        raise Conflict("is-collected", f"{part.fulfillment_id} is collected by its buyer, and left with a carrier")
    if fact.tracking_number:
        await require_number(tx, part.fulfillment_id, fact.tracking_number, fact.carrier or part.carrier, now)
    if fact.lines:
        await leave_behind(tx, fact, now)
    await _keep_own_label(tx, part, fact, now)
    if await leave(context, tx, part.fulfillment_id, Stage.HANDED_OVER, None, own_label=True) is None:
        raise Conflict("left-with-nothing", f"{part.fulfillment_id} left, and nothing was in the parcel")


async def _keep_own_label(tx: Transaction, part: Fulfillment, fact: HandedOver, now: datetime) -> None:
    """Keep the parcel of a place's own label: it is live, costs us nothing, and is never voided."""
    carrier = fact.carrier or part.carrier or _guess_carrier(fact.tracking_number)
    parcel = await tx.shipments.plan_parcel(part.fulfillment_id, carrier, now)
    await tx.shipments.keep_label(parcel.parcel_id, Confirmed(tracking_number=fact.tracking_number or None), now)


def _guess_carrier(number: str) -> str:
    couriers = couriers_of(number)
    return min(couriers) if len(couriers) == 1 else ""


async def _hear_again(tx: Transaction, order: KeptOrder, part: Fulfillment, fact: HandedOver, now: datetime) -> None:
    """Take a number that comes later, or another one; one that was corrected before does not come back."""
    if fact.lines:
        await leave_behind(tx, fact, now)
    parcel = await live_parcel(tx, part.fulfillment_id)
    number = fact.tracking_number
    if parcel is None or not number or number == parcel.tracking_number or number in parcel.former:
        return
    if order.state is not OrderState.OPEN:
        raise Conflict("corrected-too-late", f"{order.order_id} is {order.state.value}: its channel hears no more")
    await correct_number(tx, part, parcel, number, fact.carrier, now)
    await wake(tx, order.order_id, order.ticket)
    await tell_changed(tx, order.order_id, "tracking")


async def _require_our_number(tx: Transaction, part: Fulfillment, fact: HandedOver) -> None:
    """Refuse a number that is not that of the label which we bought."""
    parcel = await live_parcel(tx, part.fulfillment_id)
    if parcel is None:
        _require_gone(part)
    elif fact.tracking_number not in parcel.numbers:
        words = f"{part.fulfillment_id} has a label of ours, {parcel.tracking_number}, and left under another"
        raise Conflict("another-label", words)


def _require_gone(part: Fulfillment) -> None:
    if part.stage in TERMINAL - GONE:
        raise Conflict("left-after-end", f"{part.fulfillment_id} left although it is {part.stage.value}")
    if part.stage not in GONE:
        raise Unavailable("too-early", f"{part.fulfillment_id} is {part.stage.value} and has no label yet")
