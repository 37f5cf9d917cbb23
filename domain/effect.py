"""An effect: one outside call that changes something, and what became of it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from domain.values import Document, Model, Money


class EffectKind(StrEnum):
    """What is changed outside."""

    ACKNOWLEDGE = "acknowledge"
    RELEASE = "release"
    RECALL = "recall"
    LABEL = "label"
    VOID = "void"
    INTERCEPT = "intercept"
    TRACKING = "tracking"
    PICKUP = "pickup"
    CANCEL = "cancel"
    REFUND = "refund"
    CORRECTION = "correction"
    RETURN_ANSWER = "return-answer"
    COLLECTION = "collection"
    RETURN_LABEL = "return-label"
    MESSAGE = "message"


class EffectState(StrEnum):
    """Where an effect stands: PLANNED → SENDING → CONFIRMED, REJECTED or UNKNOWN.

    PLANNED again after a failure that surely did not execute; UNKNOWN until it was looked up or a person decided.
    """

    PLANNED = "PLANNED"
    SENDING = "SENDING"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


class Dedupe(StrEnum):
    """How the other side keeps one request from being executed twice.

    NATIVE: it honours our key for `key_life`. REFERENCE: it can be asked by our reference. TWO_PHASE: a draft is
    made, then bought. NONE: it cannot be asked at all, so an unknown outcome waits for a person.
    """

    NATIVE = "native"
    REFERENCE = "reference"
    TWO_PHASE = "two-phase"
    NONE = "none"


class DedupeClass(Model):
    """What an adapter declares about one kind of write.

    Attributes:
        dedupe: how a repeat is recognised.
        key_life: how long a native key is honoured.
        visibility_lag: how long after a send a look-up may still not see it.
    """

    dedupe: Dedupe
    key_life: timedelta = timedelta(hours=24)
    visibility_lag: timedelta = timedelta(0)


class Confirmed(Model):
    """It was done. `remote_id` is the other side's own id of what was done."""

    remote_id: str = ""
    tracking_number: str | None = None
    cost: Money | None = None
    document: Document | None = None


class Rejected(Model):
    """It was surely not done, and asking again as it is would not help.

    Attributes:
        code: a slug without personal data.
        undeliverable: whether it is the address or the goods that cannot be shipped.
        already_done: whether the other side says that this was done before, perhaps by hand.
    """

    code: str
    undeliverable: bool = False
    already_done: bool = False


class Unknown(Model):
    """It was perhaps done: nothing may be sent again, or compensated, before it is looked up.

    Attributes:
        trace: what the attempt left behind, such as the id of a job that runs there: the look-up is given it.
    """

    code: str
    trace: str = ""


Outcome = Confirmed | Rejected | Unknown


class OutsideWrite(Model):
    """What every write to another party carries.

    Attributes:
        reference: ours, the same for every attempt: their idempotency key, or their field for a foreign id.
        trace: what an earlier attempt left behind there: the id of a draft that is to be bought, or of a job.
    """

    reference: str
    trace: str = ""


class Found(Model):
    """The other side has it: this is what was done."""

    confirmed: Confirmed


class Absent(Model):
    """The other side surely does not have it (believed only after the send's deadline and the visibility lag)."""


class CannotTell(Model):
    """The other side cannot be asked, or did not answer."""

    code: str = "cannot-tell"


class NotYet(Model):
    """The other side is still at it: ask again after `retry_after` seconds."""

    retry_after: float


Finding = Found | Absent | Rejected | NotYet | CannotTell
"""What a look-up finds. Rejected: the other side took the request, and said no later."""


def effect_base(kind: EffectKind, subject: str) -> str:
    """Return the business name of an effect; the ledger appends the generation.

    >>> effect_base(EffectKind.LABEL, "shop/1/F1/P1")
    'label:shop/1/F1/P1'
    """
    return f"{kind.value}:{subject}"


SEND_DEADLINE = timedelta(seconds=30)
"""A send gives up after this long; only later may a look-up that finds nothing be believed."""
