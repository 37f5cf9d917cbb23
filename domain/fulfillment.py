"""A fulfillment order: lines of one order to be fulfilled from one location, and the stages of its life."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.listing import Component, made_of
from domain.order import Delivery
from domain.values import Model, Moment


class Stage(StrEnum):
    """How far a fulfillment order has come, in the order of progress. `NEXT` says from where to where it may go."""

    PLANNED = "PLANNED"
    RELEASED = "RELEASED"
    PICKED = "PICKED"
    READY = "READY"
    LABELLING = "LABELLING"
    LABELLED = "LABELLED"
    CANCELLING = "CANCELLING"
    HANDED_OVER = "HANDED_OVER"
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    SENT_BACK = "SENT_BACK"
    COLLECTED = "COLLECTED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    REPLANNED = "REPLANNED"
    CANCELLED = "CANCELLED"


NEXT: dict[Stage, frozenset[Stage]] = {
    Stage.PLANNED: frozenset({Stage.RELEASED, Stage.CANCELLED, Stage.REPLANNED}),
    Stage.RELEASED: frozenset(
        {Stage.PICKED, Stage.READY, Stage.LABELLING, Stage.HANDED_OVER, Stage.REJECTED, Stage.CANCELLING}
    ),
    Stage.PICKED: frozenset({Stage.READY, Stage.LABELLING, Stage.HANDED_OVER, Stage.REJECTED, Stage.CANCELLING}),
    Stage.LABELLING: frozenset({Stage.LABELLED, Stage.HANDED_OVER, Stage.CANCELLING}),
    Stage.LABELLED: frozenset({Stage.HANDED_OVER, Stage.CANCELLING}),
    Stage.READY: frozenset({Stage.COLLECTED, Stage.EXPIRED, Stage.CANCELLING}),
    Stage.CANCELLING: frozenset({Stage.CANCELLED, Stage.REPLANNED, Stage.HANDED_OVER, Stage.COLLECTED}),
    Stage.HANDED_OVER: frozenset({Stage.IN_TRANSIT, Stage.DELIVERED, Stage.LOST, Stage.SENT_BACK}),
    Stage.IN_TRANSIT: frozenset({Stage.DELIVERED, Stage.LOST, Stage.SENT_BACK}),
    Stage.DELIVERED: frozenset(),
    Stage.LOST: frozenset(),
    Stage.SENT_BACK: frozenset(),
    Stage.COLLECTED: frozenset(),
    Stage.EXPIRED: frozenset(),
    Stage.REJECTED: frozenset(),
    Stage.REPLANNED: frozenset(),
    Stage.CANCELLED: frozenset(),
}
"""The state machine. CANCELLING → HANDED_OVER or COLLECTED: the goods had left before the location was asked.

