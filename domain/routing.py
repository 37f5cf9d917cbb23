"""Routing: which location sends which units. A pure function of one snapshot, with its reasons."""

from __future__ import annotations

from domain.inventory import InventoryLevel
from domain.listing import Component
from domain.location import Location
from domain.order import Delivery
from domain.values import Model


class Demand(Model):
    """Units of one order line that wait for a place, each made of `components`.

    `refused_by` are locations that already said no.
    """

    line_id: str
    sku: str
    quantity: int
    components: tuple[Component, ...] = ()
    refused_by: frozenset[str] = frozenset()


class PlannedPart(Model):
    """Units of one line that one location is to send."""

    line_id: str
    sku: str
    quantity: int
    location: str


class FulfillmentPlan(Model):
    """The split of an order over locations.

    Attributes:
        parts: what goes from where.
        short: lines that no place can serve whole now.
        reasons: one sentence per location that was considered.
    """

    parts: tuple[PlannedPart, ...]
    short: tuple[Demand, ...]
    reasons: tuple[str, ...]


class Snapshot(Model):
    """Everything the plan depends on."""

    delivery: Delivery
    pickup_location: str | None
    demands: tuple[Demand, ...]
    locations: tuple[Location, ...]
    levels: tuple[InventoryLevel, ...]
    only: str | None = None


def plan_fulfillment(snapshot: Snapshot) -> FulfillmentPlan:
    """Plan every line that can be served whole; one location for all if there is one, else as few as greed finds."""
    stock = {(level.sku, level.location): level.available for level in snapshot.levels}
    places = sorted(_eligible(snapshot), key=lambda place: (place.rank, place.code))
    parts: list[PlannedPart] = []
    open_demands = list(snapshot.demands)
    for place in sorted(places, key=lambda place: -_lines_served(place, open_demands, dict(stock))):
        open_demands = _serve(place, open_demands, stock, parts)
    short = tuple(demand for demand in open_demands if not _split_line(demand, places, stock, parts))
    return FulfillmentPlan(parts=tuple(parts), short=short, reasons=tuple(_explain(snapshot, places, parts)))


def _eligible(snapshot: Snapshot) -> list[Location]:
    if snapshot.delivery == "pickup":
        return [
            place
            for place in snapshot.locations
            if place.open and place.pickup and place.code == (snapshot.only or snapshot.pickup_location)
        ]
    return [place for place in snapshot.locations if place.open and place.ships and snapshot.only in (None, place.code)]


def _lines_served(place: Location, demands: list[Demand], stock: dict[tuple[str, str], int]) -> int:
    return len(demands) - len(_serve(place, demands, stock, []))


def _serve(
    place: Location, demands: list[Demand], stock: dict[tuple[str, str], int], parts: list[PlannedPart]
) -> list[Demand]:
    """Take every line this place can send whole; return those it cannot."""
    left: list[Demand] = []
    for demand in demands:
        key = (demand.sku, place.code)
        if place.code in demand.refused_by or stock.get(key, 0) < demand.quantity:
            left.append(demand)
            continue
        stock[key] -= demand.quantity
        parts.append(_part(demand, place.code, demand.quantity))
    return left


def _split_line(
    demand: Demand, places: list[Location], stock: dict[tuple[str, str], int], parts: list[PlannedPart]
) -> bool:
    """Split one line over several places when no single one holds it all; all of it or nothing."""
    takes: list[tuple[str, int]] = []
    wanted = demand.quantity
    for place in places:
        if wanted and place.code not in demand.refused_by:
            units = min(wanted, stock.get((demand.sku, place.code), 0))
            takes.append((place.code, units))
            wanted -= units
    if wanted:
        return False
    for location, units in takes:
        if units:
            stock[demand.sku, location] -= units
            parts.append(_part(demand, location, units))
    return True


def _part(demand: Demand, location: str, units: int) -> PlannedPart:
    return PlannedPart(line_id=demand.line_id, sku=demand.sku, quantity=units, location=location)


def _explain(snapshot: Snapshot, places: list[Location], parts: list[PlannedPart]) -> list[str]:
    eligible = {place.code for place in places}
    chosen = {part.location for part in parts}
    return [
        f"{place.code}: "
        + ("chosen" if place.code in chosen else "not needed or short" if place.code in eligible else "not eligible")
        for place in snapshot.locations
    ]
