"""The third hand: what people did on the channel itself enters the record instead of being done twice."""

from __future__ import annotations

from datetime import datetime

from activities.address import enter_address
from activities.cancellation import cancel_subject, cancel_units, everything, untold
from activities.context import Context
from activities.ending import end_hold
from activities.freeing import take_back
from activities.given_back import hold_unpaid, is_of_refund, is_paid_again, units_gone
from activities.repayment import enter_refunds
from domain.effect import EffectKind, EffectState, effect_base
from domain.fulfillment import HOLDS_RESERVATION, Stage
from domain.messages import CHANGED, Changed, order_workflow_id
from domain.order import KEEPS_STOCK, ChannelOrder, HoldReason, OrderState
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.outbox import Telling

CHANNEL = "channel"


def shows_a_hand(order: KeptOrder | None, seen: ChannelOrder) -> bool:
    """Tell whether the channel shows anything that may not come from us; a plain order needs no closer look."""
    return bool(
        seen.cancelled
        or seen.cancel_requested
        or seen.refunds
        or seen.shipments
        or seen.holds
        or any(line.cancelled for line in seen.lines)
        or (order is not None and (order.holds or seen.captured > order.captured))
    )


async def observe(tx: Transaction, order: KeptOrder, seen: ChannelOrder, now: datetime) -> bool:
    """Enter what the channel shows and we did not do; return whether anything was new. The order's row is locked.

    An order of a channel that is only watched stays as it was first seen: all that was done is entered when it is
    taken over.
    """
    if order.state is OrderState.OBSERVED:
        return False
    changed = [
        await tx.money.enter_captured(order.order_id, seen.captured),
        await _holds(tx, order, seen, now),
        await enter_address(tx, order, seen, now),
    ]
    refunds = await enter_refunds(tx, order.order_id, seen, now)
    changed += [refunds.ours, refunds.by_hand, await _shipments(tx, order, seen, now)]
    if changed[-1]:
        order = await tx.orders.load(order.order_id)
    changed.append(await _cancellations(tx, order, seen, now))
    # Last, since what was cancelled or shipped as well as refunded needs no hold.
    changed.append(await _unpaid(tx, order, seen, now, refunded=refunds.by_hand))
    return any(changed)


async def read_again(context: Context, order_id: str, *, closely: bool = False) -> ChannelOrder:
    """Read the order from its channel as it stands now, enter what was done by hand, and return what was seen.

    `closely`: also when nothing shows a hand, for what the channel may tell only now.
    """
    account, _, channel_order_id = order_id.partition("/")
    marketplace = await context.parties.marketplace(account)
    raw = await marketplace.fetch_order(channel_order_id)
    seen = marketplace.read_order(raw.body)
    if closely or shows_a_hand(None, seen):
        async with context.record.begin() as tx:
            order = await tx.orders.load(order_id, lock=True)
            if await observe(tx, order, seen, context.now()):
                await tell_changed(tx, order_id, "channel")
    return seen


async def tell_changed(tx: Transaction, order_id: str, what: str) -> None:
    """Let the order's workflow look again."""
    payload = Changed(what=what).model_dump_json()
    await tx.outbox.tell(
        Telling(workflow="Order", workflow_id=order_workflow_id(order_id), signal=CHANGED, payload=payload)
    )


async def _holds(tx: Transaction, order: KeptOrder, seen: ChannelOrder, now: datetime) -> bool:
    """Follow the channel's holds; those that our own people placed stay."""
    if order.state is not OrderState.OPEN:
        return False
    # What was read earlier may be taken in later: a hold follows the channel's own time.
    told = seen.updated_at
    ours = {hold.reason for hold in order.holds}
    from_channel = {hold.reason for hold in order.holds if hold.placed_by == CHANNEL and hold.placed_at <= told}
    changed = False
    for reason in sorted(from_channel - set(seen.holds)):
        changed |= await end_hold(tx, order.order_id, reason, CHANNEL, told, now)
    for reason in sorted(set(seen.holds) - ours):
        placed = await tx.orders.place_hold(order.order_id, reason, CHANNEL, told)
        if placed and not KEEPS_STOCK[reason]:
            await free_planned(tx, order, now)
        changed |= placed
    return changed


