"""Rates: what a parcel costs, by carrier, zone and weight."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from domain.location import Country
from domain.values import Amount, Model, Text

MAX_GRAMS = 100_000_000
MOST_DAYS = 90

Grams = Annotated[int, Field(strict=True, gt=0, le=MAX_GRAMS)]
PostalPrefix = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]


class Strict(Model):
    """What an operator writes: an unknown field is a mistake, and refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bracket(Strict):
    """What a parcel of up to so many grams costs, in minor units."""

    up_to_grams: Grams
    amount: Amount


class Zone(Strict):
    """Where parcels of one price list go.

    Attributes:
        countries: where they go to; none named: everywhere.
        postal_prefixes: how postal codes there begin; none named: any.
        origins: the countries they come from; none named: any.
        days: how long they travel.
        brackets: prices, from the lightest up; a heavier parcel costs no less.
        further_kg: what each begun kilogram above the last bracket costs.
    """

    name: Text
    countries: tuple[Country, ...] = ()
    postal_prefixes: tuple[PostalPrefix, ...] = ()
    origins: tuple[Country, ...] = ()
    days: Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)] = 0
    brackets: Annotated[tuple[Bracket, ...], Field(min_length=1, max_length=100)]
    further_kg: Amount = 0

    @model_validator(mode="after")
    def _brackets_grow(self) -> Zone:
        for one, other in pairwise(self.brackets):
            if one.up_to_grams >= other.up_to_grams or one.amount > other.amount:
                raise ValueError(f"brackets: {other.up_to_grams} g must be heavier and no cheaper than the one before")
        return self

    def reaches(self, origin: str, country: str, postal_zone: str) -> bool:
        """Tell whether a parcel from this country to this place belongs to the zone."""
        return (
            (not self.countries or country in self.countries)
            and (not self.origins or origin in self.origins)
            and (not self.postal_prefixes or postal_zone.startswith(self.postal_prefixes))
        )


class RateTable(Strict):
    """One carrier's prices; without a carrier they hold for those that have no table of their own."""

    carrier: Text = ""
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Ladder:
    """The prices of one zone as they are looked up: for grams up to `limits[n]` it is `amounts[n]`."""

    limits: tuple[int, ...]
    amounts: tuple[int, ...]
    further_kg: int
    days: int

    def price(self, grams: int) -> int:
        """Return what one parcel of this weight costs."""
        step = bisect_left(self.limits, grams)
        if step < len(self.limits):
            return self.amounts[step]
        return self.amounts[-1] + -((self.limits[-1] - grams) // 1000) * self.further_kg


def flat(amount: int) -> Ladder:
    """Return one price for every parcel."""
    return Ladder((MAX_GRAMS,), (amount,), 0, 0)


def ladder_of(zone: Zone, percent: int) -> Ladder:
    """Return the prices of a zone, weighted in percent."""
    return Ladder(
        tuple(bracket.up_to_grams for bracket in zone.brackets),
        tuple(bracket.amount * percent // 100 for bracket in zone.brackets),
        zone.further_kg * percent // 100,
        zone.days,
    )


def find_zone(tables: Iterable[RateTable], carrier: str, origin: str, country: str, postal_zone: str) -> Zone | None:
    """Return the first zone that fits, of the carrier's own table before that of all; None: nobody goes there."""
    known = tuple(tables)
    own = [table for table in known if table.carrier == carrier] or [table for table in known if not table.carrier]
    zones = (zone for table in own for zone in table.zones)
    return next((zone for zone in zones if zone.reaches(origin, country, postal_zone)), None)
