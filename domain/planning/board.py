"""The board: which places may serve an order, what each would cost, and why the others may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

from domain.planning.departures import Departures, departures_of
from domain.planning.ground import Ground, Place, ground_of
from domain.planning.lanes import WIDEST, Lanes
from domain.planning.parcels import PriceLine, price_line
from domain.rates import Ladder
from domain.snapshot import Demand, Snapshot
from domain.sourcing import ChannelTerms, SourcingRule

LAST_RESORT = 10**12
"""What a place counts that just said no: it is asked only when nobody else can serve the line."""

SHORT = 1 << 60
"""What a line counts that is left short, or put where it cannot be: more than any plan that serves it."""

_MOST = 255
"""More units of simple goods look alike."""


@dataclass
class Line:
    """One demand with the places that can serve it.

    Attributes:
        grams: of one unit.
        contested: whether another line wants some of its goods too.
        units: how many units of it each place could make up.
        cost: what each place counts for all of it, without parcel; SHORT where it has not enough.
        row: the same as a row of the board's lanes.
        places: how many of them have all of it.
    """

    demand: Demand
    quantity: int
    grams: int
    needs: tuple[tuple[str, int], ...]
    contested: bool
    units: list[int]
    cost: Sequence[int]
    row: int
    places: int

    @cached_property
    def weight(self) -> int:
        """Return the grams of all of it."""
        return self.quantity * self.grams

    @cached_property
    def least(self) -> int:
        """Return what it counts at least, all of it at one place."""
        return min(self.cost, default=SHORT)

    @cached_property
    def whole(self) -> dict[int, int]:
        """Return what each place that has all of it counts."""
        return {number: cost for number, cost in enumerate(self.cost) if cost < SHORT}

    @cached_property
    def room(self) -> dict[int, int]:
        """Return how many units each place could send, where it could send any; at most all of it."""
        return {number: min(units, self.quantity) for number, units in enumerate(self.units) if units}

    @cached_property
    def fewest_places(self) -> int:
        """Return over how many places it has to be split at least; 1 where some place has all of it."""
        if self.least < SHORT:
            return 1
        rest = self.quantity
        for count, units in enumerate(sorted(self.room.values(), reverse=True), start=1):
            rest -= units
            if rest <= 0:
                return count
        return len(self.room) + 1

    @property
    def is_able(self) -> bool:
        """Whether all places together have enough of it, other lines aside."""
        return self.least < SHORT or sum(self.units) >= self.quantity


@dataclass
class Board:
    """Everything the search looks at. Places are numbered from the lowest toll up, then by rank and code.

    Attributes:
        codes: of the places.
        base: what each place counts that it sends anything, beside the parcel.
        toll: the same with what its parcel counts at least, whatever it weighs; ascending.
        departures: when each place hands over, and how late that is.
        prices: what all parcels count by weight, at least, beside the tolls.
        lines: one for each demand.
    """

    snapshot: Snapshot
    places: list[Place]
    codes: list[str]
    base: list[int]
    toll: list[int]
    departures: Departures
    prices: PriceLine
    ground: Ground
    filtered: dict[str, str]
    rule: SourcingRule | None
    terms: ChannelTerms
    lines: list[Line]
    doubted: frozenset[tuple[str, str]]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Return the number of each place by its code."""
        return {code: number for number, code in enumerate(self.codes)}

    @property
    def ladders(self) -> tuple[Ladder, ...]:
        """Return all there are."""
        return self.ground.ladders

    def parcel(self, number: int, grams: int) -> int:
        """Return what a parcel of so many grams counts from a place."""
        return self.places[number].ladder.price(grams)

    @cached_property
    def lanes(self) -> Lanes:
        """Return lanes that hold what any line counts at each place."""
        return Lanes(len(self.places), WIDEST)

    @cached_property
    def tariffs(self) -> list[int]:
        """Return which ladder is each place's own."""
        return [place.tariff for place in self.places]

    @cached_property
    def lightest(self) -> int:
        """Return what a parcel weighs at least."""
        return min((line.grams for line in self.lines), default=0)

    @cached_property
    def entry(self) -> list[int]:
        """Return what each place counts at least that sends anything."""
        prices = [ladder.price(self.lightest) for ladder in self.ladders]
        return [place.base + prices[place.tariff] for place in self.places]

    def doubts(self, line: Line, number: int) -> int:
        """Return what of a line's cost at a place is no money, but says that the place just said no."""
        if not self.doubted:
            return 0
        code = self.codes[number]
        of_goods = any((sku, code) in self.doubted for sku, _ in line.needs)
        return LAST_RESORT * (of_goods + (("", code) in self.doubted))

    def line_cost(self, line: Line, number: int, units: int) -> int:
        """Return what it counts that a place sends so many units of a line, without parcel."""
        cost = self.departures.standing(line.demand, number)
        if self.doubted:
            cost += LAST_RESORT * any((sku, self.codes[number]) in self.doubted for sku, _ in line.needs)
        if self.snapshot.policy.balance:
            cost += sum(self._scarcity(number, sku, each * units) for sku, each in line.needs)
        return cost

    def _scarcity(self, number: int, sku: str, taken: int) -> int:
        policy = self.snapshot.policy
        left = self.snapshot.stock[sku].get(self.codes[number], 0) - taken
        return policy.balance * (policy.spare_below - left) // policy.spare_below if left < policy.spare_below else 0


