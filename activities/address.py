"""An address that changes: nothing goes to the new one by itself, and nothing to the old one unseen."""

from __future__ import annotations

from datetime import datetime

from activities.freeing import take_back
from domain.customs import territory_of
from domain.effect import EffectKind, EffectState, effect_base
from domain.errors import NotFound
from domain.fulfillment import HOLDS_RESERVATION, Stage
from domain.order import ChannelOrder, HoldReason, OrderState
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.shipment import ParcelState
from domain.values import Address

_LABELLED = frozenset({Stage.LABELLED, Stage.HANDED_OVER, Stage.IN_TRANSIT})
_AT_ITS_PLACE = frozenset({Stage.RELEASED, Stage.PICKED, Stage.CANCELLING})
_HERE = HOLDS_RESERVATION - {Stage.CANCELLING}
_PERHAPS_BOUGHT = frozenset({EffectState.SENDING, EffectState.UNKNOWN, EffectState.CONFIRMED})


def goes_elsewhere(tx: Transaction, order: KeptOrder, seen: ChannelOrder) -> bool:
    """Tell whether the channel shows another address than it did before; an address it hides says nothing.

    The first that it shows of an open order is another one than none.
    """
    if seen.address is None or (not order.address_mark and order.state is not OrderState.OPEN):
        return False
    return tx.vault.mark(order.order_id, seen.address) != order.address_mark


async def enter_address(tx: Transaction, order: KeptOrder, seen: ChannelOrder, now: datetime) -> bool:
    """Hold an order whose address has changed on the channel, until a person decides; the order's row is locked.

    The new address is put into the vault beside the current one. When everything has left, it is only noted.
    """
    if order.state is not OrderState.OPEN or seen.address is None or not goes_elsewhere(tx, order, seen):
        return False
    await tx.vault.note_told(order.order_id, seen.address)
    if not order.address_mark:
        return await _begin_address(tx, order, seen.address, now)
    version = await tx.vault.propose_address(order.order_id, seen.address)
    to_send = any(line.open > 0 for line in order.lines)
    to_send |= any(part.stage in HOLDS_RESERVATION for part in order.fulfillments)
    reason = f"the channel shows another address: version {version} in the vault"
    await tx.audit.note(order.order_id, "address_changed", "channel", reason if to_send else f"too late; {reason}", now)
    return to_send and await tx.orders.place_hold(order.order_id, HoldReason.ADDRESS, "crossdock", now)


async def _begin_address(tx: Transaction, order: KeptOrder, address: Address, now: datetime) -> bool:
    """Use the first address that the channel tells, unless there was one and it was erased.

    What was planned without it is planned again.
    """
    try:
        version = await tx.vault.propose_address(order.order_id, address)
    except NotFound:
        return False
    await tx.vault.use_address(order.order_id, version)
    await tx.audit.note(order.order_id, "address_told", "channel", f"version {version} in the vault", now)
    await plan_again(tx, order, now)
    return True


def is_abroad(before: KeptOrder, after: KeptOrder) -> bool:
    """Tell whether an order goes to another country than before, or beyond another customs border."""
    return before.country != after.country or (
        territory_of(before.country, before.postal_zone) != territory_of(after.country, after.postal_zone)
    )


async def plan_again(tx: Transaction, order: KeptOrder, now: datetime) -> None:
    """Take back what is here and was planned for another country: served by other places, and beyond other borders."""
    for part in order.fulfillments:
        if part.delivery == "ship" and part.stage in _HERE:
            await take_back(tx, part, now)


async def is_on_a_label(tx: Transaction, order: KeptOrder) -> bool:
    """Tell whether goods of the order have a label, or may have one, that carries the current address.

    A place that labels its parcels itself may have printed one as soon as it has the work.
    """
    for part in order.fulfillments:
        if part.stage in _LABELLED or (part.labels_itself and part.stage in _AT_ITS_PLACE):
            return True
        if part.stage in {Stage.LABELLING, Stage.CANCELLING}:
            for parcel in await tx.shipments.parcels(part.fulfillment_id):
                effect = await tx.effects.latest(effect_base(EffectKind.LABEL, parcel.parcel_id))
                if parcel.state is not ParcelState.VOIDED and effect and effect.state in _PERHAPS_BOUGHT:
                    return True
    return False
