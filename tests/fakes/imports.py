"""Imports in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from domain.import_problem import RowProblem
from domain.imports import Entry, ImportKind, ListingEntry, LocationEntry, SkuEntry, StockEntry
from domain.inventory import InventoryLevel, MovementKind
from domain.listing import Listing
from domain.ports.stores.imports import Import, StagedKit, Stretch
from domain.ports.stores.inventory import Movement
from domain.suggestion import KnownSku
from tests.fakes.catalog import FakeCatalogStore
from tests.fakes.publication import FakePublicationStore
from tests.fakes.state import State
from tests.fakes.wait import FakeWaitStore

_NO_SKU = "correct it, or import the SKU first: crossdock import skus"


class FakeImportStore:
    """Staged rows, their problems, and how they become part of the record."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._waits = FakeWaitStore(state)
        self._catalog = FakeCatalogStore(state)
        self._publications = FakePublicationStore(state)

    async def open(self, kind: ImportKind, actor: str, now: datetime) -> int:
        """Open an import; who imported what is not read back."""
        del kind, actor, now
        return self._state.next("imports")

    async def stage(self, import_id: int, kind: ImportKind, rows: Sequence[tuple[int, Entry]]) -> None:
        """Put rows beside the record."""
        del kind
        self._state.staged.update({(import_id, row): entry for row, entry in rows})

    async def refuse(self, import_id: int, kind: ImportKind, problems: Sequence[RowProblem]) -> None:
        """Keep problems, and take their rows out."""
        del kind
        for problem in problems:
            self._state.row_problems[import_id, problem.row, problem.field] = problem
            self._state.staged.pop((import_id, problem.row), None)

    async def check(self, opened: Import) -> None:
        """Refuse what contradicts another row or the record."""
        rows = list(self._rows(opened.import_id))
        for row, entry in rows:
            twins = [other for other, twin in rows if _key(twin) == _key(entry) and other != row]
            if twins:
                words = f"{' at '.join(_key(entry))} stands in row {twins[-1]} as well"
                self._refuse(opened, row, _named_by(entry), words, "keep one of them")
        for row, entry in list(self._rows(opened.import_id)):
            self._check_record(opened, row, entry)
        self._refuse_below_reserved(opened, Stretch(after=0, upto=2**31))

    async def merge(self, opened: Import, stretch: Stretch, now: datetime) -> int:
        """Merge a stretch."""
        self._refuse_below_reserved(opened, stretch)
        rows = [
            (row, entry)
            for row, entry in self._rows(opened.import_id)
            if stretch.after < row <= stretch.upto and _makes_kit(entry) == stretch.kits
        ]
        return sum([await self._merge(opened, row, entry, now) for row, entry in rows])

    async def kits(self, import_id: int, after: int, limit: int) -> tuple[StagedKit, ...]:
        """Return staged kits."""
        return tuple(
            StagedKit(row=row, sku=entry.sku, parts=entry.components, written=(import_id, row) in self._state.written)
            for row, entry in self._rows(import_id)
            if isinstance(entry, SkuEntry) and entry.components is not None and row > after
        )[:limit]

    async def retiring(self, import_id: int, skus: Iterable[str]) -> dict[str, bool]:
        """Return what staged rows say of these SKUs being retired."""
        entries = (entry for _, entry in self._rows(import_id))
        said = {entry.sku: entry.retired for entry in entries if isinstance(entry, SkuEntry)}
        return {sku: retired for sku in skus if (retired := said.get(sku)) is not None}

    async def staged(self, import_id: int, kind: ImportKind) -> int:
        """Count the staged rows that are left."""
        del kind
        return len(list(self._rows(import_id)))

    async def problems(self, import_id: int, after: int, limit: int) -> tuple[RowProblem, ...]:
        """Return problems by row."""
        found = [
            problem
            for (owner, row, _), problem in sorted(self._state.row_problems.items())
            if owner == import_id and row > after
        ]
        last = found[:limit][-1:]
        return tuple(problem for place, problem in enumerate(found) if place < limit or problem.row == last[0].row)

    async def close(self, opened: Import, written: int, refused: int, now: datetime) -> None:
        """Forget what was staged."""
        del written, refused, now
        for rows in (self._state.staged, self._state.row_problems, self._state.written):
            for key in [key for key in rows if key[0] == opened.import_id]:
                del rows[key]  # pyright: ignore[reportArgumentType] - a key of these very rows

    def _rows(self, import_id: int) -> Iterator[tuple[int, Entry]]:
        return ((row, entry) for (owner, row), entry in sorted(self._state.staged.items()) if owner == import_id)

    def _refuse(self, opened: Import, row: int, field: str, wrong: str, remedy: str) -> None:
        problem = RowProblem(row=row, field=field, wrong=wrong, remedy=remedy)
        self._state.row_problems[opened.import_id, row, field] = problem
        self._state.staged.pop((opened.import_id, row), None)

    def _check_record(self, opened: Import, row: int, entry: Entry) -> None:
        state = self._state
        match entry:
            case SkuEntry(sku=sku, components=parts):
                here = {one.sku for _, one in self._rows(opened.import_id) if isinstance(one, SkuEntry)}
                if any(part.sku not in here | state.weights.keys() for part in parts or ()):
                    words = f"{sku} is made of a SKU that is neither here nor in the catalogue"
                    self._refuse(opened, row, "components", words, "add a row for each SKU that it is made of")
                elif parts and any(level.on_hand for (code, _), level in state.levels.items() if code == sku):
                    words, remedy = f"{sku} lies in stock itself", "count it to 0 before it becomes a kit"
                    self._refuse(opened, row, "components", words, remedy)
            case ListingEntry(account=account) if account not in state.channels:
                words = f"there is no channel {account}"
                self._refuse(opened, row, "account", words, "see crossdock channels list")
            case ListingEntry(sku=sku) | StockEntry(sku=sku) if sku not in state.weights:
                self._refuse(opened, row, "sku", f"there is no SKU {sku}", _NO_SKU)
            case ListingEntry(sku=sku) if sku in state.retired_skus:
                self._refuse(opened, row, "sku", f"{sku} is retired", "name a SKU that is still sold")
            case StockEntry(location=place) if place not in state.locations:
                words = f"there is no location {place}"
                self._refuse(opened, row, "location", words, "correct it, or import the location first")
            case StockEntry(sku=sku) if sku in state.kits:
                words = f"{sku} is a kit and has no stock of its own"
                self._refuse(opened, row, "sku", words, "count what it is made of")
            case _:
                pass

    def _refuse_below_reserved(self, opened: Import, stretch: Stretch) -> None:
        for row, entry in list(self._rows(opened.import_id)):
            if not isinstance(entry, StockEntry) or not stretch.after < row <= stretch.upto:
                continue
            level = self._level(entry)
            if entry.on_hand < level.reserved and _movement_key(opened, entry) not in self._state.movements:
                words = f"{entry.on_hand} are fewer than the {level.reserved} reserved for orders"
                remedy = f"count again, or free them: crossdock stock show {entry.sku}"
                self._refuse(opened, row, "on_hand", words, remedy)

    async def _merge(self, opened: Import, row: int, entry: Entry, now: datetime) -> bool:
        match entry:
            case SkuEntry():
                return await self._merge_sku(opened, row, entry, now)
            case ListingEntry():
                return await self._merge_listing(entry, now)
            case LocationEntry():
                return await self._merge_location(entry, now)
            case StockEntry():
                return await self._merge_stock(opened, entry, now)
            case _:
                raise AssertionError(entry)

    async def _merge_sku(self, opened: Import, row: int, entry: SkuEntry, now: datetime) -> bool:
        state, sku = self._state, entry.sku
        before = self._sku(sku)
        known = state.known_skus.get(sku) or KnownSku(sku=sku, title=sku)
        given = {name: getattr(entry, name) for name in ("title", "brand", "gtin")}
        state.known_skus[sku] = known.model_copy(update={name: v for name, v in given.items() if v is not None})
        weight = state.weights.get(sku, 0) if entry.weight_grams is None else entry.weight_grams
        state.weights[sku] = weight
        if entry.retired is not None:
            state.retired_skus.pop(sku, None)
            state.retired_skus.update({sku: True} if entry.retired else {})
        if entry.restrictions is not None:
            state.restrictions[sku] = entry.restrictions
        hs_code, origin = state.declarations.get(sku, ("", ""))
        state.declarations[sku] = (
            hs_code if entry.hs_code is None else entry.hs_code,
            origin if entry.origin is None else entry.origin,
        )
        changed = self._sku(sku) != before
        if changed:
            await self._waits.clear_barred(set(), now)
            await self._publications.want_sweep()
            state.written[opened.import_id, row] = True
        return changed

    def _sku(self, sku: str) -> tuple[object, ...]:
        state = self._state
        return (
            state.known_skus.get(sku),
            state.weights.get(sku),
            sku in state.retired_skus,
            state.restrictions.get(sku, frozenset()),
            state.declarations.get(sku, ("", "")),
        )

    async def _merge_listing(self, entry: ListingEntry, now: datetime) -> bool:
        key = (entry.account, entry.listing_id)
        known = self._state.listings.get(key)
        units = entry.units or (known.units if known and known.sku == entry.sku else 1)
        self._state.listings[key] = Listing(listing_id=entry.listing_id, sku=entry.sku, units=units)
        if self._state.listings[key] == known:
            return False
        await self._clear(f"sku:{entry.account}:{entry.listing_id}", now)
        return True

    async def _merge_location(self, entry: LocationEntry, now: datetime) -> bool:
        return bool(await self._catalog.change_locations(lambda known: [entry.applied_to(known.get(entry.code))], now))

    async def _merge_stock(self, opened: Import, entry: StockEntry, now: datetime) -> bool:
        level, key = self._level(entry), _movement_key(opened, entry)
        if key in self._state.movements:
            return False
        safety = level.safety if entry.safety is None else entry.safety
        after = {"on_hand": entry.on_hand, "safety": safety}
        self._state.levels[entry.sku, entry.location] = level.model_copy(update=after)
        self._state.movements[key] = Movement(
            key=key, kind=MovementKind.COUNT, sku=entry.sku, location=entry.location,
            delta=entry.on_hand - level.on_hand, reason="imported", actor=opened.actor,
        )  # fmt: skip
        self._state.moved_at[key] = now
        place = entry.sku, entry.location
        self._state.counted_at[place] = max(now, self._state.counted_at.get(place, now))
        if entry.on_hand > level.on_hand or entry.safety is not None:
            await self._clear(f"stock:{entry.sku}", now)
        return True

    def _level(self, entry: StockEntry) -> InventoryLevel:
        empty = InventoryLevel(sku=entry.sku, location=entry.location, on_hand=0, reserved=0)
        return self._state.levels.get((entry.sku, entry.location), empty)

    async def _clear(self, cause: str, now: datetime) -> None:
        if any(wait.cause == cause for wait in self._state.waits.values()):
            await self._waits.clear(cause, now)


def _key(entry: Entry) -> tuple[str, ...]:
    match entry:
        case SkuEntry(sku=sku):
            return (sku,)
        case ListingEntry(account=account, listing_id=listing_id):
            return (listing_id, account)
        case LocationEntry(code=code):
            return (code,)
        case StockEntry(sku=sku, location=place):
            return (sku, place)
        case _:
            raise AssertionError(entry)


def _makes_kit(entry: Entry) -> bool:
    return isinstance(entry, SkuEntry) and entry.components is not None


def _named_by(entry: Entry) -> str:
    fields: dict[type[Entry], str] = {ListingEntry: "listing_id", LocationEntry: "code"}
    return fields.get(type(entry), "sku")


def _movement_key(opened: Import, entry: StockEntry) -> str:
    return f"import:{opened.name}:{entry.location}:{len(entry.location)}:{entry.sku}"
