"""Telling the shop how much of each listing may be sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from adapters.marketplaces.vendure import documents, wire
from adapters.marketplaces.vendure.api import AdminApi
from domain.ports.marketplace import OfferedStock, StockResult

ROWS_A_CALL = 100
ROUNDS = 3
_VARIANTS = TypeAdapter(tuple[wire.Variant, ...])


async def publish_stock(api: AdminApi, location: str, rows: Sequence[OfferedStock]) -> tuple[StockResult, ...]:
    """Set what may be sold of each listing at one of the shop's stock locations."""
    results: list[StockResult] = []
    for start in range(0, len(rows), ROWS_A_CALL):
        results += await _publish(api, location, rows[start : start + ROWS_A_CALL])
    return tuple(results)


async def _publish(api: AdminApi, location: str, rows: Sequence[OfferedStock]) -> list[StockResult]:
    """Set the quantities, and again where an order was placed or fulfilled between reading and writing."""
    wanted = {row.listing_id: row.quantity for row in rows}
    told = await api.read(documents.STOCK, ids=list(wanted), take=len(wanted))
    levels = _levels(told["items"], location)
    codes = {listing_id: "" if listing_id in levels else "vendure-no-such-variant" for listing_id in wanted}
    for _ in range(ROUNDS):
        wrong = {
            listing_id: wanted[listing_id] + level.stock_allocated
            for listing_id, level in levels.items()
            if level.stock_on_hand - level.stock_allocated != wanted[listing_id]
        }
        if not wrong:
            break
        told = await api.read(documents.SET_STOCK, input=_stock_input(wrong, location))
        levels = _levels(told, location)
    else:
        codes |= dict.fromkeys(levels, "vendure-stock-moves")
    return [StockResult(listing_id=row.listing_id, code=codes[row.listing_id]) for row in rows]


def _levels(told: Any, location: str) -> dict[str, wire.StockLevel]:  # noqa: ANN401  JSON, read here
    """Return each variant's level at the location; one that has never been there holds nothing."""
    nothing = wire.StockLevel(stock_location_id=location, stock_on_hand=0, stock_allocated=0)
    return {
        variant.id: next((level for level in variant.stock_levels if level.stock_location_id == location), nothing)
        for variant in _VARIANTS.validate_python(told)
    }


def _stock_input(on_hand: Mapping[str, int], location: str) -> list[dict[str, object]]:
    return [
        {"id": variant_id, "stockLevels": [{"stockLocationId": location, "stockOnHand": quantity}]}
        for variant_id, quantity in on_hand.items()
    ]
