"""The review: what is to be done with an order now. It matches, plans and reserves, or waits for what lacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from activities.barring import keep_holds
from activities.cancellation import untold
from activities.context import Context
from activities.outlook import foretell, priority_of
from activities.planning import Proposal, propose
from activities.quoting import ask_first
from activities.steps import Course, Patience, Review, ReviewRequest
from domain.fulfillment import REOPENS_LINES, TERMINAL, Fulfillment, Stage, fulfillment_id
from domain.inventory import Claim
from domain.location import Location
from domain.order import OrderState
from domain.policy import Policy
from domain.ports.stores import Transaction
from domain.ports.stores.listing import catalog_gate
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.sourcing import Sources
from domain.waits import date_cause

_ROUNDS = 5
_OVER = REOPENS_LINES | {Stage.CANCELLED}


class _RacedError(Exception):
    """Stock was taken between planning and reserving."""


class _Outcome(NamedTuple):
    """What was planned, what lacks (cause → code, and the least units that help), and the sources that said so."""

    lacks: dict[str, str]
    units: dict[str, int]
    planned: tuple[Fulfillment, ...]
    sources: Sources


async def review(context: Context, request: ReviewRequest) -> Review:
    """Review one order in a transaction of its own; where the policy says so, carriers are asked for prices before."""

    async def look(*, asks: bool) -> Review:
        async with context.record.begin() as tx:
            return await review_in(tx, request, context.policy, context.now(), asks=asks)

    return await ask_first(context, request.order_id, look)


async def review_in(
    tx: Transaction, request: ReviewRequest, policy: Policy, now: datetime, *, asks: bool = False
) -> Review:
    """Plan what can be planned, wait for the rest, and close the order when nothing is left.

    Locks are taken in one order everywhere: order → causes → stock levels.

    Raises:
        UnaskedError: it `asks`, and a carrier has to be asked for its prices before.
    """
    order = await tx.orders.load(request.order_id, lock=True)
    if order.state is not OrderState.OPEN:
        return Review(settled=order.state, patience=_patience(policy))
    if not order.waiting and (settled := await _close(tx, order, request.finished, now)):
        return Review(settled=settled, patience=_patience(policy))
    lacks, units, planned, sources = await _plan(tx, order, request.only, policy, now, asks=asks)
    systems = {place.code: place.system for place in sources.locations}
    held = await keep_holds(tx, order, lacks, now)
    ticket = await tx.waits.rewrite(order.order_id, "", lacks, now, units) if lacks or order.waiting else 0
    parts = order.fulfillments + planned
    return Review(
        settled=None if lacks or planned else await _close(tx, order, request.finished, now),
        courses=tuple(_course(part, systems.get(part.location, "")) for part in parts if part.stage not in _OVER),
        planned=len(planned),
        acknowledge=not order.acknowledged and bool(parts),
        held=held,
        tell_cancelled=bool(untold(order)),
        corrected=_corrected(order),
        ticket=ticket if lacks else 0,
        waits_for=tuple(sorted(lacks)),
        patience=_patience(policy),
        priority=priority_of(order, planned, policy, now),
    )


async def _plan(tx: Transaction, order: KeptOrder, only: str, policy: Policy, now: datetime, *, asks: bool) -> _Outcome:
    """Reserve what a plan needs; nothing is left to wait for that was not looked at again under the lock of its cause.

    Each further look begins with the order as it is by then: what was matched in this review is not matched again.
    """
    sources = await tx.sourcing.read(now)
    under_way = any(part.stage not in TERMINAL for part in order.fulfillments)
    if not (order.holds and under_way) and not any(line.open > 0 for line in order.lines):
        return _Outcome({}, {}, (), sources)
    proposal = await propose(tx, order, sources, only, now, asks=asks)
    locked: set[str] = set()
    for _ in range(_ROUNDS):
        wanted = set(proposal.lacks)
        if wanted <= locked:
            try:
                planned = await _reserve(tx, order, proposal, sources, policy, now)
                return _Outcome(proposal.lacks, proposal.units, planned, sources)
            except _RacedError:
                wanted |= proposal.stock_causes()
        await tx.waits.lock_causes(wanted | _gates(order, proposal.lacks))
        locked |= wanted
        sources = await tx.sourcing.read(now)
        order = await tx.orders.load(order.order_id)
        proposal = await propose(tx, order, sources, only, now)
    # Others were faster each time, and perhaps there is enough of it: it looks again without being told.
    contended = dict.fromkeys((*proposal.stock_causes(), date_cause(now)), "contended")
    return _Outcome({**proposal.lacks, **contended}, {}, (), sources)


async def _reserve(
    tx: Transaction, order: KeptOrder, proposal: Proposal, sources: Sources, policy: Policy, now: datetime
) -> tuple[Fulfillment, ...]:
    plan = proposal.plan
    if not plan.parts:
        return ()
    at = {place.code: place for place in sources.locations}
    planned = tuple(
        foretell(order, part, at[part.location], policy, now, sources.backlog.get(part.location, 0))
        for part in _fulfillments(order, proposal, at, sources.sells(order.account))
    )
    async with tx.savepoint():
        await tx.fulfillments.add(planned, proposal.words, now, proposal.decision(order, sources))
        for part in planned:
            claims = tuple(
                Claim(sku=own.sku, location=part.location, quantity=own.units * line.quantity)
                for line in part.lines
                for own in line.made_of
            )
            if not await tx.stock.reserve(part.fulfillment_id, claims):
                raise _RacedError
    return planned


def _gates(order: KeptOrder, lacks: Mapping[str, str]) -> set[str]:
    """Return what else is locked before a line is left unmatched: the catalogue may change on any rung."""
    return {catalog_gate(order.account)} if any(cause.startswith("sku:") for cause in lacks) else set()


def _fulfillments(order: KeptOrder, proposal: Proposal, at: Mapping[str, Location], sold_by: str) -> list[Fulfillment]:
    """Make one fulfillment order per chosen location, numbered on from those the order had before.

    Where the channel sells its labels (`sold_by`), it is their carrier.
    """
    plan = proposal.plan
    chosen = sorted({part.location for part in plan.parts})
    return [
        Fulfillment.model_validate(
            {
                "fulfillment_id": fulfillment_id(order.order_id, order.last_number + number),
                "order_id": order.order_id,
                "location": code,
                "delivery": order.delivery,
                "stage": Stage.PLANNED,
                "needs_hand": at[code].needs_hand,
                "carrier": (sold_by or at[code].carrier) if order.delivery == "ship" else "",
                "lines": [
                    part.model_dump(exclude={"location"}) | {"components": proposal.components.get(part.line_id, ())}
                    for part in plan.parts
                    if part.location == code
                ],
            }
        )
        for number, code in enumerate(chosen, start=1)
    ]


async def _close(tx: Transaction, order: KeptOrder, finished: tuple[str, ...], now: datetime) -> OrderState | None:
    """Close the order when every unit has come to an end and every end was cared for."""
    cared_for = all(part.stage in _OVER or part.fulfillment_id in finished for part in order.fulfillments)
    running = any(part.stage not in TERMINAL for part in order.fulfillments)
    untold_yet = untold(order) or _corrected(order)
    if running or not cared_for or untold_yet or any(line.open > 0 for line in order.lines):
        return None
    state = _final_state(order)
    await tx.orders.close(order.order_id, state, now)
    return state


def _corrected(order: KeptOrder) -> tuple[str, ...]:
    """Return the parts of which the channel was told another tracking number than they have."""
    return tuple(part.fulfillment_id for part in order.fulfillments if part.told_otherwise)


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


def _course(part: Fulfillment, system: str) -> Course:
    return Course(
        fulfillment_id=part.fulfillment_id,
        delivery=part.delivery,
        stage=part.stage,
        needs_hand=part.needs_hand,
        labels_itself=part.labels_itself,
        location=part.location,
        system=system,
        carrier=part.carrier,
        wanted_back=any(line.cancelling for line in part.lines),
    )


def _patience(policy: Policy) -> Patience:
    return Patience.model_validate(policy.model_dump())
