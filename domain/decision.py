"""A decision: a plan that was carried out, with its snapshot; and what another policy would have made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from domain.fulfillment_plan import FulfillmentPlan, PlanCost
from domain.routing import plan_fulfillment
from domain.snapshot import Snapshot
from domain.sourcing import SourcingPolicy
from domain.values import Model, Moment


class Decision(Model):
    """One plan that was reserved.

    Attributes:
        number: of the first fulfillment order that came of it.
        places_version: the state of the locations it was made with.
    """

    order_id: str
    number: int
    decided_at: Moment
    places_version: int = 0
    snapshot: Snapshot
    plan: FulfillmentPlan


class OtherPlan(Model):
    """An order that another policy would have planned otherwise."""

    order_id: str
    number: int
    before: PlanCost
    after: PlanCost
    places_before: tuple[str, ...]
    places_after: tuple[str, ...]
    short_after: int = 0


class Simulation(Model):
    """What another policy would have made of recorded decisions, each on the stock of its own moment.

    Attributes:
        decisions: how many were planned again.
        reproduced: how many came out exactly as they were, reasons and all.
        before: the sum of what they cost.
        after: the sum of what they would have cost.
        load: by location, fulfillment orders before and after.
        others: the orders that would have gone elsewhere.
    """

    decisions: int = 0
    reproduced: int = 0
    before: PlanCost = PlanCost()
    after: PlanCost = PlanCost()
    load: Mapping[str, tuple[int, int]] = Field(default_factory=dict[str, tuple[int, int]])
    others: tuple[OtherPlan, ...] = ()


def simulate(decisions: Iterable[Decision], policy: SourcingPolicy | None) -> Simulation:
    """Plan recorded decisions again, under another policy, or (None) each under its own."""
    known = tuple(decisions)
    planned = [plan_fulfillment(_under(decision.snapshot, policy)) for decision in known]
    pairs = list(zip(known, planned, strict=True))
    load: dict[str, tuple[int, int]] = {}
    for decision, plan in pairs:
        for code in _places(decision.plan):
            load[code] = (load.get(code, (0, 0))[0] + 1, load.get(code, (0, 0))[1])
        for code in _places(plan):
            load[code] = (load.get(code, (0, 0))[0], load.get(code, (0, 0))[1] + 1)
    return Simulation(
        decisions=len(known),
        reproduced=sum(decision.plan == plan for decision, plan in pairs),
        before=_sum(decision.plan.cost for decision in known),
        after=_sum(plan.cost for plan in planned),
        load=dict(sorted(load.items())),
        others=tuple(_other(decision, plan) for decision, plan in pairs if decision.plan.parts != plan.parts),
    )


def _under(snapshot: Snapshot, policy: SourcingPolicy | None) -> Snapshot:
    return snapshot if policy is None else snapshot.model_copy(update={"policy": policy})


def _places(plan: FulfillmentPlan) -> tuple[str, ...]:
    return tuple(sorted({part.location for part in plan.parts}))


def _other(decision: Decision, plan: FulfillmentPlan) -> OtherPlan:
    return OtherPlan(
        order_id=decision.order_id,
        number=decision.number,
        before=decision.plan.cost,
        after=plan.cost,
        places_before=_places(decision.plan),
        places_after=_places(plan),
        short_after=len(plan.short),
    )


def _sum(costs: Iterable[PlanCost]) -> PlanCost:
    known = tuple(costs)
    return PlanCost(
        shipping=sum(cost.shipping for cost in known),
        handling=sum(cost.handling for cost in known),
        late_days=sum(cost.late_days for cost in known),
        places=sum(cost.places for cost in known),
        counted=sum(cost.counted for cost in known),
    )
