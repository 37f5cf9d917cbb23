"""Telling the marketplace how much of each offer may be sold: a file that it takes in later."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from urllib.parse import quote

from adapters.marketplaces.mirakl import wire
from adapters.marketplaces.mirakl.market import Market
from domain.errors import ContractBroken, Unavailable
from domain.ports.marketplace import OfferedStock, StockResult

_RUNNING = frozenset({"WAITING", "RUNNING"})
_COLUMNS = ("offer-sku", "quantity", "warehouse-code", "update-delete")
_REFUSED = "mirakl-stock-refused"


async def publish_stock(market: Market, rows: Sequence[OfferedStock]) -> tuple[StockResult, ...]:
    """Send all rows as one file; what became of them is asked for by its id."""
    if not rows:
        return ()
    content = _to_csv(rows, market.settings.warehouse)
    files = {"file": ("stock.csv", content, "text/csv")}
    made = await market.write("STO01", "POST", "/api/offers/stock/imports", wire.Import, files=files)
    if isinstance(made, wire.Import):
        return tuple(StockResult(listing_id=row.listing_id, job=made.import_id) for row in rows)
    return tuple(StockResult(listing_id=row.listing_id, code=made.code) for row in rows)


async def stock_results(market: Market, job: str) -> tuple[StockResult, ...] | None:
    """Return the rows that were not taken, once the file was gone through.

    Raises:
        Unavailable: the import failed as a whole.
    """
    path = f"/api/offers/stock/imports/{quote(job, safe='')}"
    status = await market.read("STO02", f"{path}/status", wire.ImportStatus)
    if status.status in _RUNNING:
        return None
    if status.status != "COMPLETE":
        raise Unavailable("mirakl-import-failed")
    return _refused(await market.read_csv("STO03", f"{path}/error_report")) if status.has_error_report else ()


def _to_csv(rows: Sequence[OfferedStock], warehouse: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((row.listing_id, row.quantity, warehouse, "") for row in rows)
    return out.getvalue().encode()


def _refused(report: bytes) -> tuple[StockResult, ...]:
    """Read the report: two columns about the error, then the columns that we sent."""
    try:
        heads, *rows = list(csv.reader(io.StringIO(report.decode("utf-8-sig")), delimiter=";"))
        column = heads.index(_COLUMNS[0])
        return tuple(StockResult(listing_id=row[column], code=_REFUSED) for row in rows if row)
    except (ValueError, IndexError, csv.Error) as error:
        raise ContractBroken("mirakl-unreadable-report") from error
