"""How files are imported: staged whole, checked against the record, merged a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from domain.import_problem import RowProblem
from domain.imports import Entry, ImportKind
from domain.kit import KitPart
from domain.values import Model


class Import(Model):
    """One file that is being imported.

    Attributes:
        name: what makes a repeat known: the fingerprint of the file, unless it was named otherwise.
        actor: who imports it.
    """

    import_id: int
    kind: ImportKind
    name: str
    actor: str


class Stretch(Model):
    """Rows from behind `after` up to and with `upto`: of SKUs those that make one a kit, or all others."""

    after: int
    upto: int
    kits: bool = False


class StagedKit(Model):
    """A row of SKUs that makes one a kit.

    Attributes:
        written: whether the merge of its SKU was counted as news.
    """

    row: int
    sku: str
    parts: tuple[KitPart, ...]
    written: bool = False


class ImportStore(Protocol):
    """Staged rows are seen by nobody but their import, and survive no crash of the database."""

    async def open(self, kind: ImportKind, actor: str, now: datetime) -> int:
        """Open an import and forget rows that dead ones left behind; return its id."""
        ...

    async def stage(self, import_id: int, kind: ImportKind, rows: Sequence[tuple[int, Entry]]) -> None:
        """Put rows, with their numbers, beside the record."""
        ...

    async def refuse(self, import_id: int, kind: ImportKind, problems: Sequence[RowProblem]) -> None:
        """Keep what is wrong with rows, and take these rows out of what was staged."""
        ...

    async def check(self, opened: Import) -> None:
        """Refuse every staged row that contradicts another one or the record."""
        ...

    async def merge(self, opened: Import, stretch: Stretch, now: datetime) -> int:
        """Merge a stretch of staged rows into the record, and clear the causes it ends; return how many were news.

        Its first statement takes the lock of all causes, as whoever clears one does before the fact changes.
        Rows that were overtaken since the check are refused.
        """
        ...

    async def kits(self, import_id: int, after: int, limit: int) -> tuple[StagedKit, ...]:
        """Return staged rows that make a SKU a kit, behind a row."""
        ...

    async def retiring(self, import_id: int, skus: Iterable[str]) -> dict[str, bool]:
        """Return, for each of these SKUs of which a staged row says so, whether it is to be retired."""
        ...

    async def staged(self, import_id: int, kind: ImportKind) -> int:
        """Return how many staged rows are left."""
        ...

    async def problems(self, import_id: int, after: int, limit: int) -> tuple[RowProblem, ...]:
        """Return what is wrong with up to `limit` rows behind a row, by row; several problems of one row together."""
        ...

    async def close(self, opened: Import, written: int, refused: int, now: datetime) -> None:
        """Forget what was staged; keep who imported what."""
        ...
