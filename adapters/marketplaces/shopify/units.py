"""Counting units of an order: sent, still to be sent, and where they lie."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from adapters.marketplaces.shopify import wire
from adapters.marketplaces.shopify.api import number_of
from adapters.marketplaces.shopify.words import LIVE_FULFILLMENTS, LIVE_PARTS
from domain.errors import ContractBroken

Portion = tuple[wire.Part, wire.PartLine, int]
"""Units of one line of one fulfillment order."""


def live_fulfillments(order: wire.Order) -> tuple[wire.Fulfillment, ...]:
    """Return every fulfillment that was not taken back and did not fail."""
    return tuple(sent for sent in order.fulfillments if sent.status in LIVE_FULFILLMENTS)


def sent_units(fulfillments: Iterable[wire.Fulfillment]) -> dict[str, int]:
    """Return the units by line id of these fulfillments."""
    return _sum((row.line_id, row.quantity) for sent in fulfillments for row in sent.fulfillment_line_items.nodes)


def remaining_units(order: wire.Order, states: Collection[str] = LIVE_PARTS) -> dict[str, int]:
    """Return the units by line id that fulfillment orders of these states still have to send."""
    rows = (row for part in order.parts.nodes if part.status in states for row in part.line_items.nodes)
    return _sum((row.line_id, row.remaining_quantity) for row in rows)


def cancelled_units(order: wire.Order) -> dict[str, int]:
    """Return the units by line id that nobody will send any more: neither sent, nor still to be.

    Shopify counts a unit that was refunded like one that was removed; only what is nowhere any more was cancelled.

    Raises:
        ContractBroken: units are nowhere that were not removed: a fulfillment order is hidden from us.
    """
    sent, remaining = sent_units(live_fulfillments(order)), remaining_units(order)
    cancelled: dict[str, int] = {}
    for line in order.line_items.nodes:
        number, removed = number_of(line.id), line.quantity - line.current_quantity
        nowhere = max(line.quantity - sent.get(number, 0) - remaining.get(number, 0), 0)
        if line.requires_shipping and nowhere > removed and order.cancelled_at is None:
            raise ContractBroken("shopify-hidden-units", "grant the app the scopes to read every fulfillment order")
        cancelled[number] = nowhere if line.requires_shipping else max(removed, 0)
    return cancelled


def missing_units(wanted: Mapping[str, int], done: Mapping[str, int]) -> dict[str, int]:
    """Return what of the wanted units is not done yet."""
    left = {line_id: units - done.get(line_id, 0) for line_id, units in wanted.items()}
    return {line_id: units for line_id, units in left.items() if units > 0}


def divide(order: wire.Order, wanted: Mapping[str, int], states: Collection[str]) -> tuple[Portion, ...] | None:
    """Find wanted units in the fulfillment orders of these states as they stand now; None when there are too few.

    Lines move between fulfillment orders, which split: only the line itself keeps its id. Locations that cover the
    most come first, so that one shipment becomes as few fulfillments as can be.
    """
    left = dict(wanted)
    portions: list[Portion] = []
    for part in _fullest_first(order, wanted, states):
        for row in part.line_items.nodes:
            line_id = number_of(row.line_id)
            units = min(row.remaining_quantity, left.get(line_id, 0))
            if units > 0:
                portions.append((part, row, units))
                left[line_id] -= units
    return None if any(left.values()) else tuple(portions)


def _fullest_first(order: wire.Order, wanted: Mapping[str, int], states: Collection[str]) -> list[wire.Part]:
    parts = [part for part in order.parts.nodes if part.status in states]
    covered: dict[str, dict[str, int]] = {}
    for part in parts:
        of_location = covered.setdefault(part.location, {})
        for row in part.line_items.nodes:
            line_id = number_of(row.line_id)
            of_location[line_id] = of_location.get(line_id, 0) + row.remaining_quantity
    score = {
        location: sum(min(units, have.get(line_id, 0)) for line_id, units in wanted.items())
        for location, have in covered.items()
    }
    return sorted(parts, key=lambda part: (-score[part.location], part.location))


def _sum(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line_id, units in rows:
        number = number_of(line_id)
        totals[number] = totals.get(number, 0) + units
    return totals
