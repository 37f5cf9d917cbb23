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


async def book_losses(tx: Transaction, part: Fulfillment, rejected: tuple[RejectedLine, ...], now: datetime) -> None:
    """Take off the books what was not found or is damaged, and let the location come last for what it may not have.

    That is what it did not find, or anything while it is too busy. Where the policy says so, nothing that is not
    reserved is believed to lie there any more.
    """
    lost = sorted(goods_lost(part, rejected).items())
    for (line_id, sku), (units, reason) in lost:
        await tx.stock.move(_movement(part, f"{line_id}:{sku}", sku, -units, reason), now)
    missing = sorted({sku for (_, sku), (_, reason) in lost if reason == "not_found"})
    is_busy = any(line.reason == "too_busy" for line in rejected)
    if not missing and not is_busy:
        return
    policy = (await tx.sourcing.read(now)).policy
    for sku in missing:
        await tx.sourcing.doubt(_doubt(part.location, sku, now, policy.not_found_minutes))
        if policy.not_found == "shelf":
            await _empty_shelf(tx, part, sku, now)
    if is_busy:
        await tx.sourcing.doubt(_doubt(part.location, "", now, policy.busy_minutes))


def _doubt(location: str, sku: str, now: datetime, minutes: int) -> Doubt:
    return Doubt(location=location, sku=sku, until=now + timedelta(minutes=minutes))


async def _empty_shelf(tx: Transaction, part: Fulfillment, sku: str, now: datetime) -> None:
    levels = await tx.stock.levels([sku])
    reserved = next((level.reserved for level in levels if level.location == part.location), 0)
    await tx.stock.count(_movement(part, f"{sku}:shelf", sku, 0, "not_found"), reserved, now)


def _movement(part: Fulfillment, subject: str, sku: str, delta: int, reason: str) -> Movement:
    return Movement(
        key=f"reject:{part.fulfillment_id}:{subject}",
        kind=MovementKind.ADJUST,
        sku=sku,
        location=part.location,
        delta=delta,
        reason=reason,
        actor=part.location,
    )
