"""Rerouting: a fulfillment order is taken away from its location, and its units are open again, to go elsewhere."""

from __future__ import annotations

from datetime import datetime

from activities.freeing import take_back
from domain.fulfillment import Fulfillment
from domain.ports.stores import Transaction
from domain.ports.stores.order import Refusal


async def call_back(tx: Transaction, part: Fulfillment, now: datetime, until: datetime | None = None) -> bool:
    """Take a part away from its location, for good or until a moment; False when it has just moved on.

    The order's row is locked.
    """
    if not await take_back(tx, part, now, frozenset({part.stage})):
        return False
    await tx.fulfillments.refuse_location(part.fulfillment_id, Refusal(until=until))
    return True
