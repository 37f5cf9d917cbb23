"""The ground: what places count and refuse whatever the order holds. Worked out once for all orders of one kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from domain.location import Location
from domain.rates import Ladder, RateTable, Zone, find_zone, flat, ladder_of
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
    def of_clock(self) -> list[Location]:
        """Return a location of each clock."""
        known = {place.clock: place.location for place in self.places}
        return [known[clock] for clock in range(len(known))]

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
    tables: tuple[RateTable, ...]
    delivery: str
    country: str
    pickup_location: str | None
    only: str | None

    def _told(self) -> tuple[Hashable, ...]:
        parts = (self.locations, self.policy, self.rule, self.terms, self.tables, *self.zones.values())
        return (*map(id, parts), self.delivery, self.country, self.pickup_location, self.only)

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
    asked = (snapshot.account, snapshot.country, snapshot.delivery, skus, grams)
    rule = None if snapshot.only else next((one for one in policy.rules if one.when.meets(*asked)), None)
    terms = _ALWAYS if snapshot.only else policy.channels.get(snapshot.account, _ALWAYS)
    tables = () if snapshot.delivery == "pickup" else snapshot.quoted or policy.rates
    zones = {
        road: find_zone(tables, *road, snapshot.country, snapshot.postal_zone) for road in _roads(tables, snapshot)
    }
    kind = _Kind(
        snapshot.locations, policy, rule, terms, zones, tables, snapshot.delivery, snapshot.country,
        snapshot.pickup_location, snapshot.only,
    )  # fmt: skip
    return _lay(kind), rule, terms


def _roads(tables: Iterable[RateTable], snapshot: Snapshot) -> tuple[Road, ...]:
    return _all_roads(_Same(snapshot.locations)) if tables else ()


@lru_cache(maxsize=_KEPT)
def _all_roads(same: _Same) -> tuple[Road, ...]:
    return tuple(sorted({(place.carrier, place.country) for place in same.locations}))


@lru_cache(maxsize=_KEPT)
def _lay(kind: _Kind) -> Ground:
    refused: dict[str, str] = {}
    places: list[Place] = []
    roads = _ladders(kind)
    ladders: dict[Ladder, int] = {}
    clocks: dict[tuple[object, ...], int] = {}
    for location in sorted(kind.locations, key=lambda one: (one.rank, one.code)):
        ladder, zone = roads[location.carrier, location.country]
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
    roads = {(place.carrier, place.country) for place in kind.locations}
    percent = kind.policy.shipping_percent
    if not kind.tables:
        amount = 0 if kind.delivery == "pickup" else kind.policy.flat_rate * percent // 100
        return dict.fromkeys(roads, (flat(amount), None))
    # One ladder for each zone, so that places with the same prices are seen to have them.
    known = {id(zone): ladder_of(zone, percent) for zone in kind.zones.values() if zone is not None}
    return {road: (None if zone is None else known[id(zone)], zone) for road, zone in kind.zones.items()}


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
    if kind.only is not None:
        return "" if place.code == kind.only else "not-chosen"
    return _word(kind, place)


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
