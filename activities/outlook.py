"""The outlook of an order: what its dates make of it when it is recorded, planned and reviewed."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.fulfillment import HOLDS_RESERVATION, Fulfillment
from domain.lateness import first_at_risk, leaves_at, risk_of
from domain.location import Location
from domain.order import ChannelOrder, Delivery, OrderLine
from domain.policy import Policy
from domain.ports.stores.order import KeptOrder
from domain.promise import Promise, Urgency, foresee, promises_of, slack_of, tightest, urgency
from domain.transit import find_transit


def transit_of(policy: Policy, delivery: Delivery, zone: str, carrier: str = "", speed: str = "") -> timedelta:
    """Return how long goods travel, by the operator's table; a pickup does not."""
    if delivery == "pickup":
        return timedelta()
    return find_transit(policy.transits, carrier, speed, zone, policy.transit_days).time


def urgency_of(order: ChannelOrder, policy: Policy, now: datetime) -> Urgency:
    """Return how urgent a new order is, and from when on it is at risk while nothing of it is planned."""
    work = policy.pace.work_left(None, order.delivery)
    transit = transit_of(policy, order.delivery, order.address.country if order.address else "")
    return foresee(tightest(promises_of(order)), transit, work, policy.at_risk_before, now)


def promise_of(order: KeptOrder, line: OrderLine) -> Promise:
    """Return the promise of a line: its own, else its order's."""
    return Promise.of(line, order)


def foretell(
    order: KeptOrder, part: Fulfillment, place: Location, policy: Policy, now: datetime, backlog: int = 0
) -> Fulfillment:
    """Return a part that is about to be planned with its dates: what is promised, and what is expected."""
    wanted = {line.line_id for line in part.lines}
    promise = tightest(promise_of(order, line) for line in order.lines if line.line_id in wanted)
    dated = part.model_copy(update=dict(promise))
    transit = transit_of(policy, part.delivery, order.country, part.carrier, part.speed)
    risk = risk_of(dated, now)
    leaves = leaves_at(risk, place, policy.pace, now, backlog)
    outlook = {
        "expected_hand_over": leaves,
        "expected_arrival": leaves + transit,
        "at_risk_from": first_at_risk(risk, place, policy.pace, transit, policy.at_risk_before),
    }
    return dated.model_copy(update=outlook)


def priority_of(order: KeptOrder, planned: tuple[Fulfillment, ...], policy: Policy, now: datetime) -> int | None:
    """Return how urgent what is left of an order is now; None when nothing of it has a date."""
    slacks = [
        slack_of(
            Promise.of(part),
            transit_of(policy, part.delivery, order.country, part.carrier, part.speed),
            policy.pace.work_left(part.stage, part.delivery, needs_hand=part.needs_hand),
            now,
        )
        for part in order.fulfillments + planned
        if part.stage in HOLDS_RESERVATION
    ]
    placed = {line.line_id for part in planned for line in part.lines}
    work, transit = policy.pace.work_left(None, order.delivery), transit_of(policy, order.delivery, order.country)
    slacks += [
        slack_of(promise_of(order, line), transit, work, now)
        for line in order.lines
        if line.open > 0 and line.line_id not in placed
    ]
    dated = [slack for slack in slacks if slack is not None]
    return urgency(min(dated), policy.at_risk_before) if dated else None
