"""Imports in PostgreSQL: rows are copied beside the record, checked and merged there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import TextClause, text

from domain.import_problem import RowProblem
from domain.imports import Entry, ImportKind, LocationEntry, SkuEntry, columns_of
from domain.kit import KitPart
from domain.ports.stores.imports import Import, StagedKit, Stretch
from infra.database import import_merges as merges
from infra.database.catalog import PostgresCatalogStore
from infra.database.import_checks import BELOW_RESERVED, CHECKS
from infra.database.kit import LOCK_KITS
from infra.database.publication import WANT_SWEEP
from infra.database.store import Store
from infra.database.wait import CLEAR_BARRED, LOCK_CAUSES

_PARTS = TypeAdapter(tuple[KitPart, ...])
_EVERYTHING = Stretch(after=0, upto=2_147_483_647)

_OPEN = text("INSERT INTO imports (kind, actor, opened_at) VALUES (:kind, :actor, :now) RETURNING import_id")
_TABLES = {kind: f"import_{kind.value}" for kind in ImportKind}
_ALL_TABLES = (*_TABLES.values(), "import_problems")


def _on(table: str, statement: str) -> TextClause:
    return text(statement.replace("TABLE", table))


_ABANDONED = """
    DELETE FROM TABLE WHERE import_id IN (
        SELECT import_id FROM imports WHERE closed_at IS NULL AND opened_at < :now - interval '1 day')"""
_TAKE_OUT = "DELETE FROM TABLE WHERE import_id = :import_id AND row = ANY(CAST(:rows AS integer[]))"
_ABANDON = {table: _on(table, _ABANDONED) for table in _ALL_TABLES}
_FORGET = {table: _on(table, "DELETE FROM TABLE WHERE import_id = :import_id") for table in _ALL_TABLES}
_STAGED = {
    kind: _on(table, "SELECT count(*) FROM TABLE WHERE import_id = :import_id") for kind, table in _TABLES.items()
}
_REFUSE = {kind: _on(table, _TAKE_OUT) for kind, table in _TABLES.items()}
# Nobody else has looked at these rows yet, and a planner that takes a million for one compares each with each.
_COUNTED = {kind: text(f"ANALYZE {table}") for kind, table in _TABLES.items()}
_CLOSE = text("""
    UPDATE imports SET name = :name, written = :written, refused = :refused, closed_at = :now
    WHERE import_id = :import_id""")
_PROBLEMS = text("""
    WITH page AS (
        SELECT DISTINCT row FROM import_problems WHERE import_id = :import_id AND row > :after ORDER BY row LIMIT :limit
    )
    SELECT row, field, wrong, remedy FROM import_problems JOIN page USING (row) WHERE import_id = :import_id
    ORDER BY row, field""")
_KITS = text("""
    SELECT row, sku, components, written FROM import_skus
    WHERE import_id = :import_id AND row > :after AND components IS NOT NULL ORDER BY row LIMIT :limit""")
_RETIRING = text("""
    SELECT sku, retired FROM import_skus
    WHERE import_id = :import_id AND retired IS NOT NULL AND sku = ANY(CAST(:skus AS text[]))""")
_ENTRIES = text("""
    SELECT entry FROM import_locations WHERE import_id = :import_id AND row > :after AND row <= :upto ORDER BY row""")
_ROOM = text("SET LOCAL work_mem = '64MB'")


class PostgresImportStore(Store):
    """Staged rows, their problems, and how they become part of the record."""

    async def open(self, kind: ImportKind, actor: str, now: datetime) -> int:
        """Open an import; what imports of the day before left behind is forgotten."""
        for abandon in _ABANDON.values():
            await self._run(abandon, now=now)
        return int(await self._value(_OPEN, kind=kind, actor=actor, now=now))

    async def stage(self, import_id: int, kind: ImportKind, rows: Sequence[tuple[int, Entry]]) -> None:
        """Copy rows beside the record."""
        cells = _cells_of(kind)
        columns = {ImportKind.LOCATIONS: ("code", "entry")}.get(kind, columns_of(kind))
        await self._copy(_TABLES[kind], columns, [(import_id, row, *cells(entry)) for row, entry in rows])

    async def refuse(self, import_id: int, kind: ImportKind, problems: Sequence[RowProblem]) -> None:
        """Keep problems, and take their rows out."""
        told = [(import_id, one.row, one.field, one.wrong, one.remedy) for one in problems]
        await self._copy("import_problems", ("field", "wrong", "remedy"), told)
        await self._run(_REFUSE[kind], import_id=import_id, rows=[one.row for one in problems])

    async def check(self, opened: Import) -> None:
        """Refuse what contradicts another row or the record."""
        await self._run(_ROOM)
        await self._run(merges.PLAN_ANEW)
        await self._run(_COUNTED[opened.kind])
        for check in CHECKS[opened.kind]:
            await self._run(check, import_id=opened.import_id)
        if opened.kind is ImportKind.STOCK:
            await self._refuse_below_reserved(opened, _EVERYTHING)

    async def merge(self, opened: Import, stretch: Stretch, now: datetime) -> int:
        """Merge a stretch, in a handful of statements."""
        await self._run(merges.LOOK_UP)
        if _has_doubled(stretch):
            await self._run(merges.MEASURE[opened.kind])
        if opened.kind is ImportKind.SKUS:
            await self._run(LOCK_KITS)  # before the causes, as whoever declares a single kit
        await self._run(LOCK_CAUSES)
        bound = {"import_id": opened.import_id, **stretch.model_dump()}
        match opened.kind:
            case ImportKind.SKUS:
                written = int(await self._value(merges.MERGE_SKUS, **bound))
                if written:
                    await self._run(CLEAR_BARRED, causes=[], now=now)
                    await self._run(WANT_SWEEP)
                return written
            case ImportKind.LISTINGS:
                await self._run(merges.END_LISTINGS, **bound, now=now)
                return int(await self._value(merges.MERGE_LISTINGS, **bound, now=now, actor=opened.actor))
            case ImportKind.LOCATIONS:
                return await self._merge_locations(bound, now)
            case ImportKind.STOCK:
                await self._run(merges.LOCK_LEVELS, **bound)
                await self._refuse_below_reserved(opened, stretch)
                return await self._run(merges.MERGE_STOCK, **bound, name=opened.name, actor=opened.actor, now=now)

    async def kits(self, import_id: int, after: int, limit: int) -> tuple[StagedKit, ...]:
        """Return staged kits."""
        rows = await self._all(_KITS, import_id=import_id, after=after, limit=limit)
        return tuple(StagedKit(parts=_PARTS.validate_json(row.pop("components")), **row) for row in rows)

    async def retiring(self, import_id: int, skus: Iterable[str]) -> dict[str, bool]:
        """Return what staged rows say of these SKUs being retired."""
        return {row["sku"]: row["retired"] for row in await self._all(_RETIRING, import_id=import_id, skus=list(skus))}

    async def staged(self, import_id: int, kind: ImportKind) -> int:
        """Count the staged rows that are left."""
        return int(await self._value(_STAGED[kind], import_id=import_id))

    async def problems(self, import_id: int, after: int, limit: int) -> tuple[RowProblem, ...]:
        """Return problems by row."""
        rows = await self._all(_PROBLEMS, import_id=import_id, after=after, limit=limit)
        return tuple(RowProblem.model_validate(dict(row)) for row in rows)

    async def close(self, opened: Import, written: int, refused: int, now: datetime) -> None:
        """Forget what was staged; keep who imported what."""
        for table in (_TABLES[opened.kind], "import_problems"):
            await self._run(_FORGET[table], import_id=opened.import_id)
        bound = {"import_id": opened.import_id, "name": opened.name, "written": written, "refused": refused}
        await self._run(_CLOSE, **bound, now=now)

    async def _refuse_below_reserved(self, opened: Import, stretch: Stretch) -> None:
        await self._run(BELOW_RESERVED, import_id=opened.import_id, name=opened.name, **stretch.model_dump())

    async def _merge_locations(self, bound: dict[str, int], now: datetime) -> int:
        """Add or change places as an operator does: there are never many."""
        rows = await self._all(_ENTRIES, **bound)
        entries = [LocationEntry.model_validate_json(row["entry"]) for row in rows]
        catalog = PostgresCatalogStore(self._connection, self._cipher)
        return await catalog.change_locations(
            lambda known: [entry.applied_to(known.get(entry.code)) for entry in entries], now
        )

    async def _copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        statement = f"COPY {table} (import_id, row, {', '.join(columns)}) FROM STDIN"
        async with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                await copy.write_row(row)


def _has_doubled(stretch: Stretch) -> bool:
    """Tell whether twice as much was merged as when this was last so: what the planner knows is old then."""
    merged = stretch.after // max(stretch.upto - stretch.after, 1)
    return merged > 0 and merged.bit_count() == 1


def _cells_of(kind: ImportKind) -> Callable[[Any], tuple[object, ...]]:
    match kind:
        case ImportKind.SKUS:
            return _sku_cells
        case ImportKind.LOCATIONS:
            return lambda entry: (entry.code, entry.model_dump_json(exclude_none=True))
        case ImportKind.LISTINGS:
            return lambda entry: (entry.account, entry.listing_id, entry.sku, entry.units)
        case ImportKind.STOCK:
            return lambda entry: (entry.sku, entry.location, entry.on_hand, entry.safety)


def _sku_cells(entry: SkuEntry) -> tuple[object, ...]:
    restrictions = None if entry.restrictions is None else sorted(word.value for word in entry.restrictions)
    parts = None if entry.components is None else json.dumps([part.model_dump() for part in entry.components])
    return (
        entry.sku, entry.title, entry.brand, entry.gtin, entry.weight_grams, restrictions, entry.hs_code, entry.origin,
        entry.retired, parts,
    )  # fmt: skip
