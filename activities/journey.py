"""The journey of goods: they leave the shelf, are scanned on their way, and come to its end."""

from __future__ import annotations

from activities.context import Context
from domain.fulfillment import TERMINAL, Fulfillment, Stage, came_before
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move
from domain.shipment import MILESTONE, TrackingStatus

ON_THE_SHELF = frozenset({Stage.RELEASED, Stage.PICKED})
"""Stages from which goods leave under a label of the place's own."""


async def leave(
    context: Context, tx: Transaction, fulfillment_id: str, to: Stage, inbox_id: int | None, *, own_label: bool = False
) -> Fulfillment | None:
    """Let goods leave the shelf, by carrier or with the buyer, if the row allows it; the stock falls with it.

    `own_label`: the place says that they left under a label of its own, for which none of ours is waited for.
    """
    by_carrier = to is Stage.HANDED_OVER
    earlier = ON_THE_SHELF if own_label else ()
    move = Move(
        fulfillment_id=fulfillment_id,
        before=frozenset({Stage.LABELLED if by_carrier else Stage.READY, Stage.CANCELLING, *earlier}),
        to=to,
        at=context.now(),
        clears=f"{'staff' if by_carrier else 'pickup'}:{fulfillment_id}",
        waits_for=f"delivery:{fulfillment_id}" if by_carrier else "",
        tells=True,
        inbox_id=inbox_id,
    )
    moved = await tx.fulfillments.advance(move)
    if moved is not None:
        await tx.stock.ship(fulfillment_id, context.now())
    return moved


async def reach_milestone(
    context: Context, tx: Transaction, part: Fulfillment, status: TrackingStatus, inbox_id: int | None
) -> Stage | None:
    """Advance a fulfillment order by a scan of its parcel; return the new stage, or None when it means no news."""
    to = MILESTONE.get(status)
    if to is None:
        return None
    if part.stage in {Stage.LABELLED, Stage.CANCELLING}:
        await leave(context, tx, part.fulfillment_id, Stage.HANDED_OVER, None)
    move = Move(
        fulfillment_id=part.fulfillment_id,
        before=came_before(to),
        to=to,
        at=context.now(),
        clears=f"delivery:{part.fulfillment_id}" if to in TERMINAL else "",
        tells=True,
        inbox_id=inbox_id,
    )
    return None if await tx.fulfillments.advance(move) is None else to


async def catch_up(context: Context, fulfillment_id: str) -> Stage | None:
    """Follow a scan that was faster than its label; return the new stage, or None when there is no news.

    After the commit that kept the label: scans commit before they look for a label, so that one sees the other.
    """
    async with context.record.begin() as tx:
        seen = await tx.shipments.latest(fulfillment_id)
        if seen is None:
            return None
        part = await tx.fulfillments.load(fulfillment_id)
        return await reach_milestone(context, tx, part, seen.status, None)
