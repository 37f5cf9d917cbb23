"""What a location's no means for later: a shelf is not what the books say, or the place comes last for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.facts import RejectedLine
from domain.fulfillment import Fulfillment
from domain.inventory import MovementKind
from domain.ports.stores import Transaction
from domain.ports.stores.inventory import Movement
from domain.rejection import goods_lost
from domain.snapshot import Doubt


async def keep_doubts(tx: Transaction, part: Fulfillment, rejected: tuple[RejectedLine, ...], now: datetime) -> None:
    """Let the location come last for what it did not find, or for anything while it is too busy.

    Where the policy says so, nothing that is not reserved is believed to lie there any more. The units themselves have
    left the books before.
    """
    policy = (await tx.sourcing.read(now)).policy
    missing = sorted({sku for (_, sku), (_, reason) in goods_lost(part, rejected).items() if reason == "not_found"})
    for sku in missing:
        await tx.sourcing.doubt(_doubt(part.location, sku, now, policy.not_found_minutes))
        if policy.not_found == "shelf":
            await _empty_shelf(tx, part, sku, now)
    if any(line.reason == "too_busy" for line in rejected):
        await tx.sourcing.doubt(_doubt(part.location, "", now, policy.busy_minutes))


def _doubt(location: str, sku: str, now: datetime, minutes: int) -> Doubt:
    return Doubt(location=location, sku=sku, until=now + timedelta(minutes=minutes))


async def _empty_shelf(tx: Transaction, part: Fulfillment, sku: str, now: datetime) -> None:
    levels = await tx.stock.levels([sku])
    reserved = next((level.reserved for level in levels if level.location == part.location), 0)
    movement = Movement(
        key=f"reject:{part.fulfillment_id}:{sku}:shelf",
        kind=MovementKind.ADJUST,
        sku=sku,
        location=part.location,
        delta=0,
        reason="not_found",
        actor=part.location,
    )
    await tx.stock.count(movement, reserved, now)
