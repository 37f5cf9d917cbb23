"""Barring: planning past barriers, and the holds that stand while one is all that keeps a line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from activities.ending import let_go
from domain.barrier import BARRED_BY, BARRIERS, Barriers, barriers_of, keep_out, leave_none
from domain.customs import crosses_border, territory_of
from domain.errors import Undeliverable
from domain.fulfillment_plan import FulfillmentPlan
from domain.order import HoldReason
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.returns import ReturnRequest
from domain.restriction import TRACED
from domain.routing import plan_fulfillment
from domain.snapshot import Snapshot
from domain.waits import hold_cause

BARRED = "barred"
"""The code of a wait for a barrier to fall."""


class Passage(NamedTuple):
    """What may go: the snapshot behind all barriers, its plan, and line id → the barriers that alone keep a line.

    The lines that are `shut` in have no place left: for those alone nothing helps but that a barrier falls.
    """

    snapshot: Snapshot
    plan: FulfillmentPlan
    barred: Mapping[str, frozenset[HoldReason]]
    shut: frozenset[str] = frozenset()


async def plan_past_barriers(tx: Transaction, order_id: str, snapshot: Snapshot, declared: Collection[str]) -> Passage:
    """Plan what may go. A line that lacks stock as well as passage waits for stock first.

    Args:
        tx: the transaction; it is asked only where there is a barrier, which a person may have waved the order past.
        order_id: whose lines these are.
        snapshot: the order as it would be planned without barriers.
        declared: lines of which customs can be told everything.
    """
    found = {
        demand.line_id: barriers_of(demand, snapshot, declared=demand.line_id in declared)
        for demand in snapshot.demands
    }
    if not any(found.values()):
        return Passage(snapshot, plan_fulfillment(snapshot), {})
    waived = await tx.orders.waived(order_id)
    standing = {
        line: {reason: places for reason, places in barriers.items() if reason not in waived}
        for line, barriers in found.items()
    }
    behind = _behind(snapshot, standing)
    plan = plan_fulfillment(behind)
    kept = {line for line, barriers in standing.items() if barriers} - _served(plan)
    if not kept:
        return Passage(behind, plan, {})
    wanted = tuple(demand for demand in snapshot.demands if demand.line_id in kept | _served(plan))
    freely = plan_fulfillment(_behind(snapshot.model_copy(update={"demands": wanted}), {}))
    barred = {line: frozenset(standing[line]) for line in sorted(kept & _served(freely))}
    return Passage(behind, plan, barred, frozenset(line for line in barred if leave_none(standing[line], snapshot)))


async def keep_holds(tx: Transaction, order: KeptOrder, lacks: Mapping[str, str], now: datetime) -> bool:
    """Place the holds of barriers that stand, end those of barriers that fell; return whether any hold is left."""
    standing = {reason for reason in BARRIERS if lacks.get(hold_cause(reason.value, order.order_id)) == BARRED}
    ours = {hold.reason for hold in order.holds if hold.reason in BARRIERS and hold.placed_by == BARRED_BY}
    for reason in sorted(standing - ours):
        await tx.orders.place_hold(order.order_id, reason, BARRED_BY, now)
    for reason in sorted(ours - standing):
        await tx.orders.release_hold(order.order_id, reason, BARRED_BY, now)
        # What the order as a whole waits for is rewritten by the review that asks; its parts hear of it here.
        await let_go(tx, order.order_id, reason, now, but="")
    return bool(standing) or any(hold.reason not in ours for hold in order.holds)


def holds_of_others(order: KeptOrder) -> dict[str, str]:
    """Return what the order waits for because of holds that no barrier placed: cause → code."""
    return {
        hold_cause(hold.reason.value, order.order_id): "held"
        for hold in order.holds
        if hold.reason not in BARRIERS or hold.placed_by != BARRED_BY
    }


async def require_returnable(tx: Transaction, order: KeptOrder, request: ReturnRequest) -> None:
    """Stop a return that would travel with a label nobody may sell: of restricted goods, or across a border.

    Raises:
        Undeliverable: it has to come back another way, or be agreed with the carrier by a person.
    """
    if request.course != "label":
        return
    asked = {line.line_id for line in request.lines}
    goods = {own.sku for line in order.lines if line.line_id in asked for own in line.made_of} | {
        line.sku for line in request.lines
    }
    for sku, nature in sorted((await tx.catalog.natures(sorted(goods))).items()):
        if barred := nature.restrictions - TRACED:
            words = f"{sku} is restricted ({', '.join(sorted(barred))})"
            raise Undeliverable(
                "restricted-return", f"{words}: no label is bought for it; let it come back over a counter"
            )
    if not order.country:
        raise Undeliverable("no-return-address", "nobody knows where it would set out: let it come back over a counter")
    place = next((place for place in await tx.catalog.locations() if place.code == request.location), None)
    if place is not None and crosses_border(territory_of(order.country, order.postal_zone), place.country):
        words = f"from {order.country} to {place.country}"
        raise Undeliverable("customs-return", f"a return {words} needs customs papers: no label is bought for it")


def _behind(snapshot: Snapshot, standing: Mapping[str, Barriers]) -> Snapshot:
    demands = tuple(keep_out(demand, standing.get(demand.line_id, {})) for demand in snapshot.demands)
    return snapshot.model_copy(update={"demands": demands})


def _served(plan: FulfillmentPlan) -> set[str]:
    return {part.line_id for part in plan.parts}
