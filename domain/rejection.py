"""A rejection: units that a location cannot send, counted in whole sets of a line and in the goods that are gone."""

from __future__ import annotations

from collections.abc import Iterable

from domain.facts import RejectedLine
from domain.fulfillment import Fulfillment, FulfillmentLine

NOT_FOUND = "not_found"
LEAVES_SHELF = frozenset({NOT_FOUND, "damaged"})
"""Reasons after which the goods are off the books; a place that is too busy still has them."""


def sets_rejected(part: Fulfillment, rejected: Iterable[RejectedLine]) -> dict[str, int]:
    """Return line id → units of the line that cannot go: a set of which one component lacks does not go at all."""
    told = list(rejected)
    return {line.line_id: units for line in part.lines if (units := _sets(line, told))}


def goods_lost(part: Fulfillment, rejected: Iterable[RejectedLine]) -> dict[tuple[str, str], tuple[int, str]]:
    """Return (line id, SKU) → units that have left the shelf, and why.

    Of a kit that was rejected as a whole nobody knows which component is gone: nothing leaves the books.
    """
    told = [row for row in rejected if row.reason in LEAVES_SHELF]
    lost: dict[tuple[str, str], tuple[int, str]] = {}
    for line in part.lines:
        for row in told:
            for own in line.made_of if row.line_id == line.line_id else ():
                units = row.quantity if row.sku == own.sku else 0
                if not _names_component(row, line) and len(line.made_of) == 1:
                    units = row.quantity * own.units
                if units:
                    before, reason = lost.get((line.line_id, own.sku), (0, row.reason))
                    lost[line.line_id, own.sku] = min(before + units, own.units * line.quantity), reason
    return lost


def _sets(line: FulfillmentLine, told: list[RejectedLine]) -> int:
    whole = 0
    missing = {own.sku: 0 for own in line.made_of}
    for row in told:
        if row.line_id == line.line_id and _names_component(row, line):
            missing[row.sku] += row.quantity
        elif row.line_id == line.line_id:
            whole += row.quantity
    broken = max(-(-missing[own.sku] // own.units) for own in line.made_of)
    return min(whole + broken, line.quantity)


def _names_component(row: RejectedLine, line: FulfillmentLine) -> bool:
    """Tell whether the row counts units of one component, rather than units of the line."""
    return row.sku in {own.sku for own in line.made_of}
