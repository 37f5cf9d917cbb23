"""The people at the locations: they pick, make ready, hand over, reject, and give out what is collected."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from infra.sandbox import parcels
from infra.sandbox.endpoint import dump
from infra.sandbox.hooks import emit
from infra.sandbox.journal import Entry
from infra.sandbox.records import Label, Units, Work
from infra.sandbox.scripts import SCRIPTS
from infra.sandbox.world import World


def notice_work(world: World, entry: Entry) -> None:
    """React to new work: people start picking; an automated location is as good as ready."""
    if _automated(world, entry.location):
        _expect_hand_over(world, world.works[entry.subject])
    else:
        world.after(1, "staff.pick", work=entry.subject)


def notice_label(world: World, entry: Entry) -> None:
    """React to a label: the work it belongs to may now leave."""
    label = world.labels[entry.subject]
    for work in list(world.works.values()):
        if parcels.belongs(label, work):
            _expect_hand_over(world, work)


def pick(world: World, args: dict[str, str]) -> None:
    """Take the goods from the shelf, or find that some are not there."""
    work = world.works[args["work"]]
    if work.status != "accepted":
        return
    order = world.orders.get(work.order_id)
    if order and SCRIPTS[order.script].rejects and not _rejected_before(world, work):
        reject(world, {"work": work.id, "sku": work.lines[0].sku})
        if not work.lines:
            return
    _advance(world, work, "picked")
    if work.kind == "pickup":
        world.after(1, "staff.ready", work=work.id)
    else:
        _expect_hand_over(world, work)


def reject(world: World, args: dict[str, str]) -> None:
    """Give back the units of one SKU: they cannot be found."""
    work = world.works[args["work"]]
    reason = args.get("reason", "not_found")
    gone = [one.model_copy(update={"reason": reason}) for one in work.lines if one.sku == args["sku"]]
    work.lines = [one for one in work.lines if one.sku != args["sku"]]
    if not work.lines:
        work.status = "rejected"
    world.record(
        "work.rejected", "staff", work, subject=work.id, order_id=work.order_id, reference=work.fulfillment_id,
        location=work.location, units=gone,
    )  # fmt: skip
    _report(world, work, "staff.rejected", units=gone)


def make_ready(world: World, args: dict[str, str]) -> None:
    """Put picked goods under the counter, to be collected."""
    work = world.works[args["work"]]
    if work.kind == "pickup" and work.status == "picked":
        _advance(world, work, "ready")


def hand_over(world: World, args: dict[str, str]) -> None:
    """Give what is labelled to the carrier."""
    work = world.works[args["work"]]
    labels = _labels_of(world, work)
    if not labels or work.status != ("accepted" if _automated(world, work.location) else "picked"):
        return
    work.status = "handed_over"
    world.record(
        "work.handed_over", "staff", work, subject=work.id, order_id=work.order_id, reference=work.fulfillment_id,
        location=work.location, units=work.lines, detail=" ".join(label.id for label in labels),
    )  # fmt: skip
    if not _automated(world, work.location):
        _report(world, work, "staff.handed_over", tracking_numbers=[label.id for label in labels])
    for label in labels:
        parcels.accept(world, label)


def collect(world: World, args: dict[str, str]) -> None:
    """Type the PIN that somebody brought; the goods are given for the right one only."""
    work = world.works[args["work"]]
    if work.status != "ready":
        return
    if args["right"] == "yes":
        work.status = "collected"
        world.record(
            "work.collected", "staff", work, subject=work.id, order_id=work.order_id, reference=work.fulfillment_id,
            location=work.location, units=work.lines,
        )  # fmt: skip
    else:
        world.record("work.wrong_pin", "staff", subject=work.id, order_id=work.order_id, location=work.location)
    _report(world, work, "staff.collected", pin=args["pin"])


def _advance(world: World, work: Work, status: Literal["picked", "ready"]) -> None:
    work.status = status
    world.record(
        f"work.{status}", "staff", work, subject=work.id, order_id=work.order_id, reference=work.fulfillment_id,
        location=work.location, units=work.lines,
    )  # fmt: skip
    _report(world, work, f"staff.{status}", units=work.lines)


def _expect_hand_over(world: World, work: Work) -> None:
    if _labels_of(world, work):
        world.after(1, "staff.hand_over", work=work.id)


def _labels_of(world: World, work: Work) -> list[Label]:
    """Return one label for each parcel of the work: where two were bought, the later one is stuck on."""
    mine = [label for label in world.labels.values() if label.status == "bought" and parcels.belongs(label, work)]
    return list({label.parcel: label for label in mine}.values()) if work.kind == "ship" else []


def _automated(world: World, code: str) -> bool:
    location = world.catalog.location(code)
    return location is not None and location.automated


def _rejected_before(world: World, work: Work) -> bool:
    return any(one.order_id == work.order_id and one.id != work.id for one in world.works.values())


def _report(world: World, work: Work, kind: str, *, units: list[Units] | None = None, **words: JsonValue) -> None:
    known: dict[str, JsonValue] = {"order": work.order_id, "fulfillment_id": work.fulfillment_id, "work_id": work.id}
    if units is not None:
        words["lines"] = [dump(one) for one in units]
    location = world.catalog.location(work.location)
    emit(world, location.system if location else "", kind, location=work.location, **known, **words)


DEEDS = {
    "staff.pick": pick,
    "staff.ready": make_ready,
    "staff.hand_over": hand_over,
    "staff.reject": reject,
    "staff.collect": collect,
}
REACTIONS = {"work.accepted": notice_work, "label.bought": notice_label}
