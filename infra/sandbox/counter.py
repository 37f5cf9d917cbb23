"""The returns desk of a location: takes goods in, from a parcel or over the counter, and inspects them."""

from __future__ import annotations

from infra.sandbox import parcels
from infra.sandbox.endpoint import dump
from infra.sandbox.hooks import emit
from infra.sandbox.journal import Entry
from infra.sandbox.records import Arrival, Label, Units
from infra.sandbox.trade import units_of
from infra.sandbox.world import World


def notice_scan(world: World, entry: Entry) -> None:
    """React to a parcel that ends at our door: a return, or one that could not be delivered."""
    label = world.labels[entry.subject]
    if entry.status == ("delivered" if label.kind == "return" else "returned_to_sender"):
        world.after(1, "counter.unpack", tracking_number=label.id)


def notice_expected(world: World, entry: Entry) -> None:
    """React to an announced return: the buyer who wanted to bring it to the store does so."""
    order = world.orders.get(entry.order_id)
    if order and any(wish.course == "store" for wish in order.returns):
        world.after(1, "counter.take", arrival=entry.subject)


def unpack(world: World, args: dict[str, str]) -> None:
    """Open a parcel that came back."""
    label = world.labels[args["tracking_number"]]
    known = next((one for one in world.arrivals.values() if _expects(one, label)), None)
    arrival = known or Arrival(
        id=world.new_id("ARR"), location=label.location, order_id=label.order_id, units=[], status="expected"
    )
    arrival.tracking_number = label.id
    arrival.units = parcels.contents(world, label) if label.kind == "outbound" else _sent_back(world, label)
    _receive(world, arrival)


def take(world: World, args: dict[str, str]) -> None:
    """Take announced goods over the counter."""
    arrival = world.arrivals[args["arrival"]]
    order = world.orders.get(arrival.order_id)
    if order is not None and order.returns:
        arrival.units = units_of(order, order.returns[0].lines)
    _receive(world, arrival)


def inspect(world: World, args: dict[str, str]) -> None:
    """Look at what came back and decide what becomes of each unit."""
    arrival = world.arrivals[args["arrival"]]
    if arrival.status != "received":
        return
    arrival.status = "inspected"
    for units in arrival.units:
        units.disposition = args.get("disposition", "RESTOCKED")
    world.record(
        "return.inspected", "staff", arrival, subject=arrival.id, order_id=arrival.order_id,
        location=arrival.location, tracking_number=arrival.tracking_number, units=arrival.units,
    )  # fmt: skip
    back = [units for units in arrival.units if units.disposition == "RESTOCKED"]
    world.record(
        "units.came", "staff", subject=arrival.id, order_id=arrival.order_id, location=arrival.location, units=back,
        detail="back on the shelf",
    )  # fmt: skip
    _tell(world, arrival, "staff.inspected")


def _receive(world: World, arrival: Arrival) -> None:
    if arrival.status != "expected":
        return
    arrival.status = "received"
    world.record(
        "return.received", "staff", arrival, subject=arrival.id, order_id=arrival.order_id,
        location=arrival.location, tracking_number=arrival.tracking_number, units=arrival.units,
    )  # fmt: skip
    _tell(world, arrival, "staff.received")
    world.after(2, "counter.inspect", arrival=arrival.id)


def _expects(arrival: Arrival, label: Label) -> bool:
    """Tell whether this announcement is about that parcel; a return's label names the return where it can."""
    if arrival.status != "expected" or arrival.order_id != label.order_id:
        return False
    return label.kind == "outbound" or parcels.names(label.reference, arrival.return_id)


def _sent_back(world: World, label: Label) -> list[Units]:
    order = world.orders.get(label.order_id)
    return [units for wish in order.returns for units in units_of(order, wish.lines)] if order else []


def _tell(world: World, arrival: Arrival, kind: str) -> None:
    location = world.catalog.location(arrival.location)
    emit(
        world, location.system if location else "", kind, location=arrival.location, order=arrival.order_id,
        return_id=arrival.return_id, tracking_number=arrival.tracking_number,
        lines=[dump(units) for units in arrival.units],
    )  # fmt: skip


DEEDS = {"counter.unpack": unpack, "counter.take": take, "counter.inspect": inspect}
REACTIONS = {"parcel.scanned": notice_scan, "return.expected": notice_expected}
