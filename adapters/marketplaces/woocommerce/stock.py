"""Telling the shop how much of each listing may be sold: products and variations, a hundred a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from adapters.marketplaces.woocommerce import wire
from adapters.marketplaces.woocommerce.shop import Shop
from domain.ports.marketplace import OfferedStock, StockResult

ROWS_A_CALL = 100
_LISTING = re.compile(r"[0-9]{1,20}(:[0-9]{1,20})?")


async def publish_stock(shop: Shop, rows: Sequence[OfferedStock]) -> tuple[StockResult, ...]:
    """Set absolute quantities; the variations of each product have a batch of their own."""
    codes = {row.listing_id: "woocommerce-no-such-listing" for row in rows if not _LISTING.fullmatch(row.listing_id)}
    for path, batch in _batches(row for row in rows if row.listing_id not in codes):
        codes |= await _publish(shop, path, batch)
    return tuple(StockResult(listing_id=row.listing_id, code=codes[row.listing_id]) for row in rows)


async def _publish(shop: Shop, path: str, batch: Mapping[str, OfferedStock]) -> dict[str, str]:
    update = [{"id": int(own), "manage_stock": True, "stock_quantity": row.quantity} for own, row in batch.items()]
    told = await shop.write("POST", path, {"update": update}, wire.StockRows)
    if not isinstance(told, wire.StockRows):
        return {row.listing_id: told.code for row in batch.values()}
    answers = {row.id: row for row in told.update}
    return {row.listing_id: _code(answers.get(own), row.quantity) for own, row in batch.items()}


def _code(answer: wire.StockRow | None, wanted: int) -> str:
    if answer is None:
        return "woocommerce-no-outcome"
    if answer.error:
        return answer.error.code
    return "" if answer.stock_quantity == str(wanted) else "woocommerce-stock-not-taken"


def _batches(rows: Iterable[OfferedStock]) -> Iterable[tuple[str, dict[str, OfferedStock]]]:
    by_path: dict[str, dict[str, OfferedStock]] = {}
    for row in rows:
        product, _, variation = row.listing_id.partition(":")
        path = f"/products/{product}/variations/batch" if variation else "/products/batch"
        by_path.setdefault(path, {})[variation or product] = row
    for path, all_rows in by_path.items():
        waiting = iter(all_rows.items())
        while batch := dict(islice(waiting, ROWS_A_CALL)):
            yield path, batch
