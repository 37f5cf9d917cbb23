"""Refunds that a channel shows, ours and those that people made: each is entered once, and ends what is in doubt."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from activities.outage import let_go
from domain.effect import EffectKind
from domain.order import ChannelOrder, ChannelRefund
from domain.ports.stores import Transaction
from domain.ports.stores.money import Refund, RefundState
from domain.waits import CauseKind

_OURS = f"{EffectKind.REFUND.value}:"


class Entered(NamedTuple):
    """Whether anything of ours moved, and whether a person gave more back than we were about to."""

    ours: bool
    by_hand: bool


async def enter_refunds(tx: Transaction, order_id: str, seen: ChannelOrder, now: datetime) -> Entered:
    """Enter what the channel shows as given back; the order's row is locked.

    Ours go first, so that a person's are held only against those that are still in doubt. Whoever waits for a person's
    word on one of them looks again.
    """
    if not seen.refunds:
        return Entered(ours=False, by_hand=False)
    before = await tx.money.refunds(order_id)
    for kept in before:
        await _enter_own(tx, kept, seen, now)
    # A reference that is not of our making is somebody else's, and so was the refund.
    foreign = [one.model_copy(update={"reference": ""}) for one in seen.refunds if not _ours(one)]
    by_hand = [await tx.money.enter_by_hand(order_id, refund, now) for refund in foreign]
    moved = bool(before) and before != await tx.money.refunds(order_id)
    if moved:
        await _look_again(tx, order_id)
    return Entered(ours=moved, by_hand=any(by_hand))


def _ours(refund: ChannelRefund) -> str:
    """Return the id of our refund that this is, or a part of; nothing when it is not ours."""
    return refund.reference.removeprefix(_OURS).rpartition("#")[0] if refund.reference.startswith(_OURS) else ""


async def _enter_own(tx: Transaction, kept: Refund, seen: ChannelOrder, now: datetime) -> None:
    parts = [one for one in seen.refunds if _ours(one) == kept.refund_id]
    amount = sum(part.amount for part in parts)
    known = kept.state is RefundState.CONFIRMED and kept.amount == amount
    if parts and amount >= kept.amount and not known:
        await tx.money.enter_own(kept.refund_id, amount, parts[0].refund_id, now)


async def _look_again(tx: Transaction, order_id: str) -> None:
    for wait in await tx.waits.of_order(order_id):
        if wait.cause.startswith(f"{CauseKind.EFFECT.value}:{_OURS}"):
            await let_go(tx, wait)