RELEASED or PICKED → HANDED_OVER: they left under a label of the place's own.
"""

TERMINAL: frozenset[Stage] = frozenset(stage for stage, after in NEXT.items() if not after)

HOLDS_RESERVATION: frozenset[Stage] = frozenset(
    {Stage.PLANNED, Stage.RELEASED, Stage.PICKED, Stage.LABELLING, Stage.LABELLED, Stage.CANCELLING, Stage.READY},
)
"""Stages in which the units are still on a shelf of ours and reserved."""

GONE: frozenset[Stage] = frozenset({Stage.HANDED_OVER, Stage.IN_TRANSIT, Stage.DELIVERED, Stage.LOST, Stage.SENT_BACK})
"""Stages past the point of no return: the goods have left us."""

REOPENS_LINES: frozenset[Stage] = frozenset({Stage.REJECTED, Stage.REPLANNED})
"""Terminal stages after which the units are open again, to be planned elsewhere."""


class Status(StrEnum):
    """The status that channels and operators know, derived from the stage."""

    OPEN = "OPEN"
    ON_HOLD = "ON_HOLD"
    IN_PROGRESS = "IN_PROGRESS"
    CLOSED = "CLOSED"
    INCOMPLETE = "INCOMPLETE"
    CANCELLED = "CANCELLED"


_STATUS: dict[Stage, Status] = {
    Stage.PLANNED: Status.OPEN,
    Stage.REJECTED: Status.INCOMPLETE,
    Stage.REPLANNED: Status.CANCELLED,
    Stage.CANCELLED: Status.CANCELLED,
    Stage.EXPIRED: Status.CANCELLED,
} | dict.fromkeys(GONE | {Stage.COLLECTED}, Status.CLOSED)


def status_of(stage: Stage, *, held: bool = False) -> Status:
    """Return the status of a stage; an order that is held shows its unfinished parts as ON_HOLD."""
    if held and stage in HOLDS_RESERVATION:
        return Status.ON_HOLD
    return _STATUS.get(stage, Status.IN_PROGRESS)


_RANK = {stage: rank for rank, stage in enumerate(Stage)}


def later(one: Stage, other: Stage) -> Stage:
    """Return the stage that is further on; reports may arrive in any order and a stage never goes back."""
    return one if _RANK[one] >= _RANK[other] else other


def may_follow(before: Stage, after: Stage) -> bool:
    """Tell whether the machine has this edge."""
    return after in NEXT[before]


def came_before(stage: Stage) -> frozenset[Stage]:
    """Return the stages from which this one can be reached in one step."""
    return frozenset(before for before, after in NEXT.items() if stage in after)


class CancelVerdict(StrEnum):
    """What a cancellation finds, for one fulfillment order. Decided by a conditional update, never from memory.

    CANCELS: nobody was told yet; it ends here. WAITS: the location is asked back and a label is voided first.
    TOO_LATE: the goods are gone; they are intercepted, or come back as a return.
    """

    CANCELS = "cancels"
    WAITS = "waits"
    TOO_LATE = "too-late"


def cancel_verdict(stage: Stage) -> CancelVerdict:
    """Return what cancelling means at this stage; at a terminal stage there is nothing left to cancel."""
    if stage is Stage.PLANNED:
        return CancelVerdict.CANCELS
    return CancelVerdict.WAITS if stage in HOLDS_RESERVATION else CancelVerdict.TOO_LATE


class FulfillmentLine(Model):
    """Units of one order line at one location.

    Attributes:
        quantity: units that are to go, those that the location rejected taken off.
        cancelling: how many of them end as cancelled when it is wound down; the rest is planned anew.
        components: as frozen at the match; empty where one unit is just one unit of its SKU.
    """

    line_id: str
    sku: str
    quantity: int
    cancelling: int = 0
    components: tuple[Component, ...] = ()

    @property
    def made_of(self) -> tuple[Component, ...]:
        """What staff pick for one unit."""
        return made_of(self.sku, self.components)


class Fulfillment(Model):
    """A fulfillment order as the record has it.

    Attributes:
        needs_hand: whether people at the location report pick and hand-over; otherwise the label hands over.
        labels_itself: whether the location sends with labels of its own: none is bought for it.
        told_otherwise: whether the channel was told another tracking number than its parcel has by now.
        carrier: the carrier that the plan chose; empty for pickup.
        speed: the faster speed that was chosen since; empty for the carrier's ordinary one.
        ship_by: the earliest date by which one of its lines has to leave.
        deliver_by: the same for arrival.
        expected_hand_over: when it was expected to leave when it was planned; when it left, once it has.
        expected_arrival: when it is expected to arrive.
        at_risk_from: from then on a promise is at risk, unless it has come further.
    """

    fulfillment_id: str
    order_id: str
    location: str
    delivery: Delivery
    stage: Stage
    needs_hand: bool
    carrier: str
    lines: tuple[FulfillmentLine, ...]
    speed: str = ""
    ship_by: Moment | None = None
    deliver_by: Moment | None = None
    expected_hand_over: Moment | None = None
    expected_arrival: Moment | None = None
    at_risk_from: Moment | None = None
    labels_itself: bool = False
    told_otherwise: bool = False


def left(part: Fulfillment, at: datetime) -> Fulfillment:
    """Return the part as it looks ahead once its goods have left: later or sooner than expected, so they arrive."""
    arrival = None
    if part.expected_arrival is not None and part.expected_hand_over is not None:
        arrival = part.expected_arrival + (at - part.expected_hand_over)
    late = part.deliver_by is not None and arrival is not None and arrival > part.deliver_by
    outlook = {"expected_hand_over": at, "expected_arrival": arrival, "at_risk_from": at if late else part.deliver_by}
    return part.model_copy(update=outlook)


def fulfillment_id(order: str, number: int) -> str:
    """Return the id of the n-th fulfillment order of an order.

    >>> fulfillment_id("shop/1", 2)
    'shop/1/F2'
    """
    return f"{order}/F{number}"
