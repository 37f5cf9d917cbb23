"""Cancelling units: decided per fulfillment order by a conditional update, never by what somebody remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from activities.freeing import CAN_WIND_DOWN, announce_freed
from domain.fulfillment import HOLDS_RESERVATION, CancelVerdict, Fulfillment, Stage, cancel_verdict
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.order import KeptLine, KeptOrder
from domain.refund import totals_key

_CAN_BE_ASKED_BACK = HOLDS_RESERVATION | {Stage.HANDED_OVER, Stage.IN_TRANSIT}
_ROUNDS = 5


@dataclass
class Verdicts:
    """Units per line id: cancelled now, waiting for their fulfillment order to be wound down, and too late."""

    now: dict[str, int] = field(default_factory=dict[str, int])
    waits: dict[str, int] = field(default_factory=dict[str, int])
    too_late: dict[str, int] = field(default_factory=dict[str, int])

    def words(self) -> str:
        """Say it in one sentence."""
        parts = [
            f"{sum(units.values())} {word}"
            for units, word in ((self.now, "cancelled"), (self.waits, "being called back"), (self.too_late, "too late"))
            if units
        ]
        return "units: " + ", ".join(parts) if parts else "nothing left to cancel"


async def cancel_units(
    tx: Transaction, order: KeptOrder, totals: Mapping[str, int], now: datetime, *, told: bool
) -> Verdicts:
    """Bring the cancelled units of each line up to `totals`; units that wait to be cancelled count already.

    Args:
        tx: the transaction; the order's row is locked.
        order: the order as just loaded.
        totals: line id → how many units of it are to be cancelled in the end.
        now: the moment.
        told: whether the channel knows, because it cancelled by itself.
    """
    verdicts = Verdicts()
    claims: dict[str, dict[str, int]] = {}
    for line in order.lines:
        wanted = min(totals.get(line.line_id, 0), line.quantity) - line.cancelled - _pending(order, line.line_id)
        if wanted > 0:
            await _cancel_line(tx, order, line, wanted, verdicts, claims, told=told)
    for fulfillment in order.fulfillments:
        if fulfillment.fulfillment_id in claims:
            await _cancel_part(tx, fulfillment, claims[fulfillment.fulfillment_id], now, verdicts, told=told)
    return verdicts


def everything(order: KeptOrder) -> dict[str, int]:
    """Return the totals that cancel the whole order."""
    return {line.line_id: line.quantity for line in order.lines}


def untold(order: KeptOrder) -> dict[str, int]:
    """Return line id → all its cancelled units, of the lines where the channel does not know of all of them."""
    return {line.line_id: line.cancelled for line in order.lines if line.cancelled > line.told_cancelled}


def cancel_subject(order: KeptOrder, totals: Mapping[str, int]) -> str:
    """Return what the effect that tells the channel of these cancelled units is about."""
    return f"{order.order_id}:{totals_key(totals)}"


async def _cancel_line(  # noqa: PLR0913 - one line of one order, with where its verdicts go
    tx: Transaction,
    order: KeptOrder,
    line: KeptLine,
    wanted: int,
    verdicts: Verdicts,
    claims: dict[str, dict[str, int]],
    *,
    told: bool,
) -> None:
    """Take the units from what nobody has planned first, then from the part that has come least far."""
    unplanned = min(wanted, line.open)
    if unplanned:
        await tx.orders.count_cancelled(order.order_id, {line.line_id: unplanned}, told=told)
        verdicts.now[line.line_id] = unplanned
        wanted -= unplanned
    for fulfillment in sorted(order.fulfillments, key=lambda part: list(Stage).index(part.stage)):
        units = min(wanted, _free_units(fulfillment, line.line_id))
        if units and fulfillment.stage in _CAN_BE_ASKED_BACK:
            claims.setdefault(fulfillment.fulfillment_id, {})[line.line_id] = units
            wanted -= units
    if wanted:
        verdicts.too_late[line.line_id] = wanted


async def _cancel_part(
    tx: Transaction,
    fulfillment: Fulfillment,
    units: Mapping[str, int],
    now: datetime,
    verdicts: Verdicts,
    *,
    told: bool,
) -> None:
    """Cancel units of one fulfillment order; whoever moves its row first decides what that means."""
    part = fulfillment
    for _ in range(_ROUNDS):
        verdict = cancel_verdict(part.stage)
        if verdict is CancelVerdict.CANCELS:
            if await _end_planned(tx, part, units, now, told=told):
                verdicts.now.update(_added(verdicts.now, units))
                return
        elif verdict is CancelVerdict.TOO_LATE:
            await tx.fulfillments.mark_cancelling(part.fulfillment_id, _with_pending(part, units))
            verdicts.too_late.update(_added(verdicts.too_late, units))
            return
        elif await _begin_winding_down(tx, part, units, now):
            verdicts.waits.update(_added(verdicts.waits, units))
            return
        part = await tx.fulfillments.load(part.fulfillment_id)


async def _end_planned(
    tx: Transaction, part: Fulfillment, units: Mapping[str, int], now: datetime, *, told: bool
) -> bool:
    """Cancel a part nobody was told of; units of it that stay wanted are planned anew."""
    whole = all(units.get(line.line_id, 0) >= line.quantity for line in part.lines)
    await announce_freed(tx, part, now)
    move = Move(
        fulfillment_id=part.fulfillment_id,
        before=frozenset({Stage.PLANNED}),
        to=Stage.CANCELLED if whole else Stage.REPLANNED,
        at=now,
        tells=True,
    )
    if await tx.fulfillments.advance(move) is None:
        return False
    await tx.stock.free(part.fulfillment_id)
    await tx.orders.count_cancelled(part.order_id, units, told=told)
    return True


async def _begin_winding_down(tx: Transaction, part: Fulfillment, units: Mapping[str, int], now: datetime) -> bool:
    if part.stage is not Stage.CANCELLING:
        move = Move(fulfillment_id=part.fulfillment_id, before=CAN_WIND_DOWN, to=Stage.CANCELLING, at=now, tells=True)
        if await tx.fulfillments.advance(move) is None:
            return False
    await tx.fulfillments.mark_cancelling(part.fulfillment_id, _with_pending(part, units))
    return True


def _pending(order: KeptOrder, line_id: str) -> int:
    return sum(
        line.cancelling
        for part in order.fulfillments
        if part.stage in HOLDS_RESERVATION
        for line in part.lines
        if line.line_id == line_id
    )


def _free_units(part: Fulfillment, line_id: str) -> int:
    return sum(line.quantity - line.cancelling for line in part.lines if line.line_id == line_id)


def _with_pending(part: Fulfillment, units: Mapping[str, int]) -> dict[str, int]:
    pending = {line.line_id: line.cancelling for line in part.lines}
    return {line_id: pending.get(line_id, 0) + count for line_id, count in units.items()}


def _added(before: Mapping[str, int], units: Mapping[str, int]) -> dict[str, int]:
    return {line_id: before.get(line_id, 0) + count for line_id, count in units.items()}
