"""Routing: which location sends which units. A pure function of one snapshot, with its reasons."""

from __future__ import annotations

from domain.fulfillment_plan import FulfillmentPlan, PlanCost, PlannedPart, Reason
from domain.planning.board import SHORT, Board, set_up
from domain.planning.draft import Part
from domain.planning.reasoning import explain_places, explain_short
from domain.planning.search import Best, Search
from domain.rates import ladder_of
from domain.snapshot import Snapshot


def plan_fulfillment(snapshot: Snapshot) -> FulfillmentPlan:
    """Plan every line that can be served whole, by the places that together count least.

    The same snapshot always has the same plan: only integers, no clock, no chance.
    """
    board = set_up(snapshot)
    found = Search(board).run()
    # Everything in it was made here, and need not be checked again.
    return FulfillmentPlan.model_construct(
        parts=tuple(
            PlannedPart(
                line_id=line.demand.line_id,
                sku=line.demand.sku,
                quantity=units,
                location=board.codes[number],
            )
            for line, parts in zip(board.lines, found.taken, strict=True)
            for number, units in parts
        ),
        short=explain_short(board, found.taken),
        cost=_cost(board, found),
        gap=found.cost % SHORT - found.bound % SHORT if found.cost // SHORT == found.bound // SHORT else 0,
        perhaps_served=found.cost // SHORT - found.bound // SHORT,
        nodes=found.nodes,
        rule=board.rule.name if board.rule else "",
    )


def explain(snapshot: Snapshot, plan: FulfillmentPlan) -> tuple[Reason, ...]:
    """Return why each location was chosen or not: one reason per location, in the order of the snapshot.

    A plan is kept without them, since its snapshot says them whenever someone asks.
    """
    board = set_up(snapshot)
    parts: dict[str, list[Part]] = {}
    for part in plan.parts:
        parts.setdefault(part.line_id, []).append((board.numbers[part.location], part.quantity))
    return explain_places(board, tuple(tuple(parts.get(line.demand.line_id, ())) for line in board.lines))


def _cost(board: Board, found: Best) -> PlanCost:
    """Return what the plan costs in money, and what the policy counts."""
    weights: dict[int, int] = {}
    handling = late = doubts = 0
    for line, parts in zip(board.lines, found.taken, strict=True):
        for number, units in parts:
            place = board.places[number]
            weights[number] = weights.get(number, 0) + units * line.grams
            handling += place.location.handling_line
            late += board.departures.days_late(line.demand, number)
            doubts += board.doubts(line, number)
    handling += sum(board.places[number].location.handling for number in weights)
    counted = found.cost % SHORT - doubts - (board.snapshot.policy.split if weights else 0)
    return PlanCost(
        shipping=sum(_true_price(board, number, grams) for number, grams in weights.items()),
        handling=handling,
        late_days=late,
        places=len(weights),
        counted=counted,
    )


def _true_price(board: Board, number: int, grams: int) -> int:
    zone = board.places[number].zone
    if zone is not None:
        return ladder_of(zone, 100).price(grams)
    return board.snapshot.policy.flat_rate if board.snapshot.delivery == "ship" else 0
