"""Telling the shop how much of each listing may be sold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from domain.ports.marketplace import OfferedStock, StockResult

ROWS_A_CALL = 100
ROUNDS = 3


async def publish_stock(api: AdminApi, location: str, rows: Sequence[OfferedStock]) -> tuple[StockResult, ...]:
    """Set what may be sold of each listing at one of the shop's stock locations."""
    results: list[StockResult] = []
    for start in range(0, len(rows), ROWS_A_CALL):
        results += await _publish(api, location, rows[start : start + ROWS_A_CALL])
    return tuple(results)


async def _publish(api: AdminApi, location: str, rows: Sequence[OfferedStock]) -> list[StockResult]:
    """Set the quantities, and again where an order was placed or fulfilled between reading and writing."""
    wanted = {row.listing_id: row.quantity for row in rows}
    told = await api.read(documents.STOCK, wire.Variants, ids=list(wanted), take=len(wanted))
    levels = _levels(told.items, location)
    for _ in range(ROUNDS):
        if not (wrong := _to_correct(levels, wanted)):
            break
        changed = await api.read(documents.SET_STOCK, list[wire.Variant], input=_stock_input(wrong, location))
        levels |= _levels(changed, location)
    moving = _to_correct(levels, wanted)
    return [StockResult(listing_id=row.listing_id, code=_code(row.listing_id, levels, moving)) for row in rows]


def _to_correct(levels: Mapping[str, wire.StockLevel], wanted: Mapping[str, int]) -> dict[str, int]:
    """Return the units to have on hand of each variant whose sellable quantity is not the wanted one."""
    return {
        listing_id: wanted[listing_id] + level.stock_allocated
        for listing_id, level in levels.items()
        if level.stock_on_hand - level.stock_allocated != wanted[listing_id]
    }


def _code(listing_id: str, levels: Mapping[str, object], moving: Mapping[str, object]) -> str:
    if listing_id not in levels:
        return "vendure-no-such-variant"
    return "vendure-stock-moves" if listing_id in moving else ""


def _levels(variants: Iterable[wire.Variant], location: str) -> dict[str, wire.StockLevel]:
    """Return each variant's level at the location; one that has never been there holds nothing."""
    nothing = wire.StockLevel(stock_location_id=location, stock_on_hand=0, stock_allocated=0)
    return {
        variant.id: next((level for level in variant.stock_levels if level.stock_location_id == location), nothing)
        for variant in variants
    }


def _stock_input(on_hand: Mapping[str, int], location: str) -> list[dict[str, object]]:
    return [
        {"id": variant_id, "stockLevels": [{"stockLocationId": location, "stockOnHand": quantity}]}
        for variant_id, quantity in on_hand.items()
    ]
