"""Rerouting: a fulfillment order is taken away from its location, and its units are open again, to go elsewhere."""

from __future__ import annotations

from datetime import datetime

from activities.cancellation import announce_freed
from domain.fulfillment import Fulfillment, Stage
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move


async def call_back(tx: Transaction, part: Fulfillment, now: datetime) -> bool:
    """Take a part away from its location, for good; False when it has just moved on. The order's row is locked.

    A part that nobody was told of ends at once; any other is wound down first, since somebody may be at work on it.
    """
    planned = part.stage is Stage.PLANNED
    await announce_freed(tx, part, now)
    move = Move(
        fulfillment_id=part.fulfillment_id,
        before=frozenset({part.stage}),
        to=Stage.REPLANNED if planned else Stage.CANCELLING,
        at=now,
        tells=True,
    )
    if await tx.fulfillments.advance(move) is None:
        return False
    if planned:
        await tx.stock.free(part.fulfillment_id)
    await tx.fulfillments.refuse_location(part.fulfillment_id)
    return True
