"""Telling the store how much of each listing may be sold: compare, and set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import AliasPath, Field

from adapters.marketplaces.shopify import documents, wire
from adapters.marketplaces.shopify.answer import slug
from adapters.marketplaces.shopify.api import AdminApi, gid
from adapters.marketplaces.shopify.refunds import key_of
from domain.ports.marketplace import OfferedStock, StockResult

ROWS_A_CALL = 50
ROUNDS = 4
_STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "IDEMPOTENCY_CONCURRENT_REQUEST"})


class Available(wire.Words):
    """Units that may be sold, and since when it is so many."""

    quantity: int
    updated_at: wire.MaybeText = ""


class Level(wire.Words):
    """What one location has of a listing; no `quantities` where it was never stocked there."""

    listing_id: wire.Number = Field(validation_alias="legacyResourceId")
    stock_item: str = Field(validation_alias=AliasPath("inventoryItem", "id"))
    tracked: bool = Field(validation_alias=AliasPath("inventoryItem", "tracked"))
    quantities: Annotated[tuple[Available, ...], wire.MaybeRows] = Field(
        default=(), validation_alias=AliasPath("inventoryItem", "inventoryLevel", "quantities")
    )


class SetStock(wire.Words):
    """What became of rows that were set together: all of them, or none and why."""

    errors: Annotated[tuple[wire.UserError, ...], Field(validation_alias="userErrors")]


async def publish_stock(api: AdminApi, location: str, rows: Sequence[OfferedStock]) -> tuple[StockResult, ...]:
    """Set what may be sold of each listing at one of the store's locations."""
    codes: dict[str, str] = {}
    for start in range(0, len(rows), ROWS_A_CALL):
        wanted = {row.listing_id: row.quantity for row in rows[start : start + ROWS_A_CALL]}
        codes |= await _publish(api, gid("Location", location), wanted)
    return tuple(StockResult(listing_id=row.listing_id, code=codes.get(row.listing_id, "")) for row in rows)


async def _publish(api: AdminApi, location: str, wanted: Mapping[str, int]) -> dict[str, str]:
    """Return the code of each row that was refused.

    Shopify sets all rows of a call or none. Those it complains of are left out, or read again where something was
    sold in between, and the others are set once more.
    """
    codes: dict[str, str] = {}
    moves: list[Level] = []
    for _ in range(ROUNDS):
        left = [listing_id for listing_id in wanted if listing_id not in codes]
        levels = await _levels(api, location, left)
        codes |= {listing_id: code for listing_id in left if (code := _unfit(levels.get(listing_id)))}
        moves = [level for level in levels.values() if _moves(level, wanted, codes)]
        if not moves:
            return codes
        refused = await _set(api, location, moves, wanted)
        if refused is None:
            return codes
        codes |= refused
    return codes | {level.listing_id: "shopify-stock-moves" for level in moves if level.listing_id not in codes}


async def _levels(api: AdminApi, location: str, listing_ids: Iterable[str]) -> dict[str, Level]:
    # What is no number is a line without a variant; asking for it would lose the whole call.
    ids = [gid("ProductVariant", listing_id) for listing_id in listing_ids if listing_id.isdecimal()]
    if not ids:
        return {}
    told = await api.read(documents.LEVELS, tuple[Level | None, ...], ids=ids, location=location)
    return {level.listing_id: level for level in told if level is not None}


def _unfit(level: Level | None) -> str:
    """Return why a listing's quantity cannot be set, or nothing."""
    if level is None:
        return "shopify-no-such-variant"
    if not level.tracked:
        return "shopify-not-tracked"
    return "" if level.quantities else "shopify-not-stocked-here"


def _moves(level: Level, wanted: Mapping[str, int], codes: Mapping[str, str]) -> bool:
    return level.listing_id not in codes and level.quantities[0].quantity != wanted[level.listing_id]


async def _set(
    api: AdminApi, location: str, levels: Sequence[Level], wanted: Mapping[str, int]
) -> dict[str, str] | None:
    """Set quantities; return None when all were taken, else the codes of rows that will not be."""
    told = [
        {
            "inventoryItemId": level.stock_item,
            "locationId": location,
            "quantity": wanted[level.listing_id],
            "changeFromQuantity": level.quantities[0].quantity,
        }
        for level in levels
    ]
    # The same change of the same state is one request; once a quantity has moved, it is another.
    seen = [level.quantities[0].updated_at for level in levels]
    change = {"name": "available", "reason": "correction", "quantities": told}
    done = await api.read(documents.SET_STOCK, SetStock, input=change, key=key_of(f"stock:{told}:{seen}"))
    if not done.errors:
        return None
    lasting = [error for error in done.errors if error.code not in _STALE]
    codes: dict[str, str] = {}
    for error in lasting:
        for level in _meant(error, levels):
            codes[level.listing_id] = slug(error.code)
    return codes


def _meant(error: wire.UserError, levels: Sequence[Level]) -> Sequence[Level]:
    """Return the rows that an error is about: all of them where it names none."""
    numbers = [int(step) for step in error.path or () if step.isdigit()]
    return [levels[number] for number in numbers if number < len(levels)] or levels
