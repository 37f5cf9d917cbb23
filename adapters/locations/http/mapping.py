"""The contract's words and ours: pure functions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from adapters.http import code_at
from adapters.lenient import reading
from adapters.locations.http import wire
from domain.effect import Rejected
from domain.facts import Fact
from domain.ports.location import ExpectReturn, RecallWork, ReleaseWork, WorkLine

_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)

_CALLBACKS: dict[str, tuple[type[wire.Callback], str]] = {
    "work.picked": (wire.OfWork, "picked"),
    "work.ready": (wire.OfWork, "ready"),
    "work.shipped": (wire.Shipped, "handed-over"),
    "work.collected": (wire.Collected, "collected"),
    "work.rejected": (wire.Rejected, "lines-rejected"),
    "return.received": (wire.OfReturn, "return-received"),
    "return.inspected": (wire.Inspected, "return-inspected"),
    "stock.counted": (wire.Counted, "stock-counted"),
    "stock.changed": (wire.Changed, "stock-changed"),
    "till.sold": (wire.Receipt, "till-sold"),
    "till.returned": (wire.Receipt, "till-returned"),
}
"""What is called back with which words, and which fact that is."""


def to_work(write: ReleaseWork) -> dict[str, Any]:
    """Return a fulfillment order as the contract has it."""
    return {
        "reference": write.reference,
        "location": write.location,
        "fulfillment_id": write.fulfillment_id,
        "delivery": write.delivery,
        "ship_by": write.ship_by.isoformat() if write.ship_by else None,
        "lines": _to_lines(write.lines),
    }


def to_recall(write: RecallWork) -> dict[str, Any]:
    """Return the wish to stop."""
    return {"reference": write.reference, "location": write.location, "fulfillment_id": write.fulfillment_id}


def to_expected(write: ExpectReturn) -> dict[str, Any]:
    """Return the announcement of goods that come back."""
    return {
        "reference": write.reference,
        "location": write.location,
        "return_id": write.return_id,
        "lines": _to_lines(write.lines),
    }


def read_refusal(status: int, body: bytes) -> Rejected:
    """Return why a write was refused."""
    return Rejected(code=code_at(body, "error", "code") or f"http-{status}")


def read_callback(body: bytes) -> tuple[Fact, ...]:
    """Return the fact of a callback; none where its type means nothing to us.

    Raises:
        ContractBroken: it is not what the contract says.
    """
    with reading("http-unreadable-callback"):
        model, kind = _CALLBACKS.get(wire.Callback.model_validate_json(body).type, (None, ""))
        return (_fact(model.model_validate_json(body), kind),) if model else ()


def _fact(told: BaseModel, kind: str) -> Fact:
    return _FACT.validate_python(told.model_dump() | {"kind": kind})


def _to_lines(lines: tuple[WorkLine, ...]) -> list[dict[str, Any]]:
    """Return what is picked from shelves, kits taken apart."""
    return [
        {"line_id": line.line_id, "sku": own.sku, "title": line.title, "quantity": own.units * line.quantity}
        for line in lines
        for own in line.made_of
    ]
