"""The ground: what places count and refuse whatever the order holds. Worked out once for all orders of one kind."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from domain.location import Location
from domain.rates import Ladder, Zone, find_zone, flat, ladder_of
from domain.snapshot import Snapshot
from domain.sourcing import ChannelTerms, SourcingPolicy, SourcingRule

_KEPT = 64
_ALWAYS = ChannelTerms()

Road = tuple[str, str]
"""A carrier, and the country in which it collects."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One location that may serve the orders of a kind.

    Attributes:
        capacity: fulfillment orders it can send a day.
        base: what it counts that it sends anything, beside the parcel.
        zone: of the rate tables; None where none is needed.
        handling_line: what each line counts there.
        tariff: which ladder of the ground is its own.
        clock: which locations hand over at the same moments.
    """

    location: Location
    code: str
    capacity: int | None
    base: int
    ladder: Ladder
    zone: Zone | None
    handling_line: int
    tariff: int
    clock: int


@dataclass(frozen=True, eq=False)
class Ground:
    """The places that may serve the orders of a kind, by rank and code, and why the other locations may not."""

    places: tuple[Place, ...]
    refused: dict[str, str]
    ladders: tuple[Ladder, ...]

    @cached_property
    def codes(self) -> list[str]:
        """Return the code of each place."""
        return [place.code for place in self.places]

    @cached_property
    def bases(self) -> list[int]:
        """Return what each place counts that it sends anything, beside the parcel."""
        return [place.base for place in self.places]

    @cached_property
    def handling(self) -> list[int]:
        """Return what each line counts at each place."""
        return [place.handling_line for place in self.places]

    @cached_property
    def tariffs(self) -> list[int]:
        """Return which ladder is each place's own."""
        return [place.tariff for place in self.places]

    @cached_property
    def clocks(self) -> list[int]:
        """Return by which clock each place hands over."""
        return [place.clock for place in self.places]

    @cached_property
    def days(self) -> list[int]:
        """Return how many days parcels travel, each number once."""
        return sorted({ladder.days for ladder in self.ladders})

    @cached_property
    def speeds(self) -> list[int]:
        """Return which of these days is each place's own."""
        of_tariff = [self.days.index(ladder.days) for ladder in self.ladders]
        return [of_tariff[tariff] for tariff in self.tariffs]

    @cached_property
    def of_clock(self) -> list[Location]:
        """Return a location of each clock."""
        known = {place.clock: place.location for place in self.places}
        return [known[clock] for clock in range(len(known))]

    @cached_property
    def closing(self) -> list[tuple[int, datetime]]:
        """Return the number of each place that was closed for a while, and until when."""
        until = ((at, place.location.closed_until) for at, place in enumerate(self.places))
        return [(at, moment) for at, moment in until if moment is not None]

    @cached_property
    def counted(self) -> dict[str, tuple[int, int]]:
        """Return the number and the daily capacity of each place that has one, by code."""
        return {place.code: (at, place.capacity) for at, place in enumerate(self.places) if place.capacity}


@dataclass(frozen=True, eq=False)
class _Kind:
    """Orders that have one ground. It is told by what it consists of, not by what is in it: that would take as long."""

    locations: tuple[Location, ...]
    policy: SourcingPolicy
    rule: SourcingRule | None
    terms: ChannelTerms
    zones: dict[Road, Zone | None]
    delivery: str
    country: str
    pickup_location: str | None
    only: str | None
    carriers: tuple[str, ...]
    sold_by: str

    def road(self, place: Location) -> Road:
        """Return on which road parcels leave a location."""
        return self.sold_by or place.carrier, place.country

    def takes(self, carrier: str) -> bool:
        """Tell whether the channel lets this carrier collect."""
        return all(not named or carrier in named for named in (self.carriers, self.terms.carriers))

    def _told(self) -> tuple[Hashable, ...]:
        parts = (self.locations, self.policy, self.rule, self.terms, *self.zones.values())
        told = (self.delivery, self.country, self.pickup_location, self.only, self.carriers, self.sold_by)
        return (*map(id, parts), *told)

    def __hash__(self) -> int:
        return hash(self._told())

    def __eq__(self, other: object) -> bool:
        # What is kept holds its parts, so that none of their ids can come to mean anything else.
        return isinstance(other, _Kind) and self._told() == other._told()


class _Same:
    """Locations, compared by being the same."""

    def __init__(self, locations: tuple[Location, ...]) -> None:
        self.locations = locations

    def __hash__(self) -> int:
        return id(self.locations)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.locations is other.locations


