"""Ranking: the places that may have part in a plan of so many places, the likeliest first, and which lines each has."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from heapq import nsmallest

from domain.planning.lanes import Lanes

_PAIR = 2

_SAMPLE = 64
"""So many places tell what a line counts at the better ones."""

_STEPS, _WORTH = 8, 24
"""How often the lines of larger sets are raised anew, and for how many places that pays."""


class Ranking:
    """Places, by what each adds to what every plan of so many places counts at least.

    What a line counts at least is raised, and what a place that has it for less adds is lowered by as much: so a place
    that has many lines cheaply is told from one that has few. A regret is what a line counts more at a place than at
    least, up to `slack`.

    Attributes:
        raised: by how much all lines together are.
        order: the number of each place.
        adds: what each adds; ascending.
        tolls: what each counts itself.
        caps: the regrets where no place is chosen yet.
        free: all places, as tops of lanes.
    """

    def __init__(self, rows: Sequence[int], wide: Lanes, tolls: list[int], slack: int, count: int) -> None:
        """Rank the places.

        Args:
            rows: for each line what it counts more at each place than at least.
            wide: the lanes of these rows.
            tolls: what each place counts itself, ascending.
            slack: how much more than the lines, and the lowest toll for each place, a plan may count.
            count: how many places it has.
        """
        self._slack, self._first, self._count = slack, tolls[0], count
        most = (len(rows) + 2) * slack
        self._lanes = Lanes(len(tolls), most)
        regrets = [self._lanes.taken_over(row, wide, slack) for row in rows]
        dear = [min(toll - tolls[0], slack) for toll in tolls]
        total = self._lanes.pack(dear) + sum(regrets)
        columns = [self._lanes.unpack(row) for row in regrets]
        self._raised = [_raise_of(column, slack) for column in columns]
        counts = self._counts(regrets, total)
        kept = self._kept(counts)
        if count > _PAIR and len(kept) > _WORTH:
            counts = self._climb(columns, regrets, total)
            kept = self._kept(counts)
        self.order = sorted(kept, key=counts.__getitem__)
        self.raised = sum(self._raised)
        self._lowered = tolls[0] - self.raised
        self.adds = [counts[number] + self._lowered for number in self.order]
        self.tolls = [tolls[number] for number in self.order]
        self.caps = (slack,) * len(rows)
        self._lanes = Lanes(len(kept), most)
        self.free = self._lanes.tops
        self._columns = [[column[number] for number in self.order] for column in columns]
        picked = [self._lanes.pack(column) for column in self._columns]
        self._all = self._lanes.pack([dear[number] for number in self.order]) + sum(picked)
        self._topped = [row | self.free for row in picked]
        own = self._lanes.pack([counts[number] for number in self.order])
        self._giving = [self._adds_giving(own, row, raised) for row, raised in zip(picked, self._raised, strict=True)]

    def _counts(self, regrets: list[int], total: int) -> tuple[int, ...]:
        """Return what each place adds, beside what is the same for all."""
        above = self._lanes.above
        over = sum([above(row, raised) for row, raised in zip(regrets, self._raised, strict=True)])
        return self._lanes.unpack(total - over)

    def _kept(self, counts: tuple[int, ...]) -> list[int]:
        """Return the places that may have part, when the others add as little as any."""
        most = self._slack + (self._count - 1) * (sum(self._raised) - min(counts))
        return [number for number, count in enumerate(counts) if count < most]

    def _climb(self, columns: list[tuple[int, ...]], regrets: list[int], total: int) -> tuple[int, ...]:
        """Raise lines that none of the likeliest places has for less, lower those that several have, again and again.

        What every plan counts at least climbs by that. For ten lines and a hundred places a third of the sets is left
        to look at, and all plans are proved.
        """
        least, best, counts = self._slack * self._count, self._raised, self._counts(regrets, total)
        for _ in range(_STEPS):
            tried = self._counts(regrets, total)
            likeliest = nsmallest(self._count, tried)
            room = self._slack + (self._count - 1) * sum(self._raised) - sum(likeliest)
            if room < least:
                least, best, counts = room, self._raised, tried
            if room <= 0:
                break
            self._raised = self._raised_for([tried.index(count) for count in likeliest], columns, room)
        self._raised = best
        return counts

    def _raised_for(self, numbers: list[int], columns: list[tuple[int, ...]], room: int) -> list[int]:
        """Return by how much each line is raised next, when these places are the likeliest and leave so much room."""
        lines = list(zip(columns, self._raised, strict=True))
        ways = [1 - sum([column[number] < raised for number in numbers]) for column, raised in lines]
        pace = room * 3 // (5 * max(sum([way * way for way in ways]), 1))
        return [min(max(raised + way * pace, 0), self._slack) for way, (_, raised) in zip(ways, lines, strict=True)]

    def _adds_giving(self, own: int, regrets: int, raised: int) -> int:
        """Return what each place adds when a line comes from there, as a row; the most where it may not."""
        lanes = self._lanes
        lacks = lanes.tops & ~lanes.below(regrets, self._slack)
        return own + lanes.above(regrets, raised) | lanes.filled(lacks)

    def with_place(self, caps: Sequence[int], rank: int) -> tuple[int, ...]:
        """Return the regret of each line when one more place is chosen."""
        return tuple(map(min, caps, [column[rank] for column in self._columns]))

    def next_after(self, caps: Sequence[int], slack: int, free: int) -> Iterator[int]:
        """Return the places of which one has to come next, by rank.

        Args:
            caps: the regret of each line at the places so far.
            slack: what the next place and the lines may add.
            free: the places that may come next, as tops.
        """
        lanes = self._lanes
        candidates = free & lanes.first(bisect_left(self.adds, slack))
        if candidates:
            rest = slack - self.adds[(candidates & -candidates).bit_length() // lanes.width - 1]
            lines = zip(self._giving, caps, self._raised, strict=True)
            lacks = [row for row, cap, raised in lines if cap >= min(rest + raised, self._slack)]
            limit = min(slack - self._lowered, lanes.most)
            near = [lanes.below(row, limit) & candidates for row in lacks]
            candidates = min(near, key=int.bit_count, default=candidates)
        return lanes.numbers(candidates)

    def row_of(self, amounts: Sequence[int], of_place: Sequence[int]) -> int:
        """Return a row that has for each place one of some amounts, up to the slack."""
        return self._lanes.pack([min(amounts[of_place[number]], self._slack) for number in self.order])

    def last_after(
        self, caps: Sequence[int], more: int, limit: int, slack: int, free: int
    ) -> Iterator[tuple[int, int]]:
        """Yield the places that complete a set, and what each counts then with the regrets of all lines.

        Args:
            caps: the regret of each line at the places so far.
            more: what each place counts beside its toll, as a row.
            limit: what that has to be less than.
            slack: what the last place may add.
            free: the places that may come last, as tops.
        """
        lanes = self._lanes
        limit = min(limit - self._first, self._slack)
        within = lanes.first(bisect_left(self.adds, slack))
        if limit <= 0 or not free & within:
            return
        # As Lanes.above and below, but on the first places alone: these lines run more often than any other.
        shift, ones, tops = lanes.width - 1, lanes.ones & within, lanes.tops & within
        total = self._all + more & within
        for row, cap in zip(self._topped, caps, strict=True):
            if cap < self._slack:
                over = (row & within) - cap * ones
                marks = over & tops
                total -= over & marks - (marks >> shift)
        for rank in lanes.numbers(free & within & ~((total | tops) - limit * ones)):
            yield rank, self._first + (total >> rank * lanes.width & lanes.most)

    def without(self, free: int, rank: int) -> int:
        """Return the free places less one of them."""
        return free ^ self._lanes.top(rank)


def _raise_of(column: Sequence[int], slack: int) -> int:
    """Return what a line counts more at one of the better places, where that tells them from the others."""
    sample = sorted(column[:: -(-len(column) // _SAMPLE)])
    return min(sample[len(sample) // 5], slack // 3)
