"""What importing costs: rows per second beside a bare COPY of the same rows, and the memory it takes."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from activities.importing import Imported, Importer, ImportWish
from domain.imports import ImportKind
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from infra.table import open_table
from tests.builders import location
from workers.wiring import utc_now

ACCOUNT, PLACE = "bench-import", "BENCH"
_STATUS = Path("/proc/self/status")


async def importing_figures(url: str, rows: int = 100_000) -> dict[str, float]:
    """Import so many SKUs, listings and stock rows; rates of listings and stock, over that of a bare COPY.

    Before that, all or nothing of the same stock with one bad row: what a refusal costs, over the bare COPY of stock.
    """
    engine = create_engine(url)
    record = PostgresRecord(engine, Cipher(bytes(32)))
    async with record.begin() as tx:
        await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="sandbox", settings="{}"))
        await tx.catalog.save_location(location(PLACE))
    try:
        with tempfile.TemporaryDirectory() as folder:
            files = _write_files(Path(folder), rows)
            before = _megabytes("VmRSS")
            _forget_peak()
            await _import(record, ImportKind.SKUS, files[ImportKind.SKUS])
            bare = await asyncio.to_thread(_copy_bare, url, files)
            refusing = await _refuse(record, files[ImportKind.STOCK], rows)
            started = time.perf_counter()
            for kind in (ImportKind.LISTINGS, ImportKind.STOCK):
                await _import(record, kind, files[kind])
            took = time.perf_counter() - started
    finally:
        await engine.dispose()
    return {
        "import_rows_per_second": 2 * rows / took,
        "import_over_bare_copy": sum(bare.values()) / took,
        "import_refusing_rows_per_second": rows / refusing,
        "import_refusing_over_bare_copy": bare[ImportKind.STOCK] / refusing,
        "import_peak_mb": _megabytes("VmHWM") - before,
    }


async def _refuse(record: Record, file: Path, rows: int) -> float:
    """Import all or nothing of a file whose last row but a fifth is bad; return the seconds."""
    bad = file.with_name("bad.csv")
    with file.open() as source, bad.open("w") as target:
        target.writelines(
            line if number != rows * 4 // 5 else line.rpartition(",")[0] + ",many\n"
            for number, line in enumerate(source)
        )
    started = time.perf_counter()
    done = await _settle(record, ImportWish(kind=ImportKind.STOCK, actor="bench", whole=True), bad)
    if (done.refused, done.written) != (1, 0):
        raise AssertionError(done)
    return time.perf_counter() - started


def _write_files(folder: Path, rows: int) -> dict[ImportKind, Path]:
    contents: dict[ImportKind, tuple[str, Callable[[int], str]]] = {
        ImportKind.SKUS: ("sku,title,weight_grams", lambda n: f"BENCH-{n},Thing {n},100"),
        ImportKind.LISTINGS: ("account,listing_id,sku,units", lambda n: f"{ACCOUNT},L-{n},BENCH-{n},1"),
        ImportKind.STOCK: ("sku,location,on_hand", lambda n: f"BENCH-{n},{PLACE},{n % 50}"),
    }
    files: dict[ImportKind, Path] = {}
    for kind, (header, row) in contents.items():
        files[kind] = folder / f"{kind.value}.csv"
        with files[kind].open("w") as file:
            file.write(header + "\n")
            file.writelines(row(number) + "\n" for number in range(rows))
    return files


def _copy_bare(url: str, files: dict[ImportKind, Path]) -> dict[ImportKind, float]:
    """Copy the same rows into tables of the same columns and indexes; return the seconds of each."""
    tables = {ImportKind.LISTINGS: "listings", ImportKind.STOCK: "inventory_levels"}
    columns = {ImportKind.LISTINGS: "account, listing_id, sku, units", ImportKind.STOCK: "sku, location, on_hand"}
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        for kind, table in tables.items():
            connection.execute(f"CREATE TABLE bare_{kind.value} (LIKE {table} INCLUDING ALL)".encode())
        connection.execute(b"ALTER TABLE bare_listings ALTER author SET DEFAULT '', ALTER valid_from SET DEFAULT now()")
        connection.commit()
        took: dict[ImportKind, float] = {}
        for kind in tables:
            started = time.perf_counter()
            statement = f"COPY bare_{kind.value} ({columns[kind]}) FROM STDIN (FORMAT csv, HEADER)"
            with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                for chunk in _chunks(files[kind]):
                    copy.write(chunk)
            connection.commit()
            took[kind] = time.perf_counter() - started
        for kind in tables:
            connection.execute(f"DROP TABLE bare_{kind.value}".encode())
    return took


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(1 << 18):
            yield chunk


async def _import(record: Record, kind: ImportKind, file: Path) -> None:
    done = await _settle(record, ImportWish(kind=kind, actor="bench"), file)
    if done.refused:
        raise AssertionError(done)


async def _settle(record: Record, wish: ImportWish, file: Path) -> Imported:
    with open_table(wish.kind, str(file), file.open("rb"), None) as table:
        importer = Importer(record, wish, utc_now, _say_nothing)
        await importer.read(table.rows())
        done = await importer.settle(table.digest)
        await importer.close(done)
    return done


def _say_nothing(what: str, rows: int) -> None:
    """Show no bar."""


def _forget_peak() -> None:
    """Let the kernel take the greatest size from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def _megabytes(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024
