"""Arrivals: goods that buyers or carriers bring back, as the locations report them."""

from __future__ import annotations

from datetime import datetime

from activities.barring import require_returnable
from activities.context import Context
from activities.told import Told
from domain.errors import Conflict, ContractBroken, NotFound, Refused, Unavailable
from domain.facts import Fact, ReturnedUnits, ReturnInspected, ReturnReceived, ReturnRequested
from domain.fulfillment import TERMINAL, Stage
from domain.order import order_id
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.returns import ReturnRequest
from domain.returns import Disposition, Return, ReturnLine, ReturnState
from domain.tracking_number import is_mistyped

_HAD_BY_BUYER = frozenset({Stage.DELIVERED, Stage.COLLECTED, Stage.IN_TRANSIT, Stage.HANDED_OVER})


async def apply_return_fact(context: Context, told: Told, fact: Fact) -> None:
    """Apply a fact about a return."""
    match fact:
        case ReturnRequested():
            await _request(context, told, fact)
        case ReturnReceived():
            await _receive(context, told, fact)
        case ReturnInspected():
            await _inspect(context, told, fact)
        case _:
            raise ContractBroken("unknown-fact", f"no rule for {fact.kind}")


async def _request(context: Context, told: Told, fact: ReturnRequested) -> None:
    now = context.now()
    async with context.record.begin() as tx:
        order = await tx.orders.load(order_id(told.party, fact.channel_order_id), lock=True)
        request = ReturnRequest(
            order_id=order.order_id,
            # A channel may number the wishes of each order by themselves.
            key=f"requested:{order.order_id}:{fact.request_id or told.key}",
            course=fact.course,
            lines=_lines(order, fact.lines),
            location=fact.location or _origin(order),
            reason=fact.reason,
            request_id=fact.request_id,
        )
        await require_returnable(tx, order, request)
        await _open(tx, order, request, now)
        await told.end(tx, order.order_id, now)


async def _open(tx: Transaction, order: KeptOrder, request: ReturnRequest, now: datetime) -> None:
    try:
        await tx.returns.open(request, now)
    except Refused as refused:
        if _is_under_way(order):
            raise Unavailable("not-delivered-yet", f"{refused}; the rest is under way") from refused
        raise


async def _receive(context: Context, told: Told, fact: ReturnReceived) -> None:
    async with context.record.begin() as tx:
        back = await _find(tx, fact.return_id, fact.tracking_number)
        _expect_permission(back)
        moved = await tx.returns.advance(
            back.return_id, ReturnState.RECEIVED, context.now(), tells=True, inbox_id=told.inbox_id
        )
        await told.end_after(tx, moved, context.now())


async def _inspect(context: Context, told: Told, fact: ReturnInspected) -> None:
    now = context.now()
    found: dict[str, dict[Disposition, int]] = {}
    for units in fact.lines:
        of_line = found.setdefault(units.line_id, {})
        of_line[units.disposition] = of_line.get(units.disposition, 0) + units.quantity
    async with context.record.begin() as tx:
        back = await _find(tx, fact.return_id, fact.tracking_number)
        _expect_permission(back)
        if back.state is ReturnState.AUTHORISED:
            await tx.returns.advance(back.return_id, ReturnState.RECEIVED, now)
        if await tx.returns.advance(back.return_id, ReturnState.INSPECTED, now, tells=True) is not None:
            await tx.returns.inspect(back.return_id, found)
        await told.end(tx, back.order_id, now)


async def _find(tx: Transaction, return_id: str, tracking_number: str) -> Return:
    if return_id:
        return await tx.returns.load(return_id)
    back = await tx.returns.by_tracking(tracking_number) or await tx.returns.by_tracking(tracking_number, closed=True)
    if back is None and is_mistyped(tracking_number):
        raise Conflict("tracking-number-mistyped", f"{tracking_number}: its check digit is wrong; report it anew")
    if back is None:
        raise Unavailable("no-return-yet", f"no return travels under {tracking_number}")
    if back.state is ReturnState.EXPIRED:
        raise Conflict("return-expired", f"{back.return_id} has expired, and its goods came all the same")
    return back


def _expect_permission(back: Return) -> None:
    if back.state is ReturnState.REQUESTED:
        raise Unavailable("not-authorised-yet", f"{back.return_id} is not authorised yet")


def _lines(order: KeptOrder, units: tuple[ReturnedUnits, ...]) -> tuple[ReturnLine, ...]:
    skus = {line.line_id: line.sku or "" for line in order.lines}
    unknown = [wish.line_id for wish in units if wish.line_id not in skus]
    if unknown:
        raise NotFound("no-such-line", f"order {order.order_id} has no line {unknown[0]}")
    return tuple(ReturnLine(line_id=wish.line_id, sku=skus[wish.line_id], quantity=wish.quantity) for wish in units)


def _origin(order: KeptOrder) -> str:
    """Goods go back to where they came from, unless somebody named another place."""
    places = [part.location for part in order.fulfillments if part.stage in _HAD_BY_BUYER]
    if not places and _is_under_way(order):
        raise Unavailable("not-delivered-yet", f"nothing of {order.order_id} has left yet, as far as we were told")
    if not places:
        raise NotFound("nothing-delivered", f"nothing of {order.order_id} has left")
    return places[0]


def _is_under_way(order: KeptOrder) -> bool:
    """Tell whether something may have left of which we were not told yet: its buyer can be faster."""
    return any(part.stage not in TERMINAL | _HAD_BY_BUYER for part in order.fulfillments)
