"""The board: which places may serve an order, what each would cost, and why the others may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.calendar import hand_over_at
from domain.location import Location
from domain.rates import Ladder, Zone, find_zone, flat, ladder_of
from domain.snapshot import Demand, Snapshot
from domain.sourcing import ChannelTerms, SourcingRule

LAST_RESORT = 10**12
"""What a place counts that just said no: it is asked only when nobody else can serve the line."""

OPERATORS = frozenset({"closed", "full", "opens-too-late"})
"""Filters that end when a location takes work again."""

_DAY = timedelta(days=1)
_ALWAYS = ChannelTerms()


@dataclass(slots=True)
class Place:
    """One location that may serve the order.

    Attributes:
        base: what it counts that it sends anything, beside the parcel.
        handling_line: what each line counts there; far more while it is too busy.
        zone: of the rate tables; None where none is needed.
        leaves: when it hands over; None for a pickup.
    """

    location: Location
    base: int
    ladder: Ladder
    zone: Zone | None
    leaves: datetime | None
    handling_line: int


@dataclass(slots=True)
class Line:
    """One demand with the places that can serve it.

    Attributes:
        grams: of one unit.
        room: for each place, how many units it could send, at most `quantity`.
        whole: what each place that has all units counts for it, without parcel.
        contested: whether another line wants some of its goods too.
    """

    demand: Demand
    quantity: int
    grams: int
    needs: tuple[tuple[str, int], ...]
    contested: bool
    room: dict[int, int] = field(default_factory=dict[int, int])
    whole: dict[int, int] = field(default_factory=dict[int, int])


@dataclass(slots=True)
class Board:
    """Everything the search looks at. Places are numbered from the cheapest entry up, then by rank and code."""

    snapshot: Snapshot
    places: list[Place]
    lines: list[Line]
    filtered: dict[str, str]
    rule: SourcingRule | None
    terms: ChannelTerms
    standing: dict[tuple[datetime | None, datetime | None], list[int]]
    doubted: frozenset[tuple[str, str]]

    def line_cost(self, line: Line, number: int, units: int) -> int:
        """Return what it counts that a place sends so many units of a line, without parcel."""
        demand = line.demand
        cost = self.standing[demand.ship_by, demand.deliver_by][number]
        if self.doubted and any((sku, self.places[number].location.code) in self.doubted for sku, _ in line.needs):
            cost += LAST_RESORT
        if self.snapshot.policy.balance:
            cost += sum(self._scarcity(number, sku, each * units) for sku, each in line.needs)
        return cost

    def take_stand(self) -> None:
        """Work out what each place counts for any line of one promise: handling, lateness, and whether it is busy."""
        late_day = self.snapshot.policy.late_day
        handling = [place.handling_line for place in self.places]
        journeys = [(place.leaves, place.ladder.days) for place in self.places]
        kinds = set(journeys)
        for line in self.lines:
            promise = (line.demand.ship_by, line.demand.deliver_by)
            if promise not in self.standing:
                late = {journey: late_day * days_late(*journey, *promise) for journey in kinds}
                self.standing[promise] = [cost + late[kind] for cost, kind in zip(handling, journeys, strict=True)]

    def _scarcity(self, number: int, sku: str, taken: int) -> int:
        policy = self.snapshot.policy
        left = self.snapshot.stock[sku].get(self.places[number].location.code, 0) - taken
        return policy.balance * (policy.spare_below - left) // policy.spare_below if left < policy.spare_below else 0


def days_late(leaves: datetime | None, days: int, ship_by: datetime | None, deliver_by: datetime | None) -> int:
    """Return how many begun days goods leave, or arrive so many days later, after what was promised."""
    if leaves is None:
        return 0
    late = 0
    if ship_by is not None and leaves > ship_by:
        late = -((ship_by - leaves) // _DAY)
    if deliver_by is not None:
        arrives = leaves + days * _DAY
        if arrives > deliver_by:
            late = max(late, -((deliver_by - arrives) // _DAY))
    return late


def set_up(snapshot: Snapshot) -> Board:
    """Filter the places, and work out what each would count."""
    grams = sum(demand.quantity * demand.grams for demand in snapshot.demands)
    skus = [demand.sku for demand in snapshot.demands]
    asked = (snapshot.account, snapshot.country, snapshot.delivery, skus, grams)
    rule = None if snapshot.only else next((one for one in snapshot.policy.rules if one.when.meets(*asked)), None)
    terms = _ALWAYS if snapshot.only else snapshot.policy.channels.get(snapshot.account, _ALWAYS)
    filtered: dict[str, str] = {}
    sieve = _Sieve(snapshot, rule, terms)
    places: list[Place] = []
    for location in snapshot.locations:
        found = sieve.sort(location)
        if isinstance(found, str):
            filtered[location.code] = found
        else:
            places.append(found)
    lightest = min((demand.grams for demand in snapshot.demands), default=0)
    places.sort(key=lambda place: (place.base + place.ladder.price(lightest), place.location.rank, place.location.code))
    needs = [_needs(demand) for demand in snapshot.demands]
    counts: dict[str, int] = {}
    for each in needs:
        for sku, _ in each:
            counts[sku] = counts.get(sku, 0) + 1
    lines = [
        Line(demand, demand.quantity, demand.grams, need, any(counts[sku] > 1 for sku, _ in need))
        for demand, need in zip(snapshot.demands, needs, strict=True)
    ]
    board = Board(snapshot, places, lines, filtered, rule, terms, {}, snapshot.doubted)
    board.take_stand()
    _fill(board)
    return board


def _needs(demand: Demand) -> tuple[tuple[str, int], ...]:
    if not demand.components:
        return ((demand.sku, 1),)
    units: dict[str, int] = {}
    for component in demand.components:
        units[component.sku] = units.get(component.sku, 0) + component.units
    return tuple(sorted(units.items()))


class _Sieve:
    """The filters, each with the slug of its reason; what several places share is worked out once."""

    def __init__(self, snapshot: Snapshot, rule: SourcingRule | None, terms: ChannelTerms) -> None:
        self._snapshot, self._rule, self._terms = snapshot, rule, terms
        self._ladders: dict[tuple[str, str], tuple[Ladder | None, Zone | None]] = {}
        self._calendar: dict[tuple[object, ...], datetime | None] = {}
        self._doubted = snapshot.doubted
        self._backlog_days = snapshot.policy.backlog_days

    def sort(self, location: Location) -> Place | str:
        """Return the place as the board has it, or why it may not serve the order."""
        why = self._refusal(location)
        if why:
            return why
        ladder, zone = self._ladder(location)
        if ladder is None:
            return "no-rate"
        behind = self._days_behind(location)
        if behind >= self._backlog_days and self._snapshot.only is None:
            return "full"
        leaves = self._leaves(location, behind)
        if leaves is None and self._snapshot.delivery == "ship":
            return "opens-too-late"
        return self._place(location, ladder, zone, leaves)

    def _refusal(self, place: Location) -> str:
        snapshot = self._snapshot
        if not place.open:
            return "closed"
        if snapshot.delivery == "pickup":
            return "" if place.pickup and place.code == (snapshot.only or snapshot.pickup_location) else "not-chosen"
        if not place.ships:
            return "does-not-ship"
        if snapshot.only is not None:
            return "" if place.code == snapshot.only else "not-chosen"
        return self._word(place)

    def _word(self, place: Location) -> str:
        """Return which word of location, channel or policy keeps the order away."""
        rule, country = self._rule, self._snapshot.country
        if place.serves and country and country not in place.serves:
            return "does-not-serve-country"
        if self._terms.locations and place.code not in self._terms.locations:
            return "channel-does-not-allow"
        if rule is not None and ((rule.only and place.code not in rule.only) or place.code in rule.never):
            return f"rule:{rule.name}"
        return ""

    def _place(self, location: Location, ladder: Ladder, zone: Zone | None, leaves: datetime | None) -> Place:
        policy, rule = self._snapshot.policy, self._rule
        percent = policy.handling_percent
        base = policy.split + location.rank * policy.rank + location.handling * percent // 100
        if rule is not None and ((rule.prefer and location.code not in rule.prefer) or location.code in rule.avoid):
            base += rule.amount
        handling = location.handling_line * percent // 100
        if self._doubted and ("", location.code) in self._doubted:
            handling += LAST_RESORT
        return Place(location, base, ladder, zone, leaves, handling)

    def _ladder(self, place: Location) -> tuple[Ladder | None, Zone | None]:
        key = (place.carrier, place.country)
        known = self._ladders.get(key)
        if known is None:
            known = self._ladders[key] = self._find_ladder(place)
        return known

    def _find_ladder(self, place: Location) -> tuple[Ladder | None, Zone | None]:
        snapshot, policy = self._snapshot, self._snapshot.policy
        if snapshot.delivery == "pickup":
            return flat(0), None
        tables = snapshot.quoted or policy.rates
        if not tables:
            return flat(policy.flat_rate * policy.shipping_percent // 100), None
        zone = find_zone(tables, place.carrier, place.country, snapshot.country, snapshot.postal_zone)
        return (None if zone is None else ladder_of(zone, policy.shipping_percent)), zone

    def _days_behind(self, place: Location) -> int:
        capacity = place.daily_capacity
        return self._snapshot.backlog.get(place.code, 0) // capacity if capacity else 0

    def _leaves(self, place: Location, behind: int) -> datetime | None:
        if self._snapshot.delivery == "pickup":
            return None
        hours, cut_off, holidays, closed_until = place.hours, place.cut_off, place.holidays, place.closed_until
        if not (behind or hours or cut_off or holidays or closed_until):
            return self._snapshot.now
        key = (place.time_zone, hours, cut_off, holidays, closed_until, behind)
        if key not in self._calendar:
            self._calendar[key] = hand_over_at(place, self._snapshot.now, behind)
        return self._calendar[key]


def _fill(board: Board) -> None:
    """Work out for each line which places have how much of it, and what they count for all of it."""
    numbers = {place.location.code: number for number, place in enumerate(board.places)}
    policy = board.snapshot.policy
    for line in board.lines:
        demand, quantity, room, whole = line.demand, line.quantity, line.room, line.whole
        standing = board.standing[demand.ship_by, demand.deliver_by]
        # What is left of simple goods is seen at once; the rest is rare enough for the long way.
        simple = not board.doubted and (not policy.balance or len(line.needs) == 1)
        each, spare = line.needs[0][1], policy.spare_below if policy.balance else 0
        stock = board.snapshot.stock.get(line.needs[0][0], {})
        for code, units in _rooms(line, board.snapshot.stock).items():
            number = numbers.get(code)
            if number is None or units <= 0 or code in demand.refused_by:
                continue
            if demand.restrictions and not demand.restrictions <= board.places[number].location.handles:
                continue
            if units < quantity:
                room[number] = units
                continue
            room[number] = quantity
            cost = standing[number] if simple else board.line_cost(line, number, quantity)
            if simple and spare:
                left = stock[code] - each * quantity
                if left < spare:
                    cost += policy.balance * (spare - left) // spare
            whole[number] = cost


def _rooms(line: Line, stock: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
    """Return how many units of the line each place could make up from all it has."""
    (first, each), *rest = line.needs
    have = stock.get(first, {})
    if not rest:
        return have if each == 1 else {code: units // each for code, units in have.items()}
    others = [(stock.get(sku, {}), units) for sku, units in rest]
    return {
        code: min(units // each, *(other.get(code, 0) // count for other, count in others))
        for code, units in have.items()
    }
