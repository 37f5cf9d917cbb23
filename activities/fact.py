"""Facts: what others report is decided in the record first; the workflow is told afterwards."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from activities.arrival import apply_return_fact
from activities.context import Context
from activities.handing_over import hand_over
from activities.intake import refresh_order
from activities.journey import leave, reach_milestone
from activities.rejection import reject_units
from activities.shelf import apply_stock_fact
from activities.told import Told
from domain.errors import CrossdockError, Refused, Unavailable
from domain.facts import (
    Collected,
    Fact,
    HandedOver,
    LinesRejected,
    OrderChanged,
    ParcelScanned,
    Picked,
    Ready,
    StockChanged,
    StockCounted,
    TillReturned,
    TillSold,
)
from domain.fulfillment import Fulfillment, Stage, came_before, later
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.inbox import InboxRow
from domain.shipment import TrackingEvent, TrackingStatus

_SCANS_AHEAD = timedelta(seconds=30)
"""How long a scan may be ahead of its label; a label that takes longer finds the scan when it is kept."""


async def apply_message(context: Context, row: InboxRow) -> str:
    """Apply a stored message; return an empty code, or why it was set aside or refused.

    Each of several facts is applied by itself, whatever becomes of the others, and entered with its effects: whoever
    comes next goes on with those that are left. A report that contradicts the record is quarantined, where operators
    see it; a refused pickup is done with: whoever stands at the counter is told at once.

    Raises:
        Unavailable: something of it cannot be applied yet: it stays NEW, also where other facts of it are refused.
    """
    reader = await context.parties.webhooks(row.party)
    try:
        facts = reader.read_webhook(row.body)
        if len(facts) == 1:
            return await _apply(context, Told(row), facts[0])
        code = await _apply_each(context, row, facts)
        await _end(context, Told(row))
    except Unavailable:
        raise
    except CrossdockError as error:
        async with context.record.begin() as tx:
            await tx.inbox.quarantine(row.inbox_id, error.code, str(error), context.now())
        return error.code
    return code


async def _apply_each(context: Context, row: InboxRow, facts: tuple[Fact, ...]) -> str:
    code = ""
    early: list[Unavailable] = []
    refused: list[CrossdockError] = []
    for place, fact in enumerate(facts):
        if place in row.applied:
            continue
        try:
            code = await _apply(context, Told(row, place), fact) or code
        except Unavailable as error:
            early.append(error)
        except CrossdockError as error:
            refused.append(error)
    for error in (*early, *refused):
        raise error
    return code


async def _apply(context: Context, told: Told, fact: Fact) -> str:
    """Apply one fact; return why a pickup was refused, else an empty code."""
    try:
        await _enter(context, told, fact)
    except Refused as error:
        if not isinstance(fact, Collected):
            raise
        await _end(context, told)
        return error.code
    return ""


async def _enter(context: Context, told: Told, fact: Fact) -> None:
    match fact:
        case OrderChanged():
            await refresh_order(context, told.party, fact.channel_order_id)
            await _end(context, told)
        case Picked():
            await _advance(context, told, fact.fulfillment_id, Stage.PICKED)
        case Ready():
            await _advance(context, told, fact.fulfillment_id, Stage.READY)
        case HandedOver():
            await hand_over(context, told, fact)
        case Collected():
            await _collect(context, told, fact)
        case LinesRejected():
            await _reject_lines(context, told, fact)
        case ParcelScanned():
            await _scan(context, told, fact)
        case StockCounted() | StockChanged() | TillSold() | TillReturned():
            await apply_stock_fact(context, told, fact)
        case _:
            await apply_return_fact(context, told, fact)


async def _end(context: Context, told: Told) -> None:
    async with context.record.begin() as tx:
        await told.end(tx, None, context.now())


async def _advance(context: Context, told: Told, fulfillment_id: str, to: Stage) -> None:
    """Advance by staff's word; a report that comes twice, or too late to matter, changes nothing."""
    async with context.record.begin() as tx:
        move = Move(
            fulfillment_id=fulfillment_id,
            before=came_before(to),
            to=to,
            at=context.now(),
            clears=f"staff:{fulfillment_id}" if to is Stage.READY else "",
            waits_for=f"pickup:{fulfillment_id}" if to is Stage.READY else "",
            tells=True,
            inbox_id=told.inbox_id,
        )
        moved = await tx.fulfillments.advance(move)
        if moved is None:
            await _expect_later(tx, fulfillment_id, to)
        await told.end_after(tx, moved, context.now())


async def _expect_later(tx: Transaction, fulfillment_id: str, to: Stage) -> None:
    part = await tx.fulfillments.load(fulfillment_id)
    if later(part.stage, to) is not part.stage:
        raise Unavailable("too-early", f"{fulfillment_id} is {part.stage.value}, reported as {to.value}")


async def _collect(context: Context, told: Told, fact: Collected) -> None:
    async with context.record.begin() as tx:
        pin = await tx.vault.pickup_pin(fact.fulfillment_id)
        if not hmac.compare_digest(pin.encode(), fact.pin.get_secret_value().encode()):
            raise Refused("wrong-pin", "this PIN does not belong to this pickup")
        left = await leave(context, tx, fact.fulfillment_id, Stage.COLLECTED, told.inbox_id)
        if left is None:
            part = await tx.fulfillments.load(fact.fulfillment_id)
            if part.stage is not Stage.COLLECTED:
                raise Refused("not-ready", f"{fact.fulfillment_id} is {part.stage.value} and cannot be handed out")
        await told.end_after(tx, left, context.now())


async def _reject_lines(context: Context, told: Told, fact: LinesRejected) -> None:
    """Take rejected units off a fulfillment order; its message says how many, not how many are left, so only once."""
    now = context.now()
    async with context.record.begin() as tx:
        order_id = (await tx.fulfillments.load(fact.fulfillment_id)).order_id
        await tx.orders.load(order_id, lock=True)
        if await told.is_news(tx):
            await reject_units(tx, fact, now)
            await told.end(tx, order_id, now)


async def _scan(context: Context, told: Told, fact: ParcelScanned) -> None:
    """Keep every scan; milestones move the fulfillment order, in whatever order they arrive."""
    now = context.now()
    async with context.record.begin() as tx:
        part = await tx.shipments.scan(fact.scan, now)
        if part is None:
            await _expect_parcel(tx, fact.scan, now)
        else:
            await _follow(context, tx, told, part, fact.scan.status)
            return
    # The scan is committed: a label that is being kept at this moment finds it afterwards, or is found here.
    async with context.record.begin() as tx:
        part = await tx.shipments.scan(fact.scan, now)
        await _follow(context, tx, told, part, fact.scan.status)


async def _follow(
    context: Context, tx: Transaction, told: Told, part: Fulfillment | None, status: TrackingStatus
) -> None:
    moved = part and await reach_milestone(context, tx, part, status, told.inbox_id)
    await told.end_after(tx, moved, context.now())


async def _expect_parcel(tx: Transaction, scan: TrackingEvent, now: datetime) -> None:
    """Let a scan wait a moment for its parcel: a carrier can be faster than the label's own transaction."""
    if now - scan.occurred_at < _SCANS_AHEAD and await tx.returns.by_tracking(scan.tracking_number) is None:
        raise Unavailable("no-parcel-yet", f"no parcel travels under {scan.tracking_number}")
