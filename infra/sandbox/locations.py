"""The locations as their API shows them: work is released to them, looked up and recalled."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from starlette.routing import Route

from infra.sandbox.catalog import Location
from infra.sandbox.endpoint import Answer, Call, RefusedRequest, dump, found, route
from infra.sandbox.records import Arrival, Units, Wish, Work


class WorkWish(Wish):
    """A fulfillment order to be worked on.

    Attributes:
        reference: the sender's own for this request.
        fulfillment_id: what is worked on; a repeat finds the work that is there.
    """

    reference: str = ""
    fulfillment_id: str = Field(min_length=1, max_length=300)
    kind: Literal["ship", "pickup"]
    lines: list[Units] = Field(min_length=1)


class RecallWish(Wish):
    """A fulfillment order not to be finished."""

    fulfillment_id: str


class ExpectWish(Wish):
    """Goods that will come back, under the seller's own number for the return."""

    return_id: str = Field(min_length=1, max_length=300)
    lines: list[Units]


class DeliveryWish(Wish):
    """Goods that a supplier brings to a dock."""

    sku: str = Field(min_length=1)
    quantity: int = Field(gt=0)


def release(call: Call) -> Answer:
    """Take on work; a reference that is known already is answered with what became of it."""
    location, wish = location_of(call), call.read(WorkWish)
    known = _work_of(call, wish.fulfillment_id)
    if known is not None:
        return 200, dump(known)
    if wish.kind == "pickup" and not location.pickup:
        raise RefusedRequest(422, "no-pickup-here", location.code)
    for units in wish.lines:
        if units.quantity <= 0 or not _keeps(call, units.sku):
            raise RefusedRequest(422, "bad-line", f"{units.quantity} of {units.sku}")
    work = Work(
        id=call.world.new_id("W"), reference=wish.reference, fulfillment_id=wish.fulfillment_id,
        location=location.code, kind=wish.kind, order_id=call.world.order_in(wish.fulfillment_id), lines=wish.lines,
    )  # fmt: skip
    call.world.record(
        "work.accepted", "crossdock", work, subject=work.id, order_id=work.order_id, reference=work.fulfillment_id,
        location=work.location, detail=work.kind, units=work.lines,
    )  # fmt: skip
    return 201, dump(work)


def find_work(call: Call) -> Answer:
    """Answer the work of a fulfillment order, or all that is there."""
    location, wanted = location_of(call), call.query.get("fulfillment_id")
    works = [work for work in call.world.works.values() if work.location == location.code]
    return 200, {"works": [dump(work) for work in works if wanted in {None, work.fulfillment_id}]}


def recall(call: Call) -> Answer:
    """Ask for work to be stopped; a repeat changes nothing, and goods that are gone are gone."""
    work = found(_work_of(call, call.read(RecallWish).fulfillment_id), "work")
    if work.status in {"handed_over", "collected"}:
        raise RefusedRequest(409, "already-gone", f"the goods were {work.status}")
    if work.status not in {"cancelled", "rejected"}:
        work.status = "cancelled"
        call.world.record(
            "work.cancelled", "crossdock", work, subject=work.id, order_id=work.order_id, reference=work.fulfillment_id,
            location=work.location, units=work.lines,
        )  # fmt: skip
    return 200, dump(work)


def expect(call: Call) -> Answer:
    """Note goods that will come back; a return that is known already is answered with what became of it."""
    location, wish = location_of(call), call.read(ExpectWish)
    known = call.world.arrivals.get(wish.return_id)
    if known is not None:
        return 200, dump(known)
    arrival = Arrival(
        id=wish.return_id, return_id=wish.return_id, location=location.code, units=wish.lines, status="expected",
        order_id=call.world.order_in(wish.return_id),
    )  # fmt: skip
    call.world.record(
        "return.expected", "crossdock", arrival, subject=arrival.id, order_id=arrival.order_id,
        location=arrival.location, units=arrival.units,
    )  # fmt: skip
    return 201, dump(arrival)


def find_expected(call: Call) -> Answer:
    """Answer the return of a number, or all that are known here."""
    location, wanted = location_of(call), call.query.get("return_id")
    known = [one for one in call.world.arrivals.values() if one.location == location.code]
    return 200, {"returns": [dump(one) for one in known if wanted in {None, one.return_id}]}


def deliver_goods(call: Call) -> Answer:
    """Let a supplier bring goods, new ones too; the operator still has to book them in Crossdock."""
    location, wish = location_of(call), call.read(DeliveryWish)
    units = [Units(sku=wish.sku, quantity=wish.quantity)]
    call.world.record("units.came", "director", location=location.code, units=units, detail="from the supplier")
    return 201, dump(wish)


def location_of(call: Call) -> Location:
    """Return the location that the path names."""
    return found(call.world.catalog.location(call.path["code"]), "location")


def _keeps(call: Call, sku: str) -> bool:
    """Tell whether the locations keep a SKU: one of the catalog, or one that was brought here later."""
    if call.world.catalog.product(sku) is not None:
        return True
    brought = (entry for entry in call.world.journal.entries if entry.kind == "units.came")
    return any(units.sku == sku for entry in brought for units in entry.units)


def _work_of(call: Call, fulfillment_id: str) -> Work | None:
    asked = (location_of(call).code, fulfillment_id)
    return next((one for one in call.world.works.values() if (one.location, one.fulfillment_id) == asked), None)


def routes() -> list[Route]:
    """Return what may be asked of a location."""
    works = "/locations/{code}/work"
    return [
        route("POST", works, "location.work.release", release),
        route("GET", works, "location.work.find", find_work),
        route("POST", "/locations/{code}/recalls", "location.work.recall", recall),
        route("POST", "/locations/{code}/returns", "location.returns.expect", expect),
        route("GET", "/locations/{code}/returns", "location.returns.find", find_expected),
        route("POST", "/locations/{code}/deliveries", "location.deliveries", deliver_goods),
    ]
