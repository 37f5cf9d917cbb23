"""The board: which places may serve an order, what each would cost, and why the others may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from domain.calendar import hand_over_at
from domain.planning.ground import Place, ground_of
from domain.rates import Ladder
from domain.snapshot import Demand, Snapshot
from domain.sourcing import ChannelTerms, SourcingRule

LAST_RESORT = 10**12
"""What a place counts that just said no: it is asked only when nobody else can serve the line."""

OPERATORS = frozenset({"closed", "full", "opens-too-late"})
"""Filters that end when a location takes work again."""

_DAY = timedelta(days=1)


@dataclass
class Line:
    """One demand with the places that can serve it.

    Attributes:
        grams: of one unit.
        contested: whether another line wants some of its goods too.
        whole: what each place that has all units counts for it, without parcel.
    """

    demand: Demand
    quantity: int
    grams: int
    needs: tuple[tuple[str, int], ...]
    contested: bool
    whole: dict[int, int] = field(default_factory=dict[int, int])
    _units: Mapping[int, int] = field(default_factory=dict[int, int])

    @cached_property
    def room(self) -> dict[int, int]:
        """How many units each place could send, at most `quantity`; who plans no split need not know."""
        quantity = self.quantity
        return {number: min(units, quantity) for number, units in self._units.items()}

    @property
    def is_able(self) -> bool:
        """Whether all places together have enough of it, other lines aside."""
        return bool(self.whole) or sum(self._units.values()) >= self.quantity

    def fill(self, units: Mapping[int, int], whole: dict[int, int]) -> None:
        """Tell how many units of it each place has, if any, and what those that have enough count."""
        self._units, self.whole = units, whole


@dataclass(slots=True)
class Board:
    """Everything the search looks at. Places are numbered from the cheapest entry up, then by rank and code.

    Attributes:
        leaves: when each place hands over; None for a pickup.
        entry: what each place counts at least that sends anything, ascending.
        ladders: all there are.
        standing: by ship-by and deliver-by, what each place counts for a line, beside scarce goods.
    """

    snapshot: Snapshot
    places: list[Place]
    leaves: list[datetime | None]
    entry: list[int]
    ladders: tuple[Ladder, ...]
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
        for number, place in enumerate(self.places) if self.doubted else ():
            handling[number] += LAST_RESORT * (("", place.location.code) in self.doubted)
        journeys = [(leaves, place.ladder.days) for leaves, place in zip(self.leaves, self.places, strict=True)]
        kinds = set(journeys)
        for line in self.lines:
            promise = (line.demand.ship_by, line.demand.deliver_by)
            if promise not in self.standing:
                late = {journey: late_day * days_late(*journey, *promise) for journey in kinds}
                if not any(late.values()):
                    self.standing[promise] = handling
                    continue
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
    ground, rule, terms = ground_of(snapshot)
    filtered = dict(ground.refused)
    lightest = min((demand.grams for demand in snapshot.demands), default=0)
    places, leaves = _at_work(snapshot, ground.cheapest_first(lightest), filtered)
    prices = [ladder.price(lightest) for ladder in ground.ladders]
    entry = [place.base + prices[place.tariff] for place in places]
    needs = [_needs(demand) for demand in snapshot.demands]
    counts: dict[str, int] = {}
    for each in needs:
        for sku, _ in each:
            counts[sku] = counts.get(sku, 0) + 1
    lines = [
        Line(demand, demand.quantity, demand.grams, need, any(counts[sku] > 1 for sku, _ in need))
        for demand, need in zip(snapshot.demands, needs, strict=True)
    ]
    board = Board(snapshot, places, leaves, entry, ground.ladders, lines, filtered, rule, terms, {}, snapshot.doubted)
    board.take_stand()
    _fill(board)
    return board


def _at_work(
    snapshot: Snapshot, ordered: Iterable[Place], filtered: dict[str, str]
) -> tuple[list[Place], list[datetime | None]]:
    """Return the places that take work now, and when each hands it over; what filters the others is added."""
    places: list[Place] = []
    moments: list[datetime | None] = []
    known: dict[tuple[int, int], datetime | None] = {}
    backlog, ships = snapshot.backlog, snapshot.delivery == "ship"
    most = snapshot.policy.backlog_days if snapshot.only is None else None
    for place in ordered:
        capacity = place.capacity
        behind = backlog.get(place.code, 0) // capacity if capacity else 0
        if behind and most is not None and behind >= most:
            filtered[place.code] = "full"
            continue
        leaves = None
        if ships:
            key = (place.clock, behind)
            if key not in known:
                known[key] = hand_over_at(place.location, snapshot.now, behind)
            leaves = known[key]
            if leaves is None:
                filtered[place.code] = "opens-too-late"
                continue
        places.append(place)
        moments.append(leaves)
    return places, moments


def _needs(demand: Demand) -> tuple[tuple[str, int], ...]:
    if not demand.components:
        return ((demand.sku, 1),)
    units: dict[str, int] = {}
    for component in demand.components:
        units[component.sku] = units.get(component.sku, 0) + component.units
    return tuple(sorted(units.items()))


def _fill(board: Board) -> None:
    """Work out for each line which places have how much of it, and what they count for all of it."""
    numbers = {place.code: number for number, place in enumerate(board.places)}
    for line in board.lines:
        demand, quantity = line.demand, line.quantity
        rooms = _rooms(line, board.snapshot.stock)
        if demand.refused_by:
            rooms = {code: units for code, units in rooms.items() if code not in demand.refused_by}
        units = {numbers[code]: units for code, units in rooms.items() if units > 0 and code in numbers}
        if demand.restrictions:
            places, wanted = board.places, demand.restrictions
            units = {number: some for number, some in units.items() if wanted <= places[number].location.handles}
        line.fill(units, _whole(board, line, units, quantity))


def _whole(board: Board, line: Line, units: Mapping[int, int], quantity: int) -> dict[int, int]:
    """Return what each place that has all of a line counts for it."""
    policy, standing = board.snapshot.policy, board.standing[line.demand.ship_by, line.demand.deliver_by]
    if board.doubted or (policy.balance and [each for _, each in line.needs] != [1]):
        return {number: board.line_cost(line, number, quantity) for number, some in units.items() if some >= quantity}
    # What is left of simple goods is seen at once.
    spare = policy.spare_below if policy.balance else 0
    scarcity = [policy.balance * (spare - left) // spare for left in range(spare)]
    return {
        number: standing[number] + (scarcity[some - quantity] if some - quantity < spare else 0)
        for number, some in units.items()
        if some >= quantity
    }


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
