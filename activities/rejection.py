"""What a location's no means for later: a shelf is not what the books say, or the place comes last for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from activities.freeing import announce_freed
from activities.observation import tell_changed
from domain.errors import Conflict
from domain.facts import HandedOver, LinesRejected, RejectedLine
from domain.fulfillment import REOPENS_LINES, Fulfillment, Stage, came_before
from domain.inventory import MovementKind
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.inventory import Movement
from domain.ports.stores.order import Refusal
from domain.rejection import LEAVES_SHELF, goods_lost, sets_rejected
from domain.snapshot import Doubt
from domain.sourcing import SourcingPolicy

_TAKEN_AWAY = REOPENS_LINES | {Stage.CANCELLING, Stage.CANCELLED, Stage.EXPIRED}
"""Stages in which the location no longer has the work, or is asked for it back."""


async def reject_units(tx: Transaction, fact: LinesRejected, now: datetime) -> tuple[str, bool]:
    """Take rejected units off a fulfillment order, unless it is too late; the reason decides what becomes of the stock.

    Returns:
        The order, and whether it was done: not if the units were taken away from the location before.

    Raises:
        Conflict: it is none of its lines or goods, or the units have a label, wait for their buyer or have left.
    """
    order_id = (await tx.fulfillments.load(fact.fulfillment_id)).order_id
    await tx.orders.load(order_id, lock=True)
    part = await tx.fulfillments.load(fact.fulfillment_id)
    _require_its_own(part, fact)
    if part.stage in _TAKEN_AWAY:
        return order_id, False
    if part.stage not in {Stage.RELEASED, Stage.PICKED}:
        words = f"{part.fulfillment_id} is {part.stage.value}; to take it from there: crossdock reroute {order_id}"
        raise Conflict("too-late-to-reject", f"{words} {part.fulfillment_id.rpartition('/')[2]}")
    policy = (await tx.sourcing.read(now)).policy
    quantities = sets_rejected(part, fact.lines)
    await announce_freed(tx, part, now)
    if all(quantities.get(line.line_id, 0) >= line.quantity for line in part.lines):
        move = Move(
            fulfillment_id=part.fulfillment_id,
            before=came_before(Stage.REJECTED),
            to=Stage.REJECTED,
            at=now,
            clears=f"staff:{part.fulfillment_id}",
            tells=True,
        )
        await tx.fulfillments.advance(move)
    reasons = {line.line_id: line.reason for line in reversed(fact.lines)}
    for reason in sorted({reasons[line_id] for line_id in quantities}):
        mine = {line_id: units for line_id, units in quantities.items() if reasons[line_id] == reason}
        refusal = Refusal(until=now + policy.refused_for(reason), since=now if reason in LEAVES_SHELF else None)
        await tx.fulfillments.reject_lines(part.fulfillment_id, mine, reason, refusal)
    await tx.stock.free(part.fulfillment_id, quantities)
    await book_losses(tx, part, fact.lines, policy, now)
    await tell_changed(tx, order_id, "rejected")
    return order_id, True


def _require_its_own(part: Fulfillment, fact: LinesRejected) -> None:
    goods = {line.line_id: {"", line.sku, *(own.sku for own in line.made_of)} for line in part.lines}
    for row in fact.lines:
        if row.sku not in goods.get(row.line_id, ()):
            words = f"{part.fulfillment_id} has no line {row.line_id}" + (f" of {row.sku}" if row.sku else "")
            raise Conflict("not-in-this-part", f"{words}; it has: {', '.join(sorted(goods))}")


async def leave_behind(tx: Transaction, fact: HandedOver, now: datetime) -> None:
    """Take units off a fulfillment order that did not leave with the others: they were not found.

    Raises:
        Conflict: a label was bought for them already, or more left than was asked for.
    """
    part = await tx.fulfillments.load(fact.fulfillment_id)
    sent = {line.line_id: line.quantity for line in fact.lines}
    beyond = sent.keys() - {line.line_id for line in part.lines}
    if beyond or any(sent.get(line.line_id, 0) > line.quantity for line in part.lines):
        raise Conflict("sent-too-much", f"{fact.fulfillment_id}: more left than was asked for")
    behind = tuple(
        RejectedLine(line_id=line.line_id, quantity=line.quantity - sent.get(line.line_id, 0), reason="not_found")
        for line in part.lines
        if sent.get(line.line_id, 0) < line.quantity
    )
    if not behind:
        return
    if part.stage not in {Stage.RELEASED, Stage.PICKED}:
        raise Conflict("sent-too-little", f"{fact.fulfillment_id} is {part.stage.value}, and fewer units left with it")
    await reject_units(tx, LinesRejected(fulfillment_id=fact.fulfillment_id, lines=behind), now)


async def book_losses(
    tx: Transaction, part: Fulfillment, rejected: tuple[RejectedLine, ...], policy: SourcingPolicy, now: datetime
) -> None:
    """Take off the books what was not found or is damaged, and let the location come last for what it may not have.

    That is what it did not find, or anything while it is too busy. Where the policy says so, nothing that is not
    reserved is believed to lie there any more.
    """
    lost = sorted(goods_lost(part, rejected).items())
    for (line_id, sku), (units, reason) in lost:
        await tx.stock.move(_movement(part, f"{line_id}:{sku}", sku, -units, reason), now)
    missing = sorted({sku for (_, sku), (_, reason) in lost if reason == "not_found"})
    is_busy = any(line.reason == "too_busy" for line in rejected)
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
    # Each rejection leaves fewer units to reject: the next has other keys, and a repeat the same.
    left = sum(line.quantity for line in part.lines)
    return Movement(
        key=f"reject:{part.fulfillment_id}:{left}:{subject}",
        kind=MovementKind.ADJUST,
        sku=sku,
        location=part.location,
        delta=delta,
        reason=reason,
        actor=part.location,
    )