async def _unpaid(tx: Transaction, order: KeptOrder, seen: ChannelOrder, now: datetime, *, refunded: bool) -> bool:
    """Hold an order for money that was given back just now; let it go when the channel shows that it may."""
    held = any(is_of_refund(hold.reason, hold.placed_by) for hold in order.holds)
    if order.state is not OrderState.OPEN or not (refunded or held):
        return False
    order = await tx.orders.load(order.order_id)
    if held and is_paid_again(order, seen):
        return await end_hold(tx, order.order_id, HoldReason.REFUNDED, CHANNEL, seen.updated_at, now)
    return refunded and await hold_unpaid(tx, order, seen, now)


async def free_planned(tx: Transaction, order: KeptOrder, now: datetime) -> None:
    """Give back the stock of parts that nobody was told of: a hold that keeps no stock was placed."""
    for part in order.fulfillments:
        if part.stage is Stage.PLANNED:
            await take_back(tx, part, now)


async def _shipments(tx: Transaction, order: KeptOrder, seen: ChannelOrder, now: datetime) -> bool:
    """Take units that a person shipped on the channel out of our hands: no second parcel may leave."""
    by_hand = await _shipped_by_hand(tx, order, seen)
    fresh = {
        line.line_id: min(by_hand.get(line.line_id, 0), line.quantity - line.cancelled - units_gone(order, line))
        - line.by_hand
        for line in order.lines
    }
    fresh = {line_id: units for line_id, units in fresh.items() if units > 0}
    if not fresh or order.state is not OrderState.OPEN:
        return False
    for part in order.fulfillments:
        if part.stage in HOLDS_RESERVATION and any(line.line_id in fresh for line in part.lines):
            # What of it is still wanted is planned anew.
            await take_back(tx, part, now)
    await tx.orders.count_by_hand(order.order_id, fresh)
    return True


async def _shipped_by_hand(tx: Transaction, order: KeptOrder, seen: ChannelOrder) -> dict[str, int]:
    if not seen.shipments:
        return {}
    ours: set[str] = set()
    for part in order.fulfillments:
        for parcel in await tx.shipments.parcels(part.fulfillment_id):
            ours |= parcel.numbers
    totals: dict[str, int] = {}
    for shipment in seen.shipments:
        if shipment.tracking_number not in ours and not shipment.reference.startswith(("tracking:", "pickup:")):
            for line_id, units in shipment.quantities.items():
                totals[line_id] = totals.get(line_id, 0) + units
    return totals


async def _cancellations(tx: Transaction, order: KeptOrder, seen: ChannelOrder, now: datetime) -> bool:
    """A cancellation on the channel is a fact; a request to cancel is only a wish, granted where it still can be."""
    totals = everything(order) if seen.cancelled else {line.line_id: line.cancelled for line in seen.lines}
    known = {line.line_id: line.told_cancelled for line in order.lines}
    news = {line_id: units for line_id, units in totals.items() if units > known.get(line_id, 0)}
    verdicts = await cancel_units(tx, order, news, now, told=True)
    if news and not await _is_telling(tx, order):
        await tx.orders.tell_cancelled(
            order.order_id, {line.line_id: min(news.get(line.line_id, 0), line.cancelled) for line in order.lines}
        )
    asked = seen.cancel_requested and await tx.orders.request_cancel(order.order_id)
    if asked and order.state is OrderState.OPEN:
        fresh = await tx.orders.load(order.order_id)
        await cancel_units(tx, fresh, everything(fresh), now, told=False)
    return asked or bool(verdicts.now or verdicts.waits or verdicts.too_late)


async def _is_telling(tx: Transaction, order: KeptOrder) -> bool:
    """Tell whether our own cancellation may be what is seen: the step that sends it ends it, and owes the refund."""
    begun = await tx.effects.latest(effect_base(EffectKind.CANCEL, cancel_subject(order, untold(order))))
    return begun is not None and begun.state in {EffectState.SENDING, EffectState.UNKNOWN}
