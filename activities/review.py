"""The review: what is to be done with an order now. It matches, plans and reserves, or waits for what lacks."""

from __future__ import annotations

from datetime import datetime

from activities.context import Context
from activities.planning import propose
from activities.steps import Course, Patience, Review, ReviewRequest
from domain.fulfillment import REOPENS_LINES, TERMINAL, Fulfillment, Stage, fulfillment_id
from domain.inventory import Claim
from domain.location import Location
from domain.order import OrderState
from domain.policy import Policy
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.routing import FulfillmentPlan

_ROUNDS = 5
_OVER = REOPENS_LINES | {Stage.CANCELLED}


class _RacedError(Exception):
    """Stock was taken between planning and reserving."""


async def review(context: Context, request: ReviewRequest) -> Review:
    """Review one order in a transaction of its own."""
    async with context.record.begin() as tx:
        return await review_in(tx, request, context.policy, context.now())


async def review_in(tx: Transaction, request: ReviewRequest, policy: Policy, now: datetime) -> Review:
    """Plan what can be planned, wait for the rest, and close the order when nothing is left.

    Locks are taken in one order everywhere: order → causes → stock levels.
    """
    order = await tx.orders.load(request.order_id, lock=True)
    if order.state is not OrderState.OPEN:
        return Review(settled=order.state, patience=_patience(policy))
    if not order.waiting and (settled := await _close(tx, order, request.finished, now)):
        return Review(settled=settled, patience=_patience(policy))
    places = await tx.catalog.locations()
    lacks, planned = await _plan(tx, order, places, request.only, now)
    ticket = await tx.waits.rewrite(order.order_id, "", lacks, now) if lacks or order.waiting else 0
    parts = order.fulfillments + planned
    return Review(
        settled=None if lacks or planned else await _close(tx, order, request.finished, now),
        courses=tuple(_course(part, places) for part in parts if part.stage not in _OVER),
        planned=len(planned),
        acknowledge=not order.acknowledged and bool(parts),
        held=bool(order.holds),
        tell_cancelled=_untold(order),
        ticket=ticket if lacks else 0,
        waits_for=tuple(sorted(lacks)),
        patience=_patience(policy),
    )


async def _plan(
    tx: Transaction, order: KeptOrder, places: tuple[Location, ...], only: str, now: datetime
) -> tuple[dict[str, str], tuple[Fulfillment, ...]]:
    """Reserve what a plan needs; what lacks is looked at once more under the locks of its causes."""
    if not order.holds and not any(line.open > 0 for line in order.lines):
        return {}, ()
    proposal = await propose(tx, order, places, only)
    if proposal.lacks:
        await tx.waits.lock_causes(proposal.lacks)
        proposal = await propose(tx, order, places, only)
    for _ in range(_ROUNDS):
        try:
            return proposal.lacks, await _reserve(tx, order, proposal.plan, places, now)
        except _RacedError:
            await tx.waits.lock_causes({f"stock:{part.sku}" for part in proposal.plan.parts})
            proposal = await propose(tx, order, places, only)
    return {**proposal.lacks, **{f"stock:{part.sku}": "contended" for part in proposal.plan.parts}}, ()


async def _reserve(
    tx: Transaction, order: KeptOrder, plan: FulfillmentPlan, places: tuple[Location, ...], now: datetime
) -> tuple[Fulfillment, ...]:
    if not plan.parts:
        return ()
    planned = tuple(_fulfillments(order, plan, places))
    async with tx.savepoint():
        await tx.fulfillments.add(planned, plan.reasons, now)
        for part in planned:
            claims = tuple(Claim(sku=line.sku, location=part.location, quantity=line.quantity) for line in part.lines)
            if not await tx.stock.reserve(part.fulfillment_id, claims):
                raise _RacedError
    return planned


def _fulfillments(order: KeptOrder, plan: FulfillmentPlan, places: tuple[Location, ...]) -> list[Fulfillment]:
    """Make one fulfillment order per chosen location, numbered on from those the order had before."""
    by_code = {place.code: place for place in places}
    chosen = sorted({part.location for part in plan.parts})
    return [
        Fulfillment.model_validate(
            {
                "fulfillment_id": fulfillment_id(order.order_id, order.last_number + number),
                "order_id": order.order_id,
                "location": code,
                "delivery": order.delivery,
                "stage": Stage.PLANNED,
                "needs_hand": by_code[code].needs_hand,
                "carrier": by_code[code].carrier if order.delivery == "ship" else "",
                "lines": [part.model_dump(exclude={"location"}) for part in plan.parts if part.location == code],
            }
        )
        for number, code in enumerate(chosen, start=1)
    ]


async def _close(tx: Transaction, order: KeptOrder, finished: tuple[str, ...], now: datetime) -> OrderState | None:
    """Close the order when every unit has come to an end and every end was cared for."""
    cared_for = all(part.stage in _OVER or part.fulfillment_id in finished for part in order.fulfillments)
    running = any(part.stage not in TERMINAL for part in order.fulfillments)
    if running or not cared_for or _untold(order) or any(line.open > 0 for line in order.lines):
        return None
    state = _final_state(order)
    await tx.orders.close(order.order_id, state, now)
    return state


def _final_state(order: KeptOrder) -> OrderState:
    stages = {part.stage for part in order.fulfillments}
    if Stage.DELIVERED in stages or any(line.by_hand for line in order.lines):
        return OrderState.DELIVERED
    for stage, state in (
        (Stage.COLLECTED, OrderState.COLLECTED),
        (Stage.LOST, OrderState.LOST),
        (Stage.SENT_BACK, OrderState.SENT_BACK),
    ):
        if stage in stages:
            return state
    return OrderState.CANCELLED


def _untold(order: KeptOrder) -> bool:
    return any(line.cancelled > line.told_cancelled for line in order.lines)


def _course(part: Fulfillment, places: tuple[Location, ...]) -> Course:
    system = next((place.system for place in places if place.code == part.location), "")
    return Course(
        fulfillment_id=part.fulfillment_id,
        delivery=part.delivery,
        stage=part.stage,
        needs_hand=part.needs_hand,
        location=part.location,
        system=system,
        carrier=part.carrier,
        wanted_back=any(line.cancelling for line in part.lines),
    )


def _patience(policy: Policy) -> Patience:
    return Patience.model_validate(policy.model_dump())
