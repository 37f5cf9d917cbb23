"""What a step of an order asks for and answers: small enough to read in the Temporal UI."""

from __future__ import annotations

from datetime import timedelta

from domain.fulfillment import Stage
from domain.lateness import RiskMark
from domain.order import Delivery, OrderState
from domain.ports.notifier import MessageKind
from domain.returns import ReturnCourse, ReturnState
from domain.values import Model

ACKNOWLEDGE_SCOPE = "/acknowledge"
CANCELLED_SCOPE = "/cancelled"
"""The scopes under which steps of the order as a whole wait, apart from what planning lacks (the empty scope)."""


class StepResult(Model):
    """How a step ended.

    Attributes:
        stage: where its fulfillment order stands now, when it has one.
        ticket: 0, or the ticket of the wait that the step wrote because it cannot go on.
        cause: what that wait is for.
        done: for steps that ask a party: whether it agreed.
        subject: what a message about this step is named after, so that it is told once.
        labels_itself: its location sends with labels of its own, so that none is bought.
    """

    stage: Stage | None = None
    ticket: int = 0
    cause: str = ""
    done: bool = True
    subject: str = ""
    labels_itself: bool = False


class Course(Model):
    """One fulfillment order, as its coroutine needs to know it."""

    fulfillment_id: str
    delivery: Delivery
    stage: Stage
    needs_hand: bool
    labels_itself: bool = False
    location: str
    system: str
    carrier: str
    wanted_back: bool = False


class Patience(Model):
    """The policy's waiting times that a workflow counts by itself."""

    pickup_reminder_after: timedelta
    pickup_expires_after: timedelta
    delivery_watch_after: timedelta
    return_expires_after: timedelta
    probe_after: timedelta
    follow_every: timedelta = timedelta(hours=6)


class ReviewRequest(Model):
    """Review an order.

    Attributes:
        finished: the fulfillment orders whose end the workflow has cared for.
        only: the one location that open units may go to, when an operator said so.
    """

    order_id: str
    finished: tuple[str, ...] = ()
    only: str = ""


class Review(Model):
    """What is to be done with an order now.

    Attributes:
        settled: its terminal state, when everything is done.
        courses: all fulfillment orders but those whose lines are open again or cancelled.
        planned: how many of them were planned just now.
        acknowledge: the channel is to be told that the order is accepted.
        held: nothing may be started.
        corrected: fulfillment orders of which the channel was told another tracking number than they have by now.
        tell_cancelled: units were cancelled that the channel or the buyer was not told of.
        ticket: 0, or the ticket of the wait for what is missing.
        waits_for: the causes of that wait, in words for the Temporal UI.
        priority: how urgent its steps are now, from 1 (first) to 5; None: as when it was started.
    """

    settled: OrderState | None = None
    courses: tuple[Course, ...] = ()
    planned: int = 0
    acknowledge: bool = False
    held: bool = False
    tell_cancelled: bool = False
    corrected: tuple[str, ...] = ()
    ticket: int = 0
    waits_for: tuple[str, ...] = ()
    patience: Patience
    priority: int | None = None


class PullResult(Model):
    """What a pull brought: orders seen, and how many of them were news.

    Attributes:
        too_soon: the channel was listed so lately that it is not asked again yet.
        out: the channel does not answer.
    """

    seen: int = 0
    fresh: int = 0
    paused: bool = False
    too_soon: bool = False
    out: bool = False


class WatchRequest(Model):
    """Look at promises behind a mark; `told` names orders whose buyers have had the word they were owed."""

    after: RiskMark | None = None
    told: tuple[str, ...] = ()


class WatchPage(Model):
    """What one look found: where the next begins (None: at the front), and the words that buyers are owed."""

    after: RiskMark | None = None
    owed: tuple[MessageRequest, ...] = ()
    mended: int = 0


class VerbResult(Model):
    """What an operator's verb did. `ticket` covers the waits it ended; `review` asks for a review of the order."""

    done: bool
    words: str
    ticket: int = 0
    review: bool = False


class Park(Model):
    """A step failed in a way that trying again at once does not help: let its part of the order wait."""

    order_id: str
    scope: str
    cause: str
    code: str


class MessageRequest(Model):
    """Tell the buyer. `subject` makes the message unique: the same subject and kind are told once.

    Attributes:
        expected: the day on which goods that are late are expected (ISO 8601).
    """

    order_id: str
    kind: MessageKind
    subject: str
    fulfillment_id: str = ""
    return_id: str = ""
    expected: str = ""


def tracking_scope(fulfillment_id: str) -> str:
    """Return the scope under which telling the channel of a parcel waits."""
    return f"{fulfillment_id}/tracking"


def correction_scope(fulfillment_id: str) -> str:
    """Return the scope under which telling the channel of another tracking number waits."""
    return f"{fulfillment_id}/correction"


def step_scope(subject: str) -> str:
    """Return the scope under which a step of a fulfillment order or return waits, apart from the waits of its stage.

    >>> step_scope("shop/1/F1")
    'shop/1/F1/step'
    """
    return f"{subject}/step"


class ReturnView(Model):
    """A return as its workflow needs to know it, with the waiting times of the policy.

    Attributes:
        answers: the channel, where the buyer asked for it, wants to hear whether it is granted.
    """

    state: ReturnState
    course: ReturnCourse
    system: str
    carrier: str
    expires_after: timedelta
    probe_after: timedelta
    answers: bool = False


class PartOf(Model):
    """One fulfillment order of one order, whether people work on it, and the system that speaks for its location."""

    order_id: str
    fulfillment_id: str
    needs_hand: bool = True
    system: str = ""
