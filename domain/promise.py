"""A promise: until when goods leave and arrive, how much slack is left, and how urgent the work is because of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.fulfillment import Stage
from domain.order import ChannelOrder, Delivery
from domain.values import Model, Moment

ORDINARY = 3
"""The urgency of work that nobody promised a date for; Temporal's own default."""

LATE = 2

_TODAY = timedelta(hours=8)
_TOMORROW = timedelta(days=1)
_LATER = timedelta(days=3)


class PromiseKind(StrEnum):
    """Which of the two dates is meant."""

    SHIP_BY = "ship-by"
    DELIVER_BY = "deliver-by"


class _Dated(Protocol):
    """Whatever has both dates: an order, a line, a part."""

    @property
    def ship_by(self) -> datetime | None: ...

    @property
    def deliver_by(self) -> datetime | None: ...


class Promise(Model):
    """Until when goods have to leave us, and until when they have to be with the buyer; None where nobody said."""

    ship_by: Moment | None = None
    deliver_by: Moment | None = None

    @classmethod
    def of(cls, own: _Dated, whole: _Dated | None = None) -> Promise:
        """Return the dates of something; where it is silent, those of the whole that it belongs to."""
        other = whole or own
        return cls(ship_by=own.ship_by or other.ship_by, deliver_by=own.deliver_by or other.deliver_by)

    def hand_over_by(self, transit: timedelta) -> datetime | None:
        """Return the latest moment of hand-over that keeps both dates; None where nothing is promised."""
        arrives_if = [] if self.deliver_by is None else [sooner(self.deliver_by, transit)]
        return min((moment for moment in (self.ship_by, *arrives_if) if moment is not None), default=None)


class Pace(Model):
    """How long the work of one fulfillment order takes: to pick it, to get its label, to give it away."""

    pick: timedelta
    label: timedelta
    leave: timedelta

    def work_left(self, stage: Stage | None, delivery: Delivery, *, needs_hand: bool = True) -> timedelta:
        """Return the work left until goods are handed over or lie ready; None is a part that is not planned yet."""
        if stage not in _TO_DO:
            return timedelta()
        before, packed = stage in _TO_PICK, stage is not Stage.LABELLED
        picking = self.pick if before and needs_hand else timedelta()
        if delivery == "pickup":
            return picking
        labelling = self.label if packed else timedelta()
        return picking + labelling + (self.leave if needs_hand else timedelta())


_TO_PICK = frozenset({None, Stage.PLANNED, Stage.RELEASED})
_TO_DO = _TO_PICK | {Stage.PICKED, Stage.LABELLING, Stage.LABELLED}


class Outlook(Model):
    """What is promised and what is expected, of a part or of what is not planned yet.

    Attributes:
        kind: the date that is nearest to being missed.
        deadline: until when it is promised.
        expected: when it will be, as far as anybody can tell now.
    """

    kind: PromiseKind
    deadline: Moment
    expected: Moment

    @property
    def slack(self) -> timedelta:
        """What is left of the time when all the work is done; below zero it will be late."""
        return self.deadline - self.expected


def look_ahead(promise: Promise, hand_over: datetime | None, arrival: datetime | None) -> Outlook | None:
    """Return the date with the least slack; None where nothing is promised.

    Args:
        promise: the two dates.
        hand_over: when goods will leave; None when they have left.
        arrival: when they will arrive; None when nobody can tell.
    """
    pairs = (
        (PromiseKind.SHIP_BY, promise.ship_by, hand_over),
        (PromiseKind.DELIVER_BY, promise.deliver_by, arrival),
    )
    outlooks = [
        Outlook(kind=kind, deadline=deadline, expected=expected)
        for kind, deadline, expected in pairs
        if deadline is not None and expected is not None
    ]
    return min(outlooks, key=lambda outlook: outlook.slack, default=None)


def urgency(slack: timedelta | None, at_risk_before: timedelta) -> int:
    """Return how urgent work is, from 1 (first) to 5; work without a date is ordinary.

    What is late already comes behind what can only just be kept: each late order that goes first may make another late.
    """
    if slack is None:
        return ORDINARY
    if timedelta() <= slack < at_risk_before:
        return 1
    if slack < _TODAY:
        return LATE
    if slack < _TOMORROW:
        return ORDINARY
    return 4 if slack < _LATER else 5


class Urgency(Model):
    """How urgent an order was when it was recorded, and from when on it is at risk if nothing of it is planned."""

    priority: int | None = None
    at_risk_from: Moment | None = None


UNPROMISED = Urgency()


def slack_of(promise: Promise, transit: timedelta, work: timedelta, now: datetime) -> timedelta | None:
    """Return what is left until the latest hand-over when all the work is done; None where nothing is promised."""
    hand_over_by = promise.hand_over_by(transit)
    return None if hand_over_by is None else hand_over_by - now - work


def foresee(promise: Promise, transit: timedelta, work: timedelta, margin: timedelta, now: datetime) -> Urgency:
    """Return the urgency of what is not planned yet; without dates there is none."""
    slack = slack_of(promise, transit, work, now)
    if slack is None:
        return UNPROMISED
    return Urgency(priority=urgency(slack, margin), at_risk_from=sooner(now + slack, margin))


def sooner(moment: datetime, by: timedelta) -> datetime:
    """Return the moment so much earlier; one at the edge of the calendar stays."""
    try:
        return moment - by
    except OverflowError:
        return moment


def promises_of(order: ChannelOrder) -> tuple[Promise, ...]:
    """Return the promise of each line that is still wanted: its own, else the order's."""
    return tuple(Promise.of(line, order) for line in order.lines if line.cancelled < line.quantity)


def tightest(promises: Iterable[Promise]) -> Promise:
    """Return the earliest of each date: goods that go together keep them all."""
    known = tuple(promises)
    return Promise(
        ship_by=min((one.ship_by for one in known if one.ship_by is not None), default=None),
        deliver_by=min((one.deliver_by for one in known if one.deliver_by is not None), default=None),
    )
