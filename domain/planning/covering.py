"""Covering: sets of a few places that have every line between them, the likeliest first, each with its best shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from domain.planning.board import Board, Line
from domain.planning.bounds import SHORT, Bounds, numbers
from domain.planning.draft import Part

MOST_LINES = 20
MOST_PLACES = 4
"""More lines, and larger sets, are left to the search line by line."""

_MOST_LOOKS = 6000
"""How many sets, whole or begun, are looked at beside the effort, which pays for sharing lines among them."""


class Covering:
    """A look at all plans that put whole lines to a few places. No two lines may want the same goods."""

    def __init__(self, board: Board, lines: list[Line], bounds: Bounds, spend: Callable[[int], bool]) -> None:
        self._lines, self._bounds, self._spend = lines, bounds, spend
        self._base = [place.base for place in board.places]
        self._price = [place.ladder.price for place in board.places]
        self._tariff = [place.tariff for place in board.places]
        self._grams = [line.quantity * line.grams for line in lines]
        self._lightest = min((line.grams for line in board.lines), default=0)
        self._least = [min(line.whole.values()) for line in lines]
        self._known: dict[tuple[int, bool], list[tuple[int, int]]] = {}
        self._rows: dict[int, list[int]] = {}
        self._looks = 0
        self._tried: set[tuple[int, ...]] = set()
        self.best = SHORT
        self.plan: list[tuple[Part, ...]] = []

    def try_all(self, count: int) -> bool:
        """Look at all sets of so many places that may be better than the best; False when there are too many."""
        parcels = self._bounds.parcels.least(count)
        begun = self._bounds.tail[0]
        for chosen in self._sets((), self._bounds.rest[0], count, begun, begun + parcels):
            if not self._try_set(chosen):
                return False
        return self._looks < _MOST_LOOKS

    def may_part(self, at: int, extra: int) -> bool:
        """Tell whether two places may have all lines but this one for less, when it is split and counts more for it."""
        low, lacks = self._bounds.tail[0] + extra, self._bounds.rest[0] & ~(1 << at)
        if not lacks:
            return True
        for regret, number in self._next(lacks, 2):
            if low + regret + self._bounds.entry[0] >= self.best:
                return False
            after = lacks & ~self._bounds.covers.get(number, 0)
            others = self._next(after, 1) if after else []
            if not after or (others and low + regret + others[0][0] < self.best):
                return True
        return False

    def greedy(self) -> None:
        """Start with places that have lines for least, each with its share of the entry, one by one."""
        left, chosen = set(range(len(self._lines))), list[int]()
        while left:
            sums, counts = dict[int, int](), dict[int, int]()
            for at in left:
                least = self._least[at]
                for number, cost in self._bounds.ways[at]:
                    sums[number] = sums.get(number, 0) + cost - least
                    counts[number] = counts.get(number, 0) + 1
            if not sums:
                return
            entry = self._bounds.entry
            # What the places cost that are needed still if all had as many lines as this one.
            number = min(
                sums, key=lambda number: ((entry[number] + sums[number]) * -(-len(left) // counts[number]), number)
            )
            chosen.append(number)
            left = {at for at in left if number not in self._lines[at].whole}
        self._keep([self._cheapest(at, chosen) for at in range(len(self._lines))])

    def _sets(
        self, chosen: tuple[int, ...], lacks: int, wanted: int, low: int, lower: int
    ) -> Iterator[tuple[int, ...]]:
        """Yield the sets that have the lacking lines with so many places more.

        Args:
            chosen: the places so far.
            lacks: the lines that none of them has, as bits.
            wanted: how many more places.
            low: what a plan counts at least with the entries so far.
            lower: the same with the least of all parcels instead of the lightest.
        """
        if not wanted:
            if not lacks:
                yield chosen
            return
        further = sum(self._bounds.entry[: wanted - 1])
        for regret, number in self._next(lacks, wanted):
            entry = self._bounds.entry[number]
            if low + further + regret >= self.best or self._looks >= _MOST_LOOKS:
                return
            base = lower + regret - entry + self._base[number]
            if number in chosen or base >= self.best:
                continue
            self._looks += 1
            after = lacks & ~self._bounds.covers.get(number, 0)
            yield from self._sets((*chosen, number), after, wanted - 1, low + regret, base)

    def _next(self, lacks: int, wanted: int) -> list[tuple[int, int]]:
        """Return the places of which one has to come next, and what each counts more than the lines do anyway."""
        known = self._known.get((lacks, wanted == 1))
        if known is None:
            lines = list(numbers(lacks))
            if not lines:
                known = self._extras()
            else:
                if wanted > 1:
                    lines = [min(lines, key=lambda at: self._bounds.bits[at].bit_count())]
                meet = -1
                for at in lines:
                    meet &= self._bounds.bits[at]
                known = sorted((self._regret(number, lines), number) for number in numbers(meet))
            self._known[lacks, wanted == 1] = known
        return known

    def _regret(self, number: int, lines: list[int]) -> int:
        """Return what it counts more than the cheapest places for these lines, that this one opens and serves them."""
        more = [self._lines[at].whole[number] - self._least[at] for at in lines]
        return self._bounds.entry[number] + sum(more)

    def _extras(self) -> list[tuple[int, int]]:
        """Return all places; each serves the line at least that it serves best."""
        least: dict[int, int] = {}
        for at, line in enumerate(self._lines):
            for number in numbers(self._bounds.bits[at]):
                more = line.whole[number] - self._least[at]
                least[number] = min(least.get(number, more), more)
        return sorted((self._bounds.entry[number] + more, number) for number, more in least.items())

    def _try_set(self, chosen: tuple[int, ...]) -> bool:
        """Share the lines among these places, if that may be better; False when the effort is used up."""
        key = tuple(sorted(chosen))
        if key in self._tried:
            return True
        self._tried.add(key)
        self._looks += 1
        least = sum(map(min, *[self._row(number) for number in key]))
        parcels = self._bounds.parcels.least_of(tuple(sorted(self._tariff[number] for number in key)))
        low = sum(self._base[number] for number in key) + max(
            parcels, sum(self._price[number](self._lightest) for number in key)
        )
        if low + least >= self.best:
            return True
        if not self._spend(low + least):
            return False
        ways = [sorted((line.whole[number], number) for number in key if number in line.whole) for line in self._lines]
        self._keep([options[0][1] for options in ways])
        # The heaviest first: they decide about the parcels.
        order = sorted(range(len(self._lines)), key=lambda at: (len(ways[at]) > 1, -self._grams[at], at))
        return self._share(key, ways, order, low, least)

    def _share(
        self, key: tuple[int, ...], ways: list[list[tuple[int, int]]], order: list[int], low: int, least: int
    ) -> bool:
        """Share the lines in every way that may be better; the places count at least `low`, the lines `least`."""
        bases = sum(self._base[number] for number in key)
        # Each entry: how many lines are shared, what the lines count at least, the weight of each place, who has what.
        stack: list[tuple[int, int, dict[int, int], tuple[int, ...]]] = [(0, least, dict.fromkeys(key, 0), ())]
        while stack:
            done, cost, weights, givers = stack.pop()
            parcels = sum(self._price[number](max(grams, self._lightest)) for number, grams in weights.items())
            if max(low, bases + parcels) + cost >= self.best:
                continue
            if done == len(order):
                places = [number for _, number in sorted(zip(order, givers, strict=True))]
                self._keep(places)
                continue
            options = ways[order[done]]
            if len(options) > 1 and not self._spend(max(low, bases + parcels) + cost):
                return False
            for each, number in reversed(options):
                heavier = {**weights, number: weights[number] + self._grams[order[done]]}
                stack.append((done + 1, cost + each - options[0][0], heavier, (*givers, number)))
        return True

    def _row(self, number: int) -> list[int]:
        """Return what each line counts at a place."""
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = [line.whole.get(number, SHORT) for line in self._lines]
        return row

    def _cheapest(self, at: int, chosen: list[int]) -> int:
        whole = self._lines[at].whole
        return min((whole[number], number) for number in chosen if number in whole)[1]

    def _keep(self, givers: list[int]) -> None:
        """Remember a plan, given by the place of each line, if it is the best so far."""
        weights: dict[int, int] = {}
        cost = 0
        for line, number, grams in zip(self._lines, givers, self._grams, strict=True):
            weights[number] = weights.get(number, 0) + grams
            cost += line.whole[number]
        cost += sum(self._base[number] + self._price[number](grams) for number, grams in weights.items())
        if cost < self.best:
            self.best = cost
            self.plan = [((number, line.quantity),) for line, number in zip(self._lines, givers, strict=True)]
