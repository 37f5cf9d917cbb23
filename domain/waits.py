"""A wait: what an order needs before it can go on, since when, who can clear it and with which command."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from domain.values import Model, Moment


class CauseKind(StrEnum):
    """What kind of thing is waited for; the cause itself is `kind:subject`."""

    SKU = "sku"
    STOCK = "stock"
    HOLD = "hold"
    ADDRESS = "address"
    ADAPTER = "adapter"
    OUTAGE = "outage"
    EFFECT = "effect"
    STAFF = "staff"
    PICKUP = "pickup"
    DELIVERY = "delivery"
    RETURN = "return"
    CONFLICT = "conflict"
    DATE = "date"
    LOCATION = "location"
    POLICY = "policy"
    TRACKING = "tracking"
    CORRECTION = "correction"


class Cause(Model):
    """One thing that is waited for, such as ``stock:TEA-1`` or ``staff:shop/1/F1``."""

    kind: CauseKind
    subject: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.subject}"

    @classmethod
    def parse(cls, text: str) -> Cause:
        """Read a cause back from its text."""
        kind, _, subject = text.partition(":")
        return cls(kind=CauseKind(kind), subject=subject)


def date_cause(moment: datetime) -> str:
    """Return the cause of what may not leave before a moment; as text such causes sort by their moments.

    >>> date_cause(datetime(2026, 12, 24, tzinfo=UTC))
    'date:2026-12-24T00:00:00Z'
    """
    return f"{CauseKind.DATE.value}:{moment.astimezone(UTC).isoformat(timespec='seconds').replace('+00:00', 'Z')}"


def hold_cause(reason: str, order_id: str) -> str:
    """Return the cause of what waits for a hold of an order to end.

    >>> hold_cause("fraud", "shop/1")
    'hold:fraud:shop/1'
    """
    return f"{CauseKind.HOLD.value}:{reason}:{order_id}"


def location_cause(code: str) -> str:
    """Return the cause of what waits for a location to take new work.

    >>> location_cause("STORE-1")
    'location:STORE-1'
    """
    return f"{CauseKind.LOCATION.value}:{code}"


SOURCING_POLICY = f"{CauseKind.POLICY.value}:sourcing"
"""The cause of what no place may serve by policy, location or channel as they are."""


class Wait(Model):
    """One row of the record: this part of this order waits for this cause.

    Attributes:
        scope: the fulfillment order or return that waits; empty for the order as a whole.
        ticket: grows with every rewrite; a wake-up counts for the tickets up to its own.
        code: why, as a slug (an error code for parties that refused).
    """

    order_id: str
    scope: str
    cause: str
    ticket: int
    code: str
    since: Moment


class Advice(Model):
    """A wait in plain words."""

    waits_for: str
    cleared_by: str
    command: str
    needs_person: bool


_ADVICE: dict[CauseKind, tuple[str, str, str, bool]] = {
    CauseKind.SKU: (
        "a SKU for listing {subject}", "the seller's catalogue", "crossdock retry {order} --sku {listing}=SKU", True,
    ),
    CauseKind.STOCK: (
        "stock of {subject}", "goods that arrive", "crossdock stock receive {subject} LOCATION UNITS", True,
    ),
    CauseKind.HOLD: ("the hold '{first}' to end", "an operator", "crossdock release {order} --hold {first}", True),
    CauseKind.ADDRESS: (
        "an address that the carrier accepts", "an operator", "crossdock retry {order} --address FILE", True,
    ),
    CauseKind.ADAPTER: ("{subject} to answer", "the other side; it is asked again", "crossdock retry {order}", False),
    CauseKind.OUTAGE: (
        "{subject} to work again", "its next answer; one request at a time asks for it",
        "crossdock outages end {subject}", False,
    ),
    CauseKind.EFFECT: (
        "a decision about {subject}", "an operator who looks at the other side (--not-happened: it is not there)",
        "crossdock retry {order} --effect {subject} --happened", True,
    ),
    CauseKind.STAFF: ("staff to work on {subject}", "the location", "crossdock reroute {order}", False),
    CauseKind.PICKUP: ("the buyer to collect {subject}", "the buyer", "crossdock cancel {order}", False),
    CauseKind.DELIVERY: ("{subject} to be delivered", "the carrier", "crossdock orders history {order}", False),
    CauseKind.RETURN: (
        "the goods of {subject} to come back", "the buyer or the location", "crossdock returns list", False,
    ),
    CauseKind.CONFLICT: ("a person to settle {subject}", "an operator", "crossdock retry {order}", True),
    CauseKind.DATE: (
        "{subject} to come", "the date, by itself", "crossdock orders show {order}", False,
    ),
    CauseKind.LOCATION: (
        "location {subject} to take new work", "an operator, or the time",
        "crossdock locations reopen {subject}", False,
    ),
    CauseKind.POLICY: (
        "a policy of {subject} that lets some place serve it", "an operator",
        "crossdock policies load FILE", True,
    ),
    CauseKind.TRACKING: (
        "the tracking number of {subject}", "the location, or an operator who asks it",
        "crossdock correct-tracking {order} NUMBER {subject}", True,
    ),
    CauseKind.CORRECTION: (
        "the channel to show the corrected tracking number of {subject}", "an operator who enters it there by hand",
        "crossdock correct-tracking {order} NUMBER {subject} --told", True,
    ),
}  # fmt: skip


_HOLDS: dict[str, tuple[str, str]] = {
    "address": (
        "an operator; if the new one counts, first crossdock retry {order} --address FILE",
        "crossdock release {order} --hold address",
    ),
    "restricted": (
        "a location that handles the goods, or such goods at one", "crossdock locations set LOCATION handles=LIST",
    ),
    "customs-data": ("HS code and origin of its goods (see crossdock skus list)", "crossdock import skus FILE"),
}  # fmt: skip
"""Holds that need more than somebody's word: who or what ends each, and with which command."""


_ERRANDS = {
    "step": "{subject}",
    "answer": "The answer to {subject}",
    "tracking": "The tracking number of {subject}",
    "correction": "The correction of {subject}",
    "channel": "The notice about {subject}",
}
"""What is done for a part of an order beside its own life, by the end of its scope."""


def waiting_part(scope: str) -> str:
    """Say in plain words what waits, as a sentence begins.

    >>> waiting_part("shop/1/R1/answer")
    'The answer to shop/1/R1'
    >>> waiting_part("shop/1/R1/step"), waiting_part("")
    ('shop/1/R1', 'It')
    """
    subject, _, errand = scope.rpartition("/")
    return _ERRANDS[errand].format(subject=subject) if errand in _ERRANDS else scope or "It"


def advise(order_id: str, cause_text: str, expected: datetime | None = None) -> Advice:
    """Say in plain words what is waited for, who can clear it and with which command.

    `expected` is when goods that are waited for are announced to come.
    """
    cause = Cause.parse(cause_text)
    waits_for, cleared_by, command, needs_person = _ADVICE[cause.kind]
    if cause.kind is CauseKind.HOLD:
        cleared_by, command = _HOLDS.get(cause.subject.partition(":")[0], (cleared_by, command))
    words = {
        "subject": cause.subject,
        "order": order_id,
        "listing": cause.subject.partition(":")[2],
        "first": cause.subject.partition(":")[0],
    }
    return Advice(
        waits_for=waits_for.format(**words) + (f", expected {expected:%Y-%m-%d}" if expected else ""),
        cleared_by=cleared_by.format(**words),
        command=command.format(**words),
        needs_person=needs_person,
    )
