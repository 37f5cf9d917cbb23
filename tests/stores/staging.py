"""Rows of imports beside the record, as the tests of both records put them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.imports import Entry, ImportKind, read_entry
from domain.ports.stores import Record
from domain.ports.stores.imports import Import, Stretch
from tests.builders import NOW

EVERYTHING = Stretch(after=0, upto=1_000_000)


def entry(kind: ImportKind, row: int, **cells: Any) -> Entry:
    found = read_entry(kind, row, cells)
    assert isinstance(found, Entry), found
    return found


async def stage(record: Record, kind: ImportKind, rows: Mapping[int, dict[str, Any]], name: str = "file") -> Import:
    """Stage rows and check them."""
    async with record.begin() as tx:
        number = await tx.imports.open(kind, "ops", NOW)
        opened = Import(import_id=number, kind=kind, name=name, actor="ops")
        await tx.imports.stage(number, kind, [(row, entry(kind, row, **cells)) for row, cells in rows.items()])
        await tx.imports.check(opened)
    return opened


async def merge(record: Record, opened: Import, stretch: Stretch = EVERYTHING) -> int:
    async with record.begin() as tx:
        return await tx.imports.merge(opened, stretch, NOW)


async def told(record: Record, opened: Import) -> list[tuple[int, str, str]]:
    async with record.begin() as tx:
        found = await tx.imports.problems(opened.import_id, 0, 100)
    return [(problem.row, problem.field, problem.wrong) for problem in found]


async def imported(record: Record, kind: ImportKind, rows: Mapping[int, dict[str, Any]], name: str = "file") -> int:
    """Stage, check and merge rows of which none is wrong; return how many were news."""
    opened = await stage(record, kind, rows, name)
    assert await told(record, opened) == []
    return await merge(record, opened)
