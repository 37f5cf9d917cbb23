"""Planning: from an order and what is true now to a proposal, which is not yet reserved."""

from __future__ import annotations

from dataclasses import dataclass

from activities.matching import match_lines
from domain.listing import Matched
from domain.location import Location
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptLine, KeptOrder
from domain.routing import Demand, FulfillmentPlan, Snapshot, plan_fulfillment


@dataclass(frozen=True)
class Proposal:
    """A plan on an unlocked snapshot, and what lacks: cause → code."""

    plan: FulfillmentPlan
    lacks: dict[str, str]


async def propose(tx: Transaction, order: KeptOrder, places: tuple[Location, ...], only: str) -> Proposal:
    """Match what is open, plan what can be planned, and say what lacks for the rest."""
    lacks = {f"hold:{hold.reason.value}:{order.order_id}": "held" for hold in order.holds}
    open_lines = [line for line in order.lines if line.open > 0]
    if not open_lines or any(not hold.keeps_stock for hold in order.holds):
        return Proposal(plan=FulfillmentPlan(parts=(), short=(), reasons=()), lacks=lacks)
    matched = await match_lines(tx, order, open_lines)
    lacks |= {
        f"sku:{order.account}:{line.listing_id}": "unmatched" for line in open_lines if matched[line.line_id] is None
    }
    demands = tuple(_demand(line, means) for line in open_lines if (means := matched[line.line_id]) is not None)
    plan = plan_fulfillment(
        Snapshot(
            delivery=order.delivery,
            pickup_location=order.pickup_location,
            demands=demands,
            locations=places,
            levels=await tx.stock.levels(sorted({own.sku for demand in demands for own in demand.components})),
            only=only or None,
        )
    )
    lacks |= {f"stock:{demand.sku}": "short" for demand in plan.short}
    return Proposal(plan=plan, lacks=lacks)


def _demand(line: KeptLine, means: Matched) -> Demand:
    return Demand(
        line_id=line.line_id,
        sku=means.sku,
        components=means.components,
        quantity=line.open,
        refused_by=line.refused_by,
    )
