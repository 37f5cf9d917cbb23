"""Facts: what others report is decided in the record first; the workflow is told afterwards."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from activities.arrival import apply_return_fact
from activities.context import Context
from activities.intake import refresh_order
from activities.rejection import leave_behind, reject_units
from activities.shelf import apply_stock_fact
from domain.errors import Conflict, CrossdockError, Refused, Unavailable
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
from domain.fulfillment import GONE, TERMINAL, Fulfillment, Stage, came_before, later
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.inbox import InboxRow
from domain.shipment import MILESTONE, TrackingEvent, TrackingStatus

_SCANS_AHEAD = timedelta(seconds=30)
"""How long a scan may be ahead of its label; a label that takes longer finds the scan when it is kept."""


async def apply_message(context: Context, row: InboxRow) -> str:
    """Apply a stored message; return an empty code, or why it was set aside or refused.

    A report that contradicts the record is quarantined, where operators see it; a refused pickup is done with: whoever
    stands at the counter is told at once.

    Raises:
        Unavailable: it cannot be applied yet and stays NEW.
    """
    reader = await context.parties.webhooks(row.party)
    facts: tuple[Fact, ...] = ()
    try:
        facts = reader.read_webhook(row.body)
        for fact in facts:
            await _apply(context, row, fact)
        if not facts:
            await _finish(context, row)  # it means nothing to us
    except Unavailable:
        raise
    except CrossdockError as error:
        if isinstance(error, Refused) and any(isinstance(fact, Collected) for fact in facts):
            await _finish(context, row)
            return error.code
        async with context.record.begin() as tx:
            await tx.inbox.quarantine(row.inbox_id, error.code, str(error), context.now())
        return error.code
    return ""


async def _apply(context: Context, row: InboxRow, fact: Fact) -> None:
    match fact:
        case OrderChanged():
            await refresh_order(context, row.party, fact.channel_order_id)
            await _finish(context, row)
        case Picked():
            await _advance(context, row, fact.fulfillment_id, Stage.PICKED)
        case Ready():
            await _advance(context, row, fact.fulfillment_id, Stage.READY)
        case HandedOver():
            await _hand_over(context, row, fact)
        case Collected():
            await _collect(context, row, fact)
        case LinesRejected():
            await _reject_lines(context, row, fact)
        case ParcelScanned():
            await _scan(context, row, fact)
        case StockCounted() | StockChanged() | TillSold() | TillReturned():
            await apply_stock_fact(context, row, fact)
        case _:
            await apply_return_fact(context, row, fact)


async def _finish(context: Context, row: InboxRow) -> None:
    async with context.record.begin() as tx:
        await tx.inbox.finish(row.inbox_id, None, context.now())


async def _advance(context: Context, row: InboxRow, fulfillment_id: str, to: Stage) -> None:
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
            inbox_id=row.inbox_id,
        )
        if await tx.fulfillments.advance(move) is None:
            await _expect_later(tx, fulfillment_id, to)
            await tx.inbox.finish(row.inbox_id, None, context.now())


async def _expect_later(tx: Transaction, fulfillment_id: str, to: Stage) -> None:
    part = await tx.fulfillments.load(fulfillment_id)
    if later(part.stage, to) is not part.stage:
        raise Unavailable("too-early", f"{fulfillment_id} is {part.stage.value}, reported as {to.value}")


async def _hand_over(context: Context, row: InboxRow, fact: HandedOver) -> None:
    if fact.lines:
        async with context.record.begin() as tx:
            await leave_behind(tx, fact, context.now())
    fulfillment_id = fact.fulfillment_id
    async with context.record.begin() as tx:
        if await _leave(context, tx, fulfillment_id, Stage.HANDED_OVER, row.inbox_id) is None:
            part = await tx.fulfillments.load(fulfillment_id)
            if part.stage in TERMINAL - GONE:
                raise Conflict("left-after-end", f"{fulfillment_id} left although it is {part.stage.value}")
            if part.stage not in GONE:
                raise Unavailable("too-early", f"{fulfillment_id} is {part.stage.value} and has no label yet")
            await tx.inbox.finish(row.inbox_id, None, context.now())


async def _leave(
    context: Context, tx: Transaction, fulfillment_id: str, to: Stage, inbox_id: int | None
) -> Fulfillment | None:
    """Let goods leave the shelf, by carrier or with the buyer, if the row allows it; the stock falls with it."""
    by_carrier = to is Stage.HANDED_OVER
    move = Move(
        fulfillment_id=fulfillment_id,
        before=frozenset({Stage.LABELLED if by_carrier else Stage.READY, Stage.CANCELLING}),
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


async def _collect(context: Context, row: InboxRow, fact: Collected) -> None:
    async with context.record.begin() as tx:
        pin = await tx.vault.pickup_pin(fact.fulfillment_id)
        if not hmac.compare_digest(pin.encode(), fact.pin.get_secret_value().encode()):
            raise Refused("wrong-pin", "this PIN does not belong to this pickup")
        if await _leave(context, tx, fact.fulfillment_id, Stage.COLLECTED, row.inbox_id) is None:
            part = await tx.fulfillments.load(fact.fulfillment_id)
            if part.stage is not Stage.COLLECTED:
                raise Refused("not-ready", f"{fact.fulfillment_id} is {part.stage.value} and cannot be handed out")
            await tx.inbox.finish(row.inbox_id, None, context.now())


async def _reject_lines(context: Context, row: InboxRow, fact: LinesRejected) -> None:
    """Take rejected units off a fulfillment order."""
    now = context.now()
    async with context.record.begin() as tx:
        order_id, _ = await reject_units(tx, fact, now)
        await tx.inbox.finish(row.inbox_id, order_id, now)


async def _scan(context: Context, row: InboxRow, fact: ParcelScanned) -> None:
    """Keep every scan; milestones move the fulfillment order, in whatever order they arrive."""
    now = context.now()
    async with context.record.begin() as tx:
        part = await tx.shipments.scan(fact.scan, now)
        if part is None:
            await _expect_parcel(tx, fact.scan, now)
        else:
            await _follow(context, tx, row, part, fact.scan.status)
            return
    # The scan is committed: a label that is being kept at this moment finds it afterwards, or is found here.
    async with context.record.begin() as tx:
        part = await tx.shipments.scan(fact.scan, now)
        await _follow(context, tx, row, part, fact.scan.status)


async def _follow(
    context: Context, tx: Transaction, row: InboxRow, part: Fulfillment | None, status: TrackingStatus
) -> None:
    if part is None or not await reach_milestone(context, tx, part, status, row.inbox_id):
        await tx.inbox.finish(row.inbox_id, None, context.now())


async def reach_milestone(
    context: Context, tx: Transaction, part: Fulfillment, status: TrackingStatus, inbox_id: int | None
) -> Stage | None:
    """Advance a fulfillment order by a scan of its parcel; return the new stage, or None when it means no news."""
    to = MILESTONE.get(status)
    if to is None:
        return None
    if part.stage in {Stage.LABELLED, Stage.CANCELLING}:
        await _leave(context, tx, part.fulfillment_id, Stage.HANDED_OVER, None)
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


async def _expect_parcel(tx: Transaction, scan: TrackingEvent, now: datetime) -> None:
    """Let a scan wait a moment for its parcel: a carrier can be faster than the label's own transaction."""
    if now - scan.occurred_at < _SCANS_AHEAD and await tx.returns.by_tracking(scan.tracking_number) is None:
        raise Unavailable("no-parcel-yet", f"no parcel travels under {scan.tracking_number}")
