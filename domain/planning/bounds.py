"""Bounds: what every plan that goes on from a draft counts at least."""

from __future__ import annotations

from itertools import accumulate

from domain.planning.board import SHORT, Board, Line
from domain.planning.covering import least_split
from domain.planning.lanes import numbers

_TWO = 2


class Bounds:
    """What is worked out once for a search; lines are numbered as the search takes them, places as on the board.

    Attributes:
        entries: what so many places count at least that send anything.
        ways: for each line the places that have it whole, or where none has, those that have any, and what they count
            for it; only those that can be part of a better plan.
        covers: for each place such lines, as bits.
        tail: for each depth what these lines count at least, wherever they go.
        splittable: which lines may be split.
        split_least: what a split line counts at least.
        by_gram: what each line counts at least by its weight, beside the tolls.
    """

    def __init__(self, board: Board, lines: list[Line], best: int) -> None:
        """Prepare to look for plans that count less than the best."""
        self._lines = lines
        self._toll = board.toll
        # The least entry of each place and all with higher tolls.
        self._from = list(accumulate(reversed(board.entry), min))[::-1]
        self.entries = list(accumulate(sorted(board.entry), initial=0))
        self._rest = [-1 << depth & (1 << len(lines)) - 1 for depth in range(len(lines) + 1)]
        self.split_least = [least_split(board, line) for line in lines]
        self.splittable = [split < SHORT for split in self.split_least]
        least = [min(line.least, split) for line, split in zip(lines, self.split_least, strict=True)]
        self.tail = list(accumulate(reversed(least), initial=0))[::-1]
        self.by_gram = [board.prices.carry(line.weight) for line in lines]
        self._grams_tail = list(accumulate(reversed(self.by_gram), initial=0))[::-1]
        self._must_be_short = _must_be_short(board, lines)
        slack = best - self.tail[0]
        self.ways = [
            _ways(board, line, slack + (low if line.whole else 0)) for line, low in zip(lines, least, strict=True)
        ]
        self._bits = [sum([1 << number for number, _ in ways]) for ways in self.ways]
        self.covers: dict[int, int] = {}
        for depth, ways in enumerate(self.ways):
            for number, _ in ways:
                self.covers[number] = self.covers.get(number, 0) | 1 << depth
        self._known: dict[int, tuple[int, int, int]] = {}

    def least(self, depth: int, spent: int, lean: int, covered: int, opened: int) -> int:
        """Return what a plan counts at least.

        Args:
            depth: how many lines have their places.
            spent: what these lines count.
            lean: the same with every parcel at its toll and by the gram.
            covered: the lines that some open place has, as bits.
            opened: how many places are open.
        """
        uncovered = self._rest[depth] & ~covered
        entries = tolls = 0
        if uncovered:
            entries, tolls, apart = self._openings(uncovered)
            # One of them may be split instead; with fewer than two places open that opens one as well.
            more = opened < _TWO
            entries = min(entries, apart + (self.entries[1] if more else 0))
            tolls = min(tolls, apart + (self._toll[0] if more else 0))
        low = max(spent + entries, lean + tolls + self._grams_tail[depth]) + self.tail[depth]
        if spent // SHORT < self._must_be_short:
            low = max(low, self._must_be_short * SHORT + spent % SHORT)
        return low

    def _openings(self, uncovered: int) -> tuple[int, int, int]:
        """Return the least entries and tolls of places that have these lines, and what it counts to split one."""
        known = self._known.get(uncovered)
        if known is None:
            meet, apart, few = -1, SHORT, -1
            for at in numbers(uncovered):
                meet &= self._bits[at]
                few = at if few < 0 else few
                if self.splittable[at] and self._lines[at].whole:
                    apart = min(apart, max(self.split_least[at] - self._lines[at].least, 0))
            bits = meet or self._bits[few]
            first = (bits & -bits).bit_length() - 1
            entry, toll = (0, 0) if meet else (self.entries[1], self._toll[0])
            known = self._known[uncovered] = (self._from[first] + entry, self._toll[first] + toll, apart)
        return known


def _ways(board: Board, line: Line, limit: int) -> list[tuple[int, int]]:
    """Return the places that count less than a limit and have a line whole, or any where none has; and what for it."""
    ways = (line.whole or dict.fromkeys(line.room, 0)).items()
    return [(number, cost) for number, cost in ways if board.entry[number] + cost < limit]


def _must_be_short(board: Board, lines: list[Line]) -> int:
    """Return how many lines have to be left short because together they want more of some goods than there is."""
    codes = board.numbers
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
