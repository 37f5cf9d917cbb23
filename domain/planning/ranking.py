"""Ranking: the places that may have part in a plan of so many places, the likeliest first, and which lines each has."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from domain.planning.lanes import Lanes

_PAIR = 2

WIDEST = 1 << 62
"""Numbers that come to more do not fit side by side."""


class Ranking:
    """Places, by what each adds to what every plan of so many places counts at least.

    What a line counts at least is raised, and what a place that has it for less adds is lowered by as much: so a place
    that has many lines cheaply is told from one that has few. A regret is what a line counts more at a place than at
    least, up to `slack`.

    Attributes:
        sure: what every plan counts at least beside its places.
        order: the number of each place.
        adds: what each adds; ascending.
        tolls: what each counts itself.
        regrets: of each line at each place.
        caps: the regrets where no place is chosen yet.
        free: all places, as tops of lanes.
    """

    def __init__(
        self, columns: Sequence[Sequence[int]], tolls: list[int], least: list[int], slack: int, count: int
    ) -> None:
        """Rank the places.

        Args:
            columns: for each line what it counts at each place.
            tolls: what each place counts itself, ascending.
            least: what each line counts at least.
            slack: how much more than the lines, and the lowest toll for each place, a plan may count.
            count: how many places it has.
        """
        lines, self._slack, self._first = len(columns), slack, tolls[0]
        rows = [regrets_of(column, low, slack) for column, low in zip(columns, least, strict=True)]
        dear = regrets_of(tolls, self._first, slack)
        lanes = Lanes(len(tolls), (lines + 1) * slack)
        packed, base = [lanes.pack(row) for row in rows], lanes.pack(dear)
        # More tells pairs apart; of larger sets it hides which lines are lacking.
        self._raised = min(slack, self._first * (2 if count == _PAIR else 1) // 3 // lines)
        counts = self._counts(lanes, packed, base)
        self.sure = sum(least) + lines * self._raised
        lowered = self._first - lines * self._raised
        most = slack + count * (self._first - lowered) + sum(least) - self.sure - (count - 1) * min(counts)
        self.order = sorted((at for at, one in enumerate(counts) if one < most), key=counts.__getitem__)
        self.adds = [counts[number] + lowered for number in self.order]
        self.tolls = [tolls[number] for number in self.order]
        picked = [[row[number] for number in self.order] for row in rows]
        self.regrets = list(zip(*picked, strict=True))
        self._lanes = Lanes(len(self.order), (lines + 2) * slack)
        self._rows = [self._lanes.pack(row) for row in picked]
        self._all = sum(self._rows) + self._lanes.pack([dear[number] for number in self.order])
        self.caps = (slack,) * lines
        self.free = self._lanes.tops

    def _counts(self, lanes: Lanes, packed: list[int], base: int) -> tuple[int, ...]:
        over = sum([lanes.above(row, self._raised, lanes.tops) for row in packed])
        return lanes.unpack(base + sum(packed) - over)

    def next_after(self, caps: Sequence[int], slack: int, free: int) -> Iterator[int]:
        """Yield the places of which one has to come next, by rank.

        Args:
            caps: the regret of each line at the places so far.
            slack: what the next place and the lines may add.
            free: the places that may come next, as tops.
        """
        lanes = self._lanes
        candidates = free & lanes.first(bisect_left(self.adds, slack))
        if candidates:
            slack -= self.adds[(candidates & -candidates).bit_length() // lanes.width - 1]
            limit = min(slack + self._raised, self._slack)
            lacks = [row for row, cap in zip(self._rows, caps, strict=True) if cap >= limit]
            if lacks:
                near = [lanes.below(row, limit, lanes.tops) & candidates for row in lacks]
                candidates = min(near, key=int.bit_count)
        return lanes.numbers(candidates)

    def row_of(self, amounts: Sequence[int], of_place: Sequence[int]) -> int:
        """Return a row that has for each place one of some amounts, up to the slack."""
        return self._lanes.pack([min(amounts[of_place[number]], self._slack) for number in self.order])

    def last_after(self, caps: Sequence[int], more: int, limit: int, slack: int, free: int) -> Iterator[int]:
        """Yield the places that complete a set, such that places and lines count less than a limit.

        Args:
            caps: the regret of each line at the places so far.
            more: what each place counts beside its toll, as a row.
            limit: what the last place may count, with the regrets of all lines.
            slack: what the last place may add.
            free: the places that may come last, as tops.
        """
        lanes = self._lanes
        limit = min(limit - self._first, self._slack)
        tops = free & lanes.first(bisect_left(self.adds, slack))
        if not tops or limit <= 0:
            return iter(())
        tops = lanes.first(tops.bit_length() // lanes.width)
        within = (1 << tops.bit_length()) - 1
        total = (self._all + more) & within
        for row, cap in zip(self._rows, caps, strict=True):
            if cap < self._slack:
                total -= lanes.above(row & within, cap, tops) if cap else row & within
        return lanes.numbers(lanes.below(total, limit, tops) & free)

    def without(self, free: int, rank: int) -> int:
        """Return the free places less one."""
        return free & ~self._lanes.top(rank)


def regrets_of(column: Sequence[int], least: int, slack: int) -> list[int]:
    """Return what each number is more than the least, up to a slack."""
    most = least + slack
    return [number - least if number < most else slack for number in column]
