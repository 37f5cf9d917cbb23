"""A decision: a plan that was carried out, with its snapshot; and what another policy would have made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from domain.errors import Refused
from domain.fulfillment_plan import FulfillmentPlan, PlanCost
from domain.listing import weigh
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

    @property
    def costs_more(self) -> int:
        """How much more shipping and handling would have cost, in minor units."""
        return self.after.shipping + self.after.handling - self.before.shipping - self.before.handling

    @property
    def days_later(self) -> int:
        """How many more days its lines would have been late, in all."""
        return self.after.late_days - self.before.late_days


class Simulation(Model):
    """What another policy would have made of recorded decisions, each on the stock of its own moment.

    Attributes:
        decisions: how many were planned again.
        reproduced: how many came out exactly as they were, reasons and all.
        before: the sum of what they cost.
        after: the sum of what they would have cost.
        splits: fulfillment orders after the first of each order, before and after.
        short: lines that no place served, before and after: what is not sent costs nothing either.
        load: by location, fulfillment orders before and after.
        others: the orders that would have gone elsewhere.
    """

    decisions: int = 0
    reproduced: int = 0
    before: PlanCost = PlanCost()
    after: PlanCost = PlanCost()
    splits: tuple[int, int] = (0, 0)
    short: tuple[int, int] = (0, 0)
    load: Mapping[str, tuple[int, int]] = Field(default_factory=dict[str, tuple[int, int]])
    others: tuple[OtherPlan, ...] = ()


def unweighed(decisions: Iterable[Decision], policy: SourcingPolicy) -> frozenset[str]:
    """Return the SKUs whose weight the policy asks for, while that of the decision did not."""
    if not policy.weighs:
        return frozenset()
    lacking = (each.snapshot for each in decisions if not each.snapshot.policy.weighs)
    return frozenset(own.sku for snapshot in lacking for demand in snapshot.demands for own in demand.made_of)


def simulate(
    decisions: Iterable[Decision], policy: SourcingPolicy | None, grams: Mapping[str, int] | None = None
) -> Simulation:
    """Plan recorded decisions again, under another policy, or (None) each under its own.

    Args:
        decisions: as they were recorded.
        policy: the one to try.
        grams: what one unit of the `unweighed` SKUs weighs.

    Raises:
        Refused: the policy counts in another currency than some decision.
    """
    known = tuple(decisions)
    _require_one_currency(known, policy)
    planned = [plan_fulfillment(_under(decision.snapshot, policy, grams or {})) for decision in known]
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
        splits=(_splits(decision.plan for decision in known), _splits(planned)),
        short=(sum(len(decision.plan.short) for decision in known), sum(len(plan.short) for plan in planned)),
        load=dict(sorted(load.items())),
        others=tuple(_other(decision, plan) for decision, plan in pairs if decision.plan.parts != plan.parts),
    )


def _require_one_currency(decisions: Iterable[Decision], policy: SourcingPolicy | None) -> None:
    others = {each.snapshot.policy.currency for each in decisions} - {policy.currency} if policy else set[str]()
    if policy and others:
        words = f"currency: the policy counts in {policy.currency}, past decisions in {', '.join(sorted(others))}"
        raise Refused("bad-policy", f"{words}; what they cost cannot be compared")


def _under(snapshot: Snapshot, policy: SourcingPolicy | None, grams: Mapping[str, int]) -> Snapshot:
    if policy is None:
        return snapshot
    demands = snapshot.demands
    if policy.weighs and not snapshot.policy.weighs:
        demands = tuple(demand.model_copy(update={"grams": weigh(demand.made_of, grams)}) for demand in demands)
    return snapshot.model_copy(update={"policy": policy, "demands": demands})


def _splits(plans: Iterable[FulfillmentPlan]) -> int:
    return sum(max(plan.cost.places - 1, 0) for plan in plans)


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