def ground_of(snapshot: Snapshot) -> tuple[Ground, SourcingRule | None, ChannelTerms]:
    """Return the ground of an order, the rule that speaks about it, and what its channel allows."""
    policy = snapshot.policy
    grams = sum(demand.quantity * demand.grams for demand in snapshot.demands)
    skus = [demand.sku for demand in snapshot.demands]
    asked = (snapshot.account, snapshot.country, skus, grams)
    # Where a pickup goes its buyer has said.
    ruled = not snapshot.only and snapshot.delivery == "ship"
    rule = next((one for one in policy.rules if one.when.meets(*asked)), None) if ruled else None
    terms = _ALWAYS if snapshot.only else policy.channels.get(snapshot.account, _ALWAYS)
    kind = _Kind(
        snapshot.locations, policy, rule, terms, _zones(snapshot), snapshot.delivery, snapshot.country,
        snapshot.pickup_location, snapshot.only, snapshot.carriers, snapshot.sold_by,
    )  # fmt: skip
    return _lay(kind), rule, terms


def _zones(snapshot: Snapshot) -> dict[Road, Zone | None]:
    """Return the zone of each road: as its carrier quoted, if the policy asks it, else of the policy's tables."""
    policy, to = snapshot.policy, (snapshot.country, snapshot.postal_zone)
    quoted = [table for table in snapshot.quoted if table.carrier in policy.quotes.carriers]
    if snapshot.delivery == "pickup" or not (quoted or policy.rates):
        return {}
    roads = _all_roads(_Same(snapshot.locations), snapshot.sold_by)
    return {road: find_zone(quoted, *road, *to) or find_zone(policy.rates, *road, *to) for road in roads}


@lru_cache(maxsize=_KEPT)
def _all_roads(same: _Same, sold_by: str) -> tuple[Road, ...]:
    return tuple(sorted({(sold_by or place.carrier, place.country) for place in same.locations}))


@lru_cache(maxsize=_KEPT)
def _lay(kind: _Kind) -> Ground:
    refused: dict[str, str] = {}
    places: list[Place] = []
    roads = _ladders(kind)
    ladders: dict[Ladder, int] = {}
    clocks: dict[tuple[object, ...], int] = {}
    for location in sorted(kind.locations, key=lambda one: (one.rank, one.code)):
        ladder, zone = roads[kind.road(location)]
        why = _refusal(kind, location)
        if why or ladder is None:
            refused[location.code] = why or "no-rate"
            continue
        tariff = ladders.setdefault(ladder, len(ladders))
        places.append(
            Place(
                location=location,
                code=location.code,
                capacity=location.daily_capacity,
                base=_base(kind, location),
                ladder=ladder,
                zone=zone,
                handling_line=location.handling_line * kind.policy.handling_percent // 100,
                tariff=tariff,
                clock=_clock(location, clocks),
            )
        )
    return Ground(tuple(places), refused, tuple(ladders))


def _ladders(kind: _Kind) -> dict[Road, tuple[Ladder | None, Zone | None]]:
    roads = {kind.road(place) for place in kind.locations}
    percent = kind.policy.shipping_percent
    unzoned = None
    if not kind.policy.rates or kind.delivery == "pickup":
        unzoned = flat(0 if kind.delivery == "pickup" else kind.policy.flat_rate * percent // 100)
    # One ladder for each zone, so that places with the same prices are seen to have them.
    known = {id(zone): ladder_of(zone, percent) for zone in kind.zones.values() if zone is not None}
    zones = {road: kind.zones.get(road) for road in roads}
    return {road: (unzoned if zone is None else known[id(zone)], zone) for road, zone in zones.items()}


def _clock(place: Location, clocks: dict[tuple[object, ...], int]) -> int:
    hours = (place.time_zone, place.hours, place.cut_off, place.holidays, place.closed_until)
    return clocks.setdefault(hours, len(clocks))


def _base(kind: _Kind, location: Location) -> int:
    policy, rule = kind.policy, kind.rule
    base = policy.split + location.rank * policy.rank + location.handling * policy.handling_percent // 100
    if rule is not None and ((rule.prefer and location.code not in rule.prefer) or location.code in rule.avoid):
        base += rule.amount
    return base


def _refusal(kind: _Kind, place: Location) -> str:
    """Return the slug of the filter that keeps these orders away from a location; none where it may serve them."""
    if not place.open:
        return "closed"
    if kind.delivery == "pickup":
        return "" if place.pickup and place.code == (kind.only or kind.pickup_location) else "not-chosen"
    if not place.ships:
        return "does-not-ship"
    if kind.only is not None and place.code != kind.only:
        return "not-chosen"
    if not kind.takes(place.carrier):
        return "carrier-not-allowed"
    return "" if kind.only is not None else _word(kind, place)


def _word(kind: _Kind, place: Location) -> str:
    """Return which word of location, channel or policy keeps the orders away."""
    rule = kind.rule
    if place.serves and kind.country and kind.country not in place.serves:
        return "does-not-serve-country"
    if kind.terms.locations and place.code not in kind.terms.locations:
        return "channel-does-not-allow"
    if rule is not None and ((rule.only and place.code not in rule.only) or place.code in rule.never):
        return f"rule:{rule.name}"
    return ""
