"""The feed of local inventory: what a buyer finds in each place, in the columns that advert platforms read."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, Iterable

from domain.availability import Shelf
from domain.ports.stores import Record

COLUMNS = ("store_code", "id", "quantity", "availability", "pickup_method")
PAGE = 2000

_FEW = 3


async def local_inventory(record: Record) -> AsyncGenerator[str]:
    """Yield the feed as CSV, a page of rows at a time; each page is as the record stands when it is read."""
    yield _as_csv([COLUMNS])
    after = ("", "")
    while True:
        async with record.begin() as tx:
            page = await tx.availability.shelves(after, PAGE)
        if not page:
            return
        yield _as_csv(_row(shelf) for shelf in page)
        after = (page[-1].sku, page[-1].location)


def _row(shelf: Shelf) -> tuple[str, ...]:
    found = "out_of_stock" if not shelf.units else "limited_availability" if shelf.units < _FEW else "in_stock"
    return shelf.location, shelf.sku, str(shelf.units), found, "buy" if shelf.pickup else "not supported"


def _as_csv(rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