def set_up(snapshot: Snapshot) -> Board:
    """Filter the places, and work out what each would count."""
    ground, rule, terms = ground_of(snapshot)
    filtered = dict(ground.refused)
    departures, at_work = departures_of(snapshot, ground, filtered)
    weight = sum(demand.quantity * demand.grams for demand in snapshot.demands)
    lightest = min((demand.grams for demand in snapshot.demands), default=0)
    prices = price_line(ground.ladders, lightest, weight, min(ground.bases, default=0))
    tolls = [base + prices.tolls[tariff] for base, tariff in zip(ground.bases, ground.tariffs, strict=True)]
    order = sorted(at_work, key=tolls.__getitem__)
    departures.put_in_order(order)
    doubted = snapshot.doubted
    board = Board(
        snapshot, [ground.places[at] for at in order], [ground.codes[at] for at in order],
        [ground.bases[at] for at in order], [tolls[at] for at in order],
        departures, prices, ground, filtered, rule, terms, [], doubted,
    )  # fmt: skip
    if doubted:
        busy = {board.numbers[code] for sku, code in doubted if not sku and code in board.numbers}
        departures.put_last(busy, LAST_RESORT)
    board.lines = _lines(board)
    return board


def _lines(board: Board) -> list[Line]:
    demands = board.snapshot.demands
    needs = [_needs(demand) for demand in demands]
    counts: dict[str, int] = {}
    for each in needs:
        for sku, _ in each:
            counts[sku] = counts.get(sku, 0) + 1
    lines: list[Line] = []
    for demand, need in zip(demands, needs, strict=True):
        contested = any(counts[sku] > 1 for sku, _ in need)
        units = _units(board, demand, need)
        line = Line(demand, demand.quantity, demand.grams, need, contested, units, [], 0, 0)
        line.row = _costs(board, line)
        line.cost = board.lanes.unpack(line.row)
        line.places = board.lanes.below(line.row, SHORT).bit_count()
        lines.append(line)
    return lines


def _needs(demand: Demand) -> tuple[tuple[str, int], ...]:
    if not demand.components:
        return ((demand.sku, 1),)
    units: dict[str, int] = {}
    for component in demand.components:
        units[component.sku] = units.get(component.sku, 0) + component.units
    return tuple(sorted(units.items()))


def _units(board: Board, demand: Demand, needs: tuple[tuple[str, int], ...]) -> list[int]:
    """Return how many units of a demand each place could make up from all it has and may send."""
    units: list[int] = []
    for sku, each in needs:
        have: Mapping[str, int] = board.snapshot.stock.get(sku, {})
        found = list(map(have.get, board.codes, repeat(0)))
        found = found if each == 1 else [some // each for some in found]
        units = list(map(min, units, found)) if units else found
    for code in demand.refused_by:
        if code in board.numbers:
            units[board.numbers[code]] = 0
    if wanted := demand.restrictions:
        units = [
            some if wanted <= place.location.handles else 0 for some, place in zip(units, board.places, strict=True)
        ]
    return units


def _costs(board: Board, line: Line) -> int:
    """Return what each place counts for all of a line, as a row."""
    policy, quantity, lanes = board.snapshot.policy, line.quantity, board.lanes
    spare = policy.spare_below if policy.balance else 0
    if board.doubted or (spare and [each for _, each in line.needs] != [1]) or quantity + spare > _MOST:
        return lanes.pack([
            board.line_cost(line, number, quantity) if some >= quantity else SHORT
            for number, some in enumerate(line.units)
        ])  # fmt: skip
    # What is left of simple goods is seen at once.
    try:
        units = bytes(line.units)
    except ValueError:
        units = bytes(map(min, line.units, repeat(_MOST)))
    more = [SHORT] * quantity + [policy.balance * (spare - left) // spare for left in range(spare)]
    return board.departures.standings(line.demand, lanes) + lanes.looked_up(units, more)
