"""Their words and ours: pure functions."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from adapters.http import code_at
from adapters.lenient import reading
from adapters.locations.sandbox import wire
from domain.effect import Rejected
from domain.facts import (
    Collected,
    Fact,
    HandedOver,
    LinesRejected,
    Picked,
    Ready,
    RejectedLine,
    ReturnedUnits,
    ReturnInspected,
    ReturnReceived,
)  # fmt: skip
from domain.ports.location import WorkLine


def to_lines(lines: tuple[WorkLine, ...]) -> list[dict[str, object]]:
    """Return units to pick, or to expect, as the location wants them: goods on its shelves, so kits taken apart."""
    return [
        {"line_id": line.line_id, "sku": own.sku, "quantity": own.units * line.quantity}
        for line in lines
        for own in line.made_of
    ]


def read_refusal(status: int, body: bytes) -> Rejected:
    """Return why a write was refused."""
    return Rejected(code=code_at(body, "error", "code") or f"http-{status}")


def read_event(body: bytes) -> tuple[Fact, ...]:
    """Return the facts of a webhook.

    Raises:
        ContractBroken: it is not what the location promised.
    """
    with reading("sandbox-unreadable-webhook"):
        read = _READERS.get(wire.Event.model_validate_json(body).type)
        return (read(body),) if read else ()


def _picked(body: bytes) -> Fact:
    return Picked(fulfillment_id=wire.OfWork.model_validate_json(body).fulfillment_id)


def _ready(body: bytes) -> Fact:
    return Ready(fulfillment_id=wire.OfWork.model_validate_json(body).fulfillment_id)


def _handed_over(body: bytes) -> Fact:
    told = wire.HandedOver.model_validate_json(body)
    return HandedOver(fulfillment_id=told.fulfillment_id, tracking_number=told.tracking_number, carrier=told.carrier)


def _collected(body: bytes) -> Fact:
    told = wire.Collected.model_validate_json(body)
    return Collected(fulfillment_id=told.fulfillment_id, pin=SecretStr(told.pin))


def _rejected(body: bytes) -> Fact:
    told = wire.LinesRejected.model_validate_json(body)
    lines = tuple(
        RejectedLine(line_id=one.line_id, quantity=one.quantity, reason=one.reason, sku=one.sku) for one in told.lines
    )
    return LinesRejected(fulfillment_id=told.fulfillment_id, lines=lines)


def _received(body: bytes) -> Fact:
    told = wire.OfReturn.model_validate_json(body)
    return ReturnReceived(return_id=told.return_id, tracking_number=told.tracking_number)


def _inspected(body: bytes) -> Fact:
    told = wire.OfReturn.model_validate_json(body)
    lines = tuple(
        ReturnedUnits.model_validate({"line_id": one.line_id, "quantity": one.quantity, "disposition": one.disposition})
        for one in told.lines
    )
    return ReturnInspected(return_id=told.return_id, tracking_number=told.tracking_number, lines=lines)


_READERS: dict[str, Callable[[bytes], Fact]] = {
    "staff.picked": _picked,
    "staff.ready": _ready,
    "staff.handed_over": _handed_over,
    "staff.collected": _collected,
    "staff.rejected": _rejected,
    "staff.received": _received,
    "staff.inspected": _inspected,
}
