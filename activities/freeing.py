"""Freeing stock: who waits for it is told before its levels are locked, whatever the reason it is given back for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.fulfillment import HOLDS_RESERVATION, Fulfillment, Stage
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move

CAN_WIND_DOWN = HOLDS_RESERVATION - {Stage.PLANNED, Stage.CANCELLING}
"""Where somebody may be at work on a part whose goods are here."""


async def clear_stock(tx: Transaction, skus: Iterable[str], now: datetime) -> None:
    """Clear the causes of those who wait for these SKUs, in the one order in which they are locked."""
    for sku in sorted(set(skus)):
        await tx.waits.clear(f"stock:{sku}", now)


async def announce_freed(tx: Transaction, part: Fulfillment, now: datetime) -> None:
    """Clear the causes of those who wait for the SKUs of a part that gives its stock back (before its levels lock)."""
    await clear_stock(tx, (own.sku for line in part.lines for own in line.made_of), now)


async def take_back(tx: Transaction, part: Fulfillment, now: datetime, before: frozenset[Stage] | None = None) -> bool:
    """End a part that nobody was told of, and wind any other down, since somebody may be at work on it.

    Args:
        tx: the transaction; the order's row is locked.
        part: the part as just loaded.
        now: the moment.
        before: the stages in which it may be taken back; by default all in which its goods are here.

    Returns:
        False when it has just moved on.
    """
    planned = part.stage is Stage.PLANNED
    before = before or (frozenset({Stage.PLANNED}) if planned else CAN_WIND_DOWN)
    to = Stage.REPLANNED if planned else Stage.CANCELLING
    await announce_freed(tx, part, now)
    move = Move(fulfillment_id=part.fulfillment_id, before=before, to=to, at=now, tells=True)
    if await tx.fulfillments.advance(move) is None:
        return False
    if planned:
        await tx.stock.free(part.fulfillment_id)
    return True
