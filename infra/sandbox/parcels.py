"""The journey of a parcel, from the hand-over to its end, scan by scan."""

from __future__ import annotations

import re

from infra.sandbox.hooks import emit
from infra.sandbox.records import Label, Scan, Units, Work
from infra.sandbox.scripts import SCRIPTS
from infra.sandbox.world import World

JOURNEYS: dict[str, list[str]] = {
    "delivered": ["accepted", "in_transit", "out_for_delivery", "delivered"],
    "lost": ["accepted", "in_transit", "lost"],
    "refused": ["accepted", "in_transit", "out_for_delivery", "refused", "returned_to_sender"],
    "unclaimed": ["accepted", "in_transit", "returned_to_sender"],
    "intercepted": ["accepted", "in_transit", "returned_to_sender"],
}
"""What becomes of a parcel, by its fate."""

ENDS = frozenset({"delivered", "lost", "returned_to_sender"})


def fate_of(world: World, order_id: str) -> str:
    """Return what will become of the next parcel of an order: its script's fate once, good luck afterwards."""
    order = world.orders.get(order_id)
    fate = SCRIPTS[order.script].fate if order else "delivered"
    met = any(one.order_id == order_id and one.fate == fate and one.status != "voided" for one in world.labels.values())
    return "delivered" if met else fate


def accept(world: World, label: Label) -> None:
    """Let the carrier take the parcel into its hands."""
    scan(world, {"tracking_number": label.id, "status": "accepted"})


def scan(world: World, args: dict[str, str]) -> None:
    """Let the carrier scan a parcel: the next step of its journey, or the one given."""
    label = world.labels.get(args["tracking_number"])
    if label is None or label.status in ENDS | {"voided"}:
        return
    status = args.get("status") or _next_step(label)
    if status == label.status:
        return
    label.status = status
    label.scans.append(Scan(status=status, at=world.now()))
    world.record(
        "parcel.scanned", "carrier", label, subject=label.id, order_id=label.order_id, tracking_number=label.id,
        carrier=label.carrier, reference=label.reference, parcel=label.parcel, status=status, detail=label.kind,
        location=label.location,
    )  # fmt: skip
    emit(
        world, label.carrier, "parcel.scanned", tracking_number=label.id, reference=label.reference, status=status,
        scanned_at=label.scans[-1].at.isoformat(),
    )  # fmt: skip
    if status not in ENDS:
        world.after(2, "parcel.scan", tracking_number=label.id)


def contents(world: World, label: Label) -> list[Units]:
    """Return the goods in an outbound parcel, as the location that packed it knows them."""
    works = [work for work in world.works.values() if work.status == "handed_over" and belongs(label, work)]
    return [units.model_copy() for work in works for units in work.lines]


def belongs(label: Label, work: Work) -> bool:
    """Tell whether an outbound label is for this work: its reference names the fulfillment order."""
    same_order = label.kind == "outbound" and label.order_id == work.order_id
    return same_order and names(label.reference, work.fulfillment_id)


def names(reference: str, thing: str) -> bool:
    """Tell whether a reference names a thing: its whole id, not the beginning of a longer one."""
    return bool(thing) and re.search(re.escape(thing) + r"(?![\w-])", reference) is not None


def _next_step(label: Label) -> str:
    journey = JOURNEYS[label.fate]
    if label.status in journey:
        return journey[journey.index(label.status) + 1]
    # Its fate changed under way, as when it was intercepted.
    return journey[-1]


DEEDS = {"parcel.scan": scan}
