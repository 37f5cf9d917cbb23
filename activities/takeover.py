"""Taking a channel over: its orders are watched and rehearsed first, and carried from a moment that a person names."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from activities.context import Context
from activities.observation import observe
from activities.planning import Proposal, propose
from domain.errors import ContractBroken, NotFound, Refused
from domain.order import ChannelOrder, ChannelShipment, HoldReason, OrderState
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.values import Model

PAGE = 200


class Verdict(StrEnum):
    """What taking over means for an order: it is older than that, nothing is left of it, some, or all.

    REFUNDED: units are left, but the money was given back: it is held, so that nothing is given away by accident.
    UNREAD: the channel does not know it, or does not show it as agreed: it stays watched, and is looked at again.
    """

    OLD = "old"
    DONE = "done"
    REFUNDED = "refunded"
    PARTLY = "partly"
    OPEN = "open"
    UNREAD = "unread"


_NOT_OURS = frozenset({Verdict.OLD, Verdict.DONE})
_UNREADABLE = (NotFound, Refused, ContractBroken, ValueError)


class Rehearsal(Model):
    """What would become of one watched order now.

    Attributes:
        left: units that nobody has sent or cancelled.
        places: where they would go from.
        lacks: what is missing for the rest: cause → code.
    """

    order_id: str
    verdict: Verdict
    left: int = 0
    places: tuple[str, ...] = ()
    lacks: dict[str, str] = Field(default_factory=dict[str, str])


class _RehearsedError(Exception):
    """Ends the transaction of a rehearsal, of which nothing stays."""


async def rehearse_channel(context: Context, account: str, live_from: datetime | None) -> AsyncIterator[Rehearsal]:
    """Read each watched order again, match and plan it, and say what would happen; nothing is kept or reserved.

    Raises:
        Unavailable, Unauthorized: as the channel does.
    """
    async for watched, verdict, seen in _look(context, account, live_from):
        if seen is None or verdict in _NOT_OURS:
            yield Rehearsal(order_id=watched, verdict=verdict)
            continue
        proposals: list[Proposal] = []
        with suppress(_RehearsedError):
            async with context.record.begin() as tx:
                proposals.append(await _propose(tx, watched, seen, context.now()))
                raise _RehearsedError
        (proposal,) = proposals
        yield Rehearsal(
            order_id=watched,
            verdict=verdict,
            left=_left(seen),
            places=tuple(sorted({part.location for part in proposal.plan.parts})),
            lacks=proposal.lacks,
        )


async def take_over(context: Context, account: str) -> AsyncIterator[tuple[str, Verdict]]:
    """Take over the watched orders of a channel that is live; safe to repeat, and goes on where it was broken off.

    What was sent, cancelled or given back before is entered, and never done again; what is left is carried.
    """
    async with context.record.begin() as tx:
        live_from = (await tx.catalog.channel(account)).live_from
    async for watched, verdict, seen in _look(context, account, live_from):
        if seen is not None:
            await _settle(context, watched, verdict, seen)
        yield watched, verdict


async def _settle(context: Context, watched: str, verdict: Verdict, seen: ChannelOrder) -> None:
    async with context.record.begin() as tx:
        await tx.orders.load(watched, lock=True)
        ours = verdict not in _NOT_OURS
        if await tx.takeover.settle(watched, OrderState.OPEN if ours else OrderState.EXTERNAL) and ours:
            await observe(tx, await tx.orders.load(watched), seen, context.now())
            if verdict is Verdict.REFUNDED:
                await tx.orders.place_hold(watched, HoldReason.REFUNDED, "takeover", context.now())


async def _look(
    context: Context, account: str, live_from: datetime | None
) -> AsyncIterator[tuple[str, Verdict, ChannelOrder | None]]:
    """Read each watched order as it stands, and judge it; None where it cannot be read."""
    async for watched in _watched(context, account):
        seen = await _see(context, account, watched)
        yield watched, Verdict.UNREAD if seen is None else _verdict(seen, live_from), seen


async def _watched(context: Context, account: str) -> AsyncIterator[str]:
    after = ""
    while True:
        async with context.record.begin() as tx:
            page = await tx.takeover.observed(account, after, PAGE)
        for watched in page:
            yield watched
        if len(page) < PAGE:
            return
        after = page[-1]


async def _see(context: Context, account: str, watched: str) -> ChannelOrder | None:
    """Read an order as it stands; None when it cannot be, which must not keep the others waiting."""
    marketplace = await context.parties.marketplace(account)
    try:
        raw = await marketplace.fetch_order(watched.partition("/")[2])
        return _with_counted(marketplace.read_order(raw.body))
    except _UNREADABLE:
        return None


def _with_counted(seen: ChannelOrder) -> ChannelOrder:
    """Let a shipment stand for units that the channel only counts as shipped: none of them were ours."""
    shown = _sent(seen)
    rest = {line.line_id: line.shipped - shown[line.line_id] for line in seen.lines}
    counted = ChannelShipment(quantities={line_id: units for line_id, units in rest.items() if units > 0})
    return seen.model_copy(update={"shipments": (*seen.shipments, counted)}) if counted.quantities else seen


async def _propose(tx: Transaction, watched: str, seen: ChannelOrder, now: datetime) -> Proposal:
    """Plan an order as if it had been taken over."""
    await tx.orders.load(watched, lock=True)
    await tx.takeover.settle(watched, OrderState.OPEN)
    await observe(tx, await tx.orders.load(watched), seen, now)
    order: KeptOrder = await tx.orders.load(watched)
    return await propose(tx, order, await tx.sourcing.read(now), "", now)


def _verdict(seen: ChannelOrder, live_from: datetime | None) -> Verdict:
    if live_from is not None and seen.placed_at < live_from:
        return Verdict.OLD
    left, all_units = _left(seen), sum(line.quantity for line in seen.lines)
    if not left or seen.cancelled:
        return Verdict.DONE
    if 0 < seen.captured <= seen.refunded:
        return Verdict.REFUNDED
    return Verdict.OPEN if left == all_units else Verdict.PARTLY


def _left(seen: ChannelOrder) -> int:
    """Return the units that nobody has sent or cancelled."""
    sent = _sent(seen)
    return sum(max(0, line.quantity - line.cancelled - sent[line.line_id]) for line in seen.lines)


def _sent(seen: ChannelOrder) -> Counter[str]:
    """Return the units of each line that the channel's shipments name."""
    sent: Counter[str] = Counter()
    for shipment in seen.shipments:
        sent.update(shipment.quantities)
    return sent
