"""Bounds: what every plan that goes on from a draft counts at least."""

from __future__ import annotations

from collections.abc import Iterator

from domain.planning.board import Board, Line
from domain.planning.parcels import Parcels
from domain.planning.splitting import fewest_places

SHORT = 10**18
"""What a line counts that is left short: more than any plan that serves it."""

_TWO = 2
_MOST_STEPS = 200
_MORE = 3


class Bounds:
    """What is worked out once for a search; lines are numbered as the search takes them, places as on the board.

    Attributes:
        entry: what a place counts at least that sends anything.
        bits: for each line the places that have it whole, as bits; where none has, those that have any.
        covers: for each place such lines, as bits.
        ways: for each line these places, and what they count for it.
        rest: for each depth the lines from there on, as bits.
        tail: for each depth what these lines count at least, wherever they go.
        splittable: which lines may be split.
        split_least: what a split line counts at least.
        by_gram: what each line counts at least by its weight, the lightest parcel of a place beside it.
        shift: what a place's entry counts less when its parcel is priced by the gram.
    """

    def __init__(self, board: Board, lines: list[Line]) -> None:
        self._board, self._lines = board, lines
        lightest = min((line.grams for line in board.lines), default=0)
        self.entry = board.entry
        self.bits: list[int] = []
        self.covers: dict[int, int] = {}
        self.ways: list[list[tuple[int, int]]] = []
        self.rest = [-1 << depth & (1 << len(lines)) - 1 for depth in range(len(lines) + 1)]
        self.splittable = [line.quantity > 1 and len(board.places) > 1 for line in lines]
        self._split_extra = [0] * len(lines)
        self.split_least = [0] * len(lines)
        self.tail = self._tails()
        slope, grams = _slope(board, lightest), [line.quantity * line.grams for line in lines]
        self.shift = -(-slope[0] * lightest // slope[1])
        self.by_gram = [slope[0] * weight // slope[1] for weight in grams]
        self._grams_tail = [sum(self.by_gram[depth:]) for depth in range(len(grams) + 1)]
        self._must_be_short = _must_be_short(board, lines)
        self._known: dict[int, tuple[int, int, int]] = {}
        self.least_places = 0
        self.parcels = Parcels(board.ladders, sum(grams))
        self._bases = sorted(place.base for place in board.places)

    def look_at(self, best: int) -> None:
        """Note who can serve which lines in a better plan of several places; all else is left out from now on."""
        entry, covers = self.entry, dict[int, int]()
        most = best - self.tail[0] - (entry[0] if entry else 0)
        self.bits, self.covers, self._known = [], covers, {}
        if not self.ways:
            self.ways = [list((line.whole or dict.fromkeys(line.room, 0)).items()) for line in self._lines]
        for depth, line in enumerate(self._lines):
            bit, bits = 1 << depth, 0
            anyway = self.tail[depth] - self.tail[depth + 1] if line.whole else 0
            rows = self.ways[depth]
            rows = self.ways[depth] = [(number, cost) for number, cost in rows if entry[number] + cost < most + anyway]
            for number, _ in rows:
                bits |= 1 << number
                covers[number] = covers.get(number, 0) | bit
            self.bits.append(bits)

    def least_with(self, places: int) -> int:
        """Return what a plan counts at least that needs so many places or more."""
        # More parcels may cost less in all, being lighter: some more places are priced, the rest by their entries.
        ways: list[int] = []
        for count in range(places, min(places + _MORE, len(self.entry)) + 1):
            entries = sum(self.entry[:count])
            priced = count < places + _MORE
            parcels = sum(self._bases[:count]) + self.parcels.least(count) if priced else 0
            ways.append(max(entries, parcels))
        return min(ways, default=SHORT) + self.tail[0]

    @property
    def extras(self) -> dict[int, int]:
        """What each line that may be split counts more at least when it is."""
        pairs = enumerate(zip(self.splittable, self._split_extra, strict=True))
        return {depth: extra for depth, (may, extra) in pairs if may}

    def least(self, depth: int, spent: int, lean: int, covered: int, opened: int) -> int:
        """Return what a plan counts at least.

        Args:
            depth: how many lines have their places.
            spent: what these lines count.
            lean: the same with every parcel priced by the gram.
            covered: the lines that some open place has, as bits.
            opened: how many places are open.
        """
        uncovered = self.rest[depth] & ~covered
        entry, shift = self.entry, self.shift
        entries = leaner = 0
        if uncovered:
            entries, count, apart = self._openings(uncovered)
            # One of them may be split instead; with fewer than two places open that opens one as well.
            more = opened < _TWO
            leaner = min(entries - count * shift, apart + (entry[0] - shift if more else 0))
            entries = min(entries, apart + (entry[0] if more else 0))
        if opened < self.least_places:
            wanted = self.least_places - opened
            entries = max(entries, sum(entry[:wanted]))
            leaner = max(leaner, sum(entry[:wanted]) - wanted * shift)
        low = max(spent + entries, lean + leaner + self._grams_tail[depth]) + self.tail[depth]
        if spent // SHORT < self._must_be_short:
            low = max(low, self._must_be_short * SHORT + spent % SHORT)
        return low

    def _tails(self) -> list[int]:
        """Return for each depth what the lines from there on count at least, wherever they go."""
        tails = [0]
        for depth in reversed(range(len(self._lines))):
            line = self._lines[depth]
            standing = self._board.standing[line.demand.ship_by, line.demand.deliver_by]
            ways = [min(line.whole.values())] if line.whole else []
            if self.splittable[depth]:
                places, least = max(fewest_places(line), 2), min(standing)
                ways.append((places - 1) * self._board.snapshot.policy.split_line + places * least)
                self.split_least[depth] = ways[-1]
                self._split_extra[depth] = ways[-1] - min(ways)
            tails.append(tails[-1] + min(ways))
        return tails[::-1]

    def _openings(self, uncovered: int) -> tuple[int, int, int]:
        """Return what it costs at least to enter places that have these lines, how many, and to split one of them."""
        known = self._known.get(uncovered)
        if known is None:
            meet, apart, few = -1, SHORT, -1
            for at in numbers(uncovered):
                meet &= self.bits[at]
                few = at if few < 0 else few
                if self.splittable[at] and self._lines[at].whole:
                    apart = min(apart, self._split_extra[at])
            cheap = self._cheapest(meet or self.bits[few]) + (0 if meet else self.entry[0])
            known = self._known[uncovered] = (cheap, 1 if meet else 2, apart)
        return known

    def _cheapest(self, bits: int) -> int:
        return self.entry[(bits & -bits).bit_length() - 1]


def _slope(board: Board, lightest: int) -> tuple[int, int]:
    """Return a price per gram, as a fraction, that no parcel heavier than the lightest falls below."""
    total = sum(line.quantity * line.grams for line in board.lines)
    slope = (0, 1)
    found = False
    for ladder in board.ladders:
        first, beyond = ladder.price(lightest), total - ladder.limits[-1]
        if beyond > _MOST_STEPS * 1000:
            return (0, 1)
        ends = [*ladder.limits, *(ladder.limits[-1] + 1000 * step for step in range(1, -(-beyond // 1000) + 1))]
        for end in (min(end, total) for end in ends if end > lightest):
            if end > lightest:
                rise, run = ladder.price(end) - first, end - lightest
                if not found or rise * slope[1] < slope[0] * run:
                    slope, found = (rise, run), True
    return slope


def _must_be_short(board: Board, lines: list[Line]) -> int:
    """Return how many lines have to be left short because together they want more of some goods than there is."""
    codes = {place.location.code for place in board.places}
    wanting: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        for sku, _ in line.needs if line.contested else ():
            wanting.setdefault(sku, []).append(at)
    counted: set[int] = set()
    short = 0
    for sku, who in wanting.items():
        if len(who) > 1 and counted.isdisjoint(who):
            counted.update(who)
            left = sum(units for code, units in board.snapshot.stock.get(sku, {}).items() if code in codes)
            for units in sorted(dict(lines[at].needs)[sku] * lines[at].quantity for at in who):
                left -= units
                short += left < 0
    return short


def numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of set bits, smallest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
