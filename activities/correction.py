"""Another tracking number: a parcel travels under it from now on, and whoever knows the old one hears of it once."""

from __future__ import annotations

from datetime import datetime, timedelta

from activities.steps import VerbResult, correction_scope, tracking_scope
from domain.effect import EffectKind, EffectState, effect_base
from domain.errors import Conflict
from domain.fulfillment import GONE, Fulfillment
from domain.messages import AmendTracking
from domain.ports.stores import Transaction
from domain.ports.stores.effect import Effect
from domain.ports.stores.order import KeptOrder
from domain.shipment import Parcel, ParcelState
from domain.tracking_number import is_mistyped

_RESTS_FOR = timedelta(days=90)
"""How long a number belongs to a parcel that has arrived: carriers give it to another one some months later."""

_IN_DOUBT = frozenset({EffectState.SENDING, EffectState.UNKNOWN})


async def live_parcel(tx: Transaction, fulfillment_id: str) -> Parcel | None:
    """Return the parcel of a fulfillment order whose label counts, if there is one."""
    parcels = await tx.shipments.parcels(fulfillment_id)
    return next((parcel for parcel in parcels if parcel.state is ParcelState.LIVE), None)


def correction_subject(parcel: Parcel) -> str:
    """Return what a correction is known by at the channel: each telling of a parcel has one that may follow it."""
    return f"{parcel.parcel_id}/{parcel.tellings}"


async def require_number(tx: Transaction, fulfillment_id: str, number: str, carrier: str, now: datetime) -> None:
    """Refuse a number that is mistyped, or that another parcel travels under. The order's row is locked.

    Raises:
        Conflict: why it cannot be right.
    """
    if is_mistyped(number, carrier):
        raise Conflict("tracking-number-mistyped", f"{number}: its check digit is wrong; read it from the label again")
    # Two that come at the same moment with one number: the second sees the first.
    await tx.waits.lock_causes((f"number:{number}",))
    others = await tx.shipments.travels_under(number, now - _RESTS_FOR) - {fulfillment_id}
    if others:
        raise Conflict("tracking-number-taken", f"{number} is the number of {min(others)}: a parcel has its own")


async def correct_number(
    tx: Transaction, part: Fulfillment, parcel: Parcel, number: str, carrier: str, now: datetime
) -> None:
    """Let a parcel travel under another number; what waited with the old one goes on. The order's row is locked.

    Raises:
        Conflict: it cannot be the number of this parcel.
    """
    carrier = carrier or parcel.carrier
    await require_number(tx, part.fulfillment_id, number, carrier, now)
    await tx.shipments.correct(parcel.parcel_id, number, carrier, now)
    if any(effect.state is EffectState.REJECTED for effect in await _tellings(tx, parcel)):
        await tx.effects.supersede(part.order_id)  # what was refused of the old number may be told with the new one
    await _end_waits(tx, part, now)


async def amend_number(tx: Transaction, order: KeptOrder, verb: AmendTracking, now: datetime) -> VerbResult:
    """Enter the number that an operator read from a parcel. The order's row is locked.

    Raises:
        Conflict: it cannot be the number of this parcel.
    """
    part = next((part for part in order.fulfillments if part.fulfillment_id == verb.fulfillment_id), None)
    parcel = part and await live_parcel(tx, part.fulfillment_id)
    if part is None or parcel is None:
        stage = part.stage.value if part else "not of this order"
        return VerbResult(done=False, words=f"{verb.fulfillment_id} is {stage}: it has no parcel")
    if verb.told and (doubt := await _hinders(tx, part, parcel)):
        return VerbResult(done=False, words=doubt)
    if verb.tracking_number != parcel.tracking_number:
        await correct_number(tx, part, parcel, verb.tracking_number, verb.carrier, now)
    words = f"{parcel.parcel_id} travels under {verb.tracking_number}"
    if verb.told:
        await tx.shipments.tell_tracking(parcel.parcel_id, verb.tracking_number, now)
        await _end_waits(tx, part, now)
        words += ", and the channel knows"
    # Nothing is left to end when an attempt before this one was done and its answer was lost.
    return VerbResult(done=True, words=words, ticket=order.ticket, review=True)


async def _hinders(tx: Transaction, part: Fulfillment, parcel: Parcel) -> str:
    """Say why nobody may say yet that the channel knows."""
    if part.stage not in GONE:
        return f"{part.fulfillment_id} is {part.stage.value}: the channel is not told before it has left"
    doubtful = [effect.key for effect in await _tellings(tx, parcel) if effect.state in _IN_DOUBT]
    return f"{doubtful[0]} is in doubt: settle it first, with --effect" if doubtful else ""


async def _tellings(tx: Transaction, parcel: Parcel) -> list[Effect]:
    """Return what was last begun to tell the channel of the parcel."""
    subjects = {EffectKind.TRACKING: parcel.parcel_id, EffectKind.CORRECTION: correction_subject(parcel)}
    found = [await tx.effects.latest(effect_base(kind, subject)) for kind, subject in subjects.items()]
    return [effect for effect in found if effect is not None]


async def _end_waits(tx: Transaction, part: Fulfillment, now: datetime) -> None:
    waiting = {wait.scope for wait in await tx.waits.of_order(part.order_id)}
    for scope in sorted(waiting & {tracking_scope(part.fulfillment_id), correction_scope(part.fulfillment_id)}):
        await tx.waits.rewrite(part.order_id, scope, {}, now)
