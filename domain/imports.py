"""Imports: what a file of SKUs, listings, locations or stock may hold, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import Refused
from domain.import_cells import (
    Account,
    Code,
    Countries,
    Days,
    Grams,
    Gtin,
    HsCode,
    KitParts,
    ListingCode,
    Note,
    Origin,
    PackSize,
    PlaceCode,
    Restrictions,
    Units,
    Words,
)
from domain.import_problem import RowProblem, closest, explain
from domain.location import Clock, Country, Hours, Location, TimeZone

PROBLEM = "problem"
"""The column that a file of refused rows has besides; it is not read."""


class ReadRow(NamedTuple):
    """One row: its number as a spreadsheet counts, as it was written, and its cells or what is wrong with it."""

    number: int
    written: Sequence[str] | str
    cells: Mapping[str, Any]
    problem: RowProblem | None = None


class ImportKind(StrEnum):
    """What a file holds."""

    SKUS = "skus"
    LISTINGS = "listings"
    LOCATIONS = "locations"
    STOCK = "stock"


class Entry(BaseModel):
    """A row of a file. What is not given stays as it is, or takes its default where the row makes something new."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class SkuEntry(Entry):
    """A SKU of the catalogue; `components` make it a kit."""

    sku: Code
    title: Words | None = None
    brand: Note | None = None
    gtin: Gtin | None = None
    weight_grams: Grams | None = None
    restrictions: Restrictions | None = None
    hs_code: HsCode | None = None
    origin: Origin | None = None
    retired: bool | None = None
    components: KitParts | None = None


class ListingEntry(Entry):
    """Which SKU a listing of a channel means, and how many units of it."""

    account: Account
    listing_id: ListingCode
    sku: Code
    units: PackSize | None = None


class LocationEntry(Entry):
    """A place, its country and its time zone; the other columns are those of a Location."""

    code: PlaceCode
    name: Words
    time_zone: TimeZone
    country: Country
    system: Code | None = None
    carrier: Note | None = None
    needs_hand: bool | None = None
    ships: bool | None = None
    pickup: bool | None = None
    open: bool | None = None
    rank: Units | None = None
    hours: Hours | None = None
    cut_off: Clock | None = None
    holidays: Days | None = None
    daily_capacity: PackSize | None = None
    handling: Units | None = None
    handling_line: Units | None = None
    serves: Countries | None = None
    handles: Restrictions | None = None

    def applied_to(self, before: Location | None) -> Location:
        """Return the location as this row changes it; a new one is spoken for by a system of its own name."""
        kept = before.model_dump() if before else {"system": self.code, "needs_hand": True}
        return Location.model_validate(kept | self.model_dump(exclude_none=True))


class StockEntry(Entry):
    """How many units of a SKU were counted at a location."""

    sku: Code
    location: PlaceCode
    on_hand: Units
    safety: Units | None = None


ENTRIES: Mapping[ImportKind, type[Entry]] = {
    ImportKind.SKUS: SkuEntry,
    ImportKind.LISTINGS: ListingEntry,
    ImportKind.LOCATIONS: LocationEntry,
    ImportKind.STOCK: StockEntry,
}


def columns_of(kind: ImportKind) -> tuple[str, ...]:
    """Return the columns a file of this kind may have, in their order."""
    return tuple(ENTRIES[kind].model_fields)


def check_columns(kind: ImportKind, names: Iterable[str]) -> None:
    """Refuse a header that cannot be meant: a column that is unknown, missing, or there twice.

    Raises:
        Refused: naming the column, the closest one there is, and what the file may have.
    """
    given = list(names)
    fields = ENTRIES[kind].model_fields
    for name in given:
        if name != PROBLEM and name not in fields:
            raise Refused("unknown-column", f"there is no column {name[:40]!r}{closest(name, fields)}")
        if given.count(name) > 1:
            raise Refused("column-twice", f"the column {name!r} is there twice: leave one out")
    lacking = [name for name, field in fields.items() if field.is_required() and name not in given]
    if lacking:
        raise Refused(
            "missing-column", f"the column {lacking[0]!r} is missing; {kind.value} need {', '.join(_required(kind))}"
        )


def read_entry(kind: ImportKind, row: int, cells: Mapping[str, Any]) -> Entry | list[RowProblem]:
    """Return the entry that these cells mean, or everything that is wrong with them."""
    try:
        return ENTRIES[kind].model_validate(cells)
    except ValidationError as error:
        return explain(row, error, columns_of(kind))


def _required(kind: ImportKind) -> list[str]:
    return [name for name, field in ENTRIES[kind].model_fields.items() if field.is_required()]
