"""A return: goods coming back, from permission over receipt and inspection to the money."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from domain.errors import Refused
from domain.values import Model


class ReturnState(StrEnum):
    """How far a return has come; REFUNDED, DECLINED and EXPIRED are terminal."""

    REQUESTED = "REQUESTED"
    AUTHORISED = "AUTHORISED"
    RECEIVED = "RECEIVED"
    INSPECTED = "INSPECTED"
    REFUNDED = "REFUNDED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


RETURN_NEXT: dict[ReturnState, frozenset[ReturnState]] = {
    ReturnState.REQUESTED: frozenset({ReturnState.AUTHORISED, ReturnState.DECLINED}),
    ReturnState.AUTHORISED: frozenset({ReturnState.RECEIVED, ReturnState.EXPIRED}),
    ReturnState.RECEIVED: frozenset({ReturnState.INSPECTED}),
    ReturnState.INSPECTED: frozenset({ReturnState.REFUNDED, ReturnState.DECLINED}),
    ReturnState.REFUNDED: frozenset(),
    ReturnState.DECLINED: frozenset(),
    ReturnState.EXPIRED: frozenset(),
}


class Disposition(StrEnum):
    """What became of a returned unit."""

    RESTOCKED = "RESTOCKED"
    NOT_RESTOCKED = "NOT_RESTOCKED"
    PROCESSING_REQUIRED = "PROCESSING_REQUIRED"
    MISSING = "MISSING"


REFUNDED_DISPOSITIONS: frozenset[Disposition] = frozenset(set(Disposition) - {Disposition.MISSING})
"""A unit that never came back is not paid back."""

ReturnCourse = Literal["label", "store", "sent-back"]
"""How goods come back: with a label of ours, over a store's counter, or by a carrier that could not deliver."""

MAX_WINDOW = timedelta(days=100)


class ReturnLine(Model):
    """Units of one order line that come back."""

    line_id: str
    sku: str
    quantity: int
    disposition: Disposition | None = None


class Return(Model):
    """A return as the record has it.

    Attributes:
        request_id: the channel's id of the buyer's wish; empty where the channel knows nothing of it.
    """

    return_id: str
    order_id: str
    course: ReturnCourse
    state: ReturnState
    lines: tuple[ReturnLine, ...]
    location: str
    reason: str = ""
    request_id: str = ""


def return_id(order: str, number: int) -> str:
    """Return the rma number of the n-th return of an order.

    >>> return_id("shop/1", 1)
    'shop/1/R1'
    """
    return f"{order}/R{number}"


def check_window(closed_at: datetime | None, now: datetime, window: timedelta) -> None:
    """Refuse a return that comes after the channel's window; the window is counted from delivery.

    Raises:
        Refused: not delivered yet, or too late.
    """
    if closed_at is None:
        raise Refused("not-delivered", "nothing was delivered yet; cancel instead of returning")
    if now - closed_at > min(window, MAX_WINDOW):
        raise Refused("window-closed", f"the return window of {window.days} days has ended")
