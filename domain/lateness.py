"""Lateness seen before it happens: what is at risk, what is expected of it now, and what may be done about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import days_behind, hand_over_at
from domain.fulfillment import GONE, HOLDS_RESERVATION, TERMINAL, Fulfillment, Stage
from domain.location import Location
from domain.order import Delivery
from domain.promise import Outlook, Pace, Promise, PromiseKind, look_ahead, sooner
from domain.values import Model, Moment

UNKEPT = (HOLDS_RESERVATION | GONE) - TERMINAL - {Stage.READY, Stage.CANCELLING}
"""Stages in which a promise is not kept yet, and still may be."""

NO_LABEL = frozenset({Stage.PLANNED, Stage.RELEASED, Stage.PICKED})
"""Stages in which another speed can still be chosen."""


class Remedy(StrEnum):
    """What is done about a promise at risk, each once per order: the cheapest that may still keep it comes first."""

    REPLAN = "replan"
    SPEED_UP = "speed-up"
    WORD = "word"


class Deed(Model):
    """A remedy that was used, when, and what it was.

    Attributes:
        told: for a word to the buyer, whether the notifier has had it.
    """

    remedy: Remedy
    detail: str
    at: Moment
    told: bool = True


class RiskMark(Model):
    """Where a page of what is at risk ended; the next begins behind it."""

    since: Moment
    subject: str


class Expedite(Model):
    """A faster speed for a fulfillment order, and what is expected of it from then on."""

    fulfillment_id: str
    speed: str
    expected_arrival: Moment
    at_risk_from: Moment


class AtRisk(Model):
    """A promise that may be missed: of a fulfillment order, or of lines that an order has not planned yet.

    Attributes:
        subject: the fulfillment order, or the order itself for lines that wait to be planned.
        stage: None for lines that wait to be planned.
        zone: the country that the goods go to.
        since: from when on it was at risk.
        waits_for: the causes that it waits for now.
        deeds: what was done about it so far.
    """

    order_id: str
    subject: str
    stage: Stage | None
    delivery: Delivery
    needs_hand: bool
    location: str
    carrier: str
    speed: str
    zone: str = ""
    ship_by: Moment | None
    deliver_by: Moment | None
    expected_hand_over: Moment | None
    expected_arrival: Moment | None
    since: Moment
    waits_for: tuple[str, ...] = ()
    deeds: tuple[Deed, ...] = ()

    @property
    def mark(self) -> RiskMark:
        """Where the list goes on behind it."""
        return RiskMark(since=self.since, subject=self.subject)

    @property
    def promise(self) -> Promise:
        """What was promised."""
        return Promise.of(self)

    def deed(self, remedy: Remedy) -> Deed | None:
        """Return how this remedy was used, or None."""
        return next((deed for deed in self.deeds if deed.remedy is remedy), None)


def risk_of(part: Fulfillment, since: datetime, zone: str = "") -> AtRisk:
    """Return a fulfillment order as something that may be at risk."""
    known = part.model_dump(exclude={"fulfillment_id", "lines", "at_risk_from"})
    return AtRisk(subject=part.fulfillment_id, since=since, zone=zone, **known)


def expect(risk: AtRisk, place: Location | None, pace: Pace, transit: timedelta, now: datetime) -> Outlook | None:
    """Return what is expected of it now, and of which date it has the least slack; None where nothing is promised.

    Args:
        risk: what may be at risk.
        place: its location; None while it has none.
        pace: how long the work takes.
        transit: how long a parcel of its carrier and speed travels.
        now: an aware moment.
    """
    if risk.stage in GONE:
        return look_ahead(risk.promise, None, max(risk.expected_arrival or now, now))
    leaves = leaves_at(risk, place, pace, now)
    return look_ahead(risk.promise, leaves, leaves if risk.delivery == "pickup" else leaves + transit)


def leaves_at(risk: AtRisk, place: Location | None, pace: Pace, now: datetime, backlog: int = 0) -> datetime:
    """Return when goods that have not left will be handed over, or lie ready, as far as anybody can tell now.

    The backlog counts fulfillment orders that the location has to send before.
    """
    leaves = now + pace.work_left(risk.stage, risk.delivery, needs_hand=risk.needs_hand)
    if place is not None and risk.delivery == "ship":
        leaves = max(leaves, hand_over_at(place, now, days_behind(place, backlog)) or leaves)
    # What lies before it at its location was known when it was planned.
    return max(leaves, risk.expected_hand_over or leaves) if risk.stage in _NOT_PICKED else leaves


def first_at_risk(
    risk: AtRisk, place: Location | None, pace: Pace, transit: timedelta, margin: timedelta
) -> datetime | None:
    """Return from when on it is at risk if nobody touches it, `since` when it is so already.

    None where nothing is promised. What misses the last hand-over before its deadline is late, however far that is.
    """
    hand_over_by = risk.promise.hand_over_by(transit)
    outlook = expect(risk, place, pace, transit, risk.since)
    if outlook is None or hand_over_by is None:
        return None
    if outlook.slack < margin:
        return risk.since
    last = hand_over_by if place is None or risk.delivery == "pickup" else _last_hand_over(place, hand_over_by)
    return sooner(last, pace.work_left(risk.stage, risk.delivery, needs_hand=risk.needs_hand) + margin)


def _last_hand_over(place: Location, deadline: datetime) -> datetime:
    """Return the last moment up to the deadline at which goods leave a location; the deadline if there is none near."""
    tries = (hand_over_at(place, sooner(deadline, timedelta(days=days))) for days in range(_LOOK_BACK))
    return next((leaves for leaves in tries if leaves is not None and leaves <= deadline), deadline)


def remedies(risk: AtRisk, outlook: Outlook) -> tuple[Remedy, ...]:
    """Return the remedies that were not used yet and may still help, the cheapest first."""
    ships = risk.delivery == "ship"
    possible = {
        Remedy.REPLAN: ships and risk.stage in _NOT_PICKED,
        Remedy.SPEED_UP: ships and risk.stage in NO_LABEL and outlook.kind is PromiseKind.DELIVER_BY,
        Remedy.WORD: outlook.slack < timedelta(),
    }
    return tuple(remedy for remedy, helps in possible.items() if helps and risk.deed(remedy) is None)


_LOOK_BACK = 15
"""Days; a location that is closed for longer hands over too rarely to be planned for."""

_NOT_PICKED = frozenset({Stage.PLANNED, Stage.RELEASED})
