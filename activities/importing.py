"""Importing: a file of many rows becomes part of the record; all of it or nothing, or whatever of it is good."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import CrossdockError, NotFound, Refused
from domain.import_problem import RowProblem
from domain.imports import Entry, ImportKind, ReadRow, read_entry
from domain.kit import check_kit
from domain.ports.stores import Record, Transaction
from domain.ports.stores.imports import Import, StagedKit, Stretch
from domain.values import Model

STRETCH = 5_000
"""Rows that are merged in one transaction: for so long whoever lacks something has to wait."""

_PAGE = 1_000
_Kits = tuple[StagedKit, ...]

Progress = Callable[[str, int], None]
"""Told what is being done, and how many rows of it are done."""


class ImportWish(Model):
    """What is to be done with a file.

    Attributes:
        name: under which a repeat is known; empty for the fingerprint of the file.
        dry_run: only say what is wrong.
        whole: import nothing when anything is wrong.
    """

    kind: ImportKind
    actor: str
    name: str = ""
    dry_run: bool = False
    whole: bool = False


class Imported(Model):
    """What became of a file; `written` counts rows that changed anything."""

    kind: ImportKind
    name: str
    rows: int
    written: int
    unchanged: int
    refused: int


class _OvertakenError(Exception):
    """Rows that were good when they were checked no longer are; what is known of it already goes with it."""

    def __init__(self, problems: Sequence[RowProblem] = ()) -> None:
        super().__init__(len(problems))
        self.problems = problems


@dataclass
class Importer:
    """One file on its way into the record."""

    record: Record
    wish: ImportWish
    now: Callable[[], datetime]
    tell: Progress
    import_id: int = 0
    rows: int = 0
    last: int = 0

    async def read(self, rows: Iterable[ReadRow]) -> None:
        """Put all rows beside the record, and keep what is wrong with those that cannot be read."""
        async with self.record.begin() as tx:
            self.import_id = await tx.imports.open(self.wish.kind, self.wish.actor, self.now())
        good: list[tuple[int, Entry]] = []
        bad: list[RowProblem] = []
        for row in rows:
            found = [row.problem] if row.problem else read_entry(self.wish.kind, row.number, row.cells)
            if isinstance(found, Entry):
                good.append((row.number, found))
            else:
                bad += found
            self.rows, self.last = self.rows + 1, row.number
            if self.rows % STRETCH == 0:
                await self._stage(good, bad)
                good, bad = [], []
        await self._stage(good, bad)

    async def settle(self, fingerprint: str) -> Imported:
        """Check what was read, and merge what the wish lets."""
        opened = Import(
            import_id=self.import_id,
            kind=self.wish.kind,
            name=self.wish.name or fingerprint[:16],
            actor=self.wish.actor,
        )
        self.tell("checking", self.rows)
        good, written = await self._check(opened), None
        if not self.wish.dry_run:
            good, written = await (self._merge_whole(opened, good) if self.wish.whole else self._merge(opened))
        return Imported(
            kind=opened.kind,
            name=opened.name,
            rows=self.rows,
            written=written or 0,
            unchanged=0 if written is None else good - written,
            refused=self.rows - good,
        )

    async def problems(self) -> AsyncIterator[RowProblem]:
        """Yield everything that is wrong, by row."""
        after = 0
        while True:
            async with self.record.begin() as tx:
                page = await tx.imports.problems(self.import_id, after, _PAGE)
            for problem in page:
                yield problem
            if not page:
                return
            after = page[-1].row

    async def close(self, done: Imported | None = None) -> None:
        """Forget what was put beside the record."""
        if not self.import_id:
            return
        name, written, refused = (done.name, done.written, done.refused) if done else ("", 0, 0)
        closed = Import(import_id=self.import_id, kind=self.wish.kind, name=name, actor=self.wish.actor)
        async with self.record.begin() as tx:
            await tx.imports.close(closed, written, refused, self.now())

    async def _stage(self, good: list[tuple[int, Entry]], bad: list[RowProblem]) -> None:
        async with self.record.begin() as tx:
            if good:
                await tx.imports.stage(self.import_id, self.wish.kind, good)
            if bad:
                await tx.imports.refuse(self.import_id, self.wish.kind, bad)
        self.tell("reading", self.rows)

    async def _check(self, opened: Import) -> int:
        """Find what only the record can tell; return how many rows are good."""
        async with self.record.begin() as tx:
            await tx.imports.check(opened)
            if opened.kind is ImportKind.SKUS:
                await _check_kits(tx, opened)
            return await tx.imports.staged(opened.import_id, opened.kind)

    async def _merge(self, opened: Import) -> tuple[int, int]:
        """Merge stretch by stretch, each in a transaction of its own; return how many were good, and how many news."""
        written = 0
        for stretch in self._stretches():
            async with self.record.begin() as tx:
                written += await self._merge_stretch(tx, opened, stretch)
            self.tell("importing", min(stretch.upto, self.rows))
        while True:
            try:
                async with self.record.begin() as tx:
                    written += await self._merge_kits(tx, opened)
                    return await tx.imports.staged(opened.import_id, opened.kind), written
            except _OvertakenError as overtaken:
                await self._refuse(opened, overtaken)

    async def _merge_whole(self, opened: Import, good: int) -> tuple[int, int | None]:
        """Merge everything in one transaction, or nothing; return how many were good, and how many news, if merged."""
        while good == self.rows:
            try:
                async with self.record.begin() as tx:
                    written = 0
                    for stretch in self._stretches():
                        written += await self._merge_stretch(tx, opened, stretch)
                        self.tell("importing", min(stretch.upto, self.rows))
                    written += await self._merge_kits(tx, opened)
                    await _require_left(tx, opened, self.rows)
            except _OvertakenError as overtaken:
                await self._refuse(opened, overtaken)
                good = await self._check(opened)
            else:
                return good, written
        return good, None

    async def _refuse(self, opened: Import, overtaken: _OvertakenError) -> None:
        async with self.record.begin() as tx:
            await tx.imports.refuse(opened.import_id, opened.kind, overtaken.problems)

    async def _merge_stretch(self, tx: Transaction, opened: Import, stretch: Stretch) -> int:
        written = await tx.imports.merge(opened, stretch, self.now())
        if written and opened.kind is ImportKind.SKUS:
            await tx.listings.wake(self.now())
        return written

    async def _merge_kits(self, tx: Transaction, opened: Import) -> int:
        """Merge the SKUs that are kits and what they are made of at once: meanwhile a line would mean the SKU alone.

        A row counts once, whether its SKU, its kit or both were news.
        """
        if opened.kind is not ImportKind.SKUS or not await tx.imports.kits(opened.import_id, 0, 1):
            return 0
        everything = Stretch(after=0, upto=self.last, kits=True)
        written = await tx.imports.merge(opened, everything, self.now())
        changed = await _save_kits(tx, opened, self.now())
        if changed:
            await tx.publications.want_sweep()
        if changed or written:
            await tx.listings.wake(self.now())
        return written + sum(not kit.written for kit in changed)

    def _stretches(self) -> Iterable[Stretch]:
        return (Stretch(after=first, upto=first + STRETCH) for first in range(0, self.last, STRETCH))


async def _require_left(tx: Transaction, opened: Import, rows: int) -> None:
    if await tx.imports.staged(opened.import_id, opened.kind) < rows:
        raise _OvertakenError


async def _check_kits(tx: Transaction, opened: Import) -> None:
    """Refuse kits that could not be picked, were all rows of the file imported."""
    staged = [kit async for page in _kits(tx, opened) for kit in page]
    if not staged:
        return
    declared = {kit.sku: kit.parts for kit in staged}
    parts = {part.sku for kit in staged for part in kit.parts}
    kits = {**await tx.kits.load(parts), **declared}
    goods = parts.union(part.sku for held in kits.values() for part in held)
    states = dict.fromkeys(parts, False) | await tx.kits.retired(goods)
    states |= await tx.imports.retiring(opened.import_id, goods)
    wrong: list[RowProblem] = []
    for kit in staged:
        try:
            if kit.parts:
                check_kit(kit.sku, kit.parts, kits, states)
        except Refused as refused:
            wrong.append(_kit_problem(kit, refused))
    if wrong:
        await tx.imports.refuse(opened.import_id, opened.kind, wrong)


async def _save_kits(tx: Transaction, opened: Import, now: datetime) -> list[StagedKit]:
    """Declare the kits that are made of something else now, and return them; the old ones are first out of the way.

    Raises:
        _OvertakenError: some of them cannot be picked any more.
    """
    changed: list[StagedKit] = []
    async for page in _kits(tx, opened):
        known = await tx.kits.load([kit.sku for kit in page])
        news = [kit for kit in page if set(known.get(kit.sku, ())) != set(kit.parts)]
        for kit in news:
            if kit.sku in known:
                await tx.kits.save(kit.sku, (), opened.actor, now)
        changed += news
    wrong: list[RowProblem] = []
    for kit in changed:
        try:
            if kit.parts:
                await tx.kits.save(kit.sku, kit.parts, opened.actor, now)
        except (Refused, NotFound) as refused:
            wrong.append(_kit_problem(kit, refused))
    if wrong:
        raise _OvertakenError(wrong)
    return changed


async def _kits(tx: Transaction, opened: Import) -> AsyncIterator[_Kits]:
    after = 0
    while page := await tx.imports.kits(opened.import_id, after, _PAGE):
        yield page
        after = page[-1].row


def _kit_problem(kit: StagedKit, refused: CrossdockError) -> RowProblem:
    return RowProblem(row=kit.row, field="components", wrong=str(refused), remedy="correct what it is made of")
