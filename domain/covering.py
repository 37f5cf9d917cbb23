"""Covering: sets of a few places that have every line between them, the likeliest first, each with its best shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from domain.board import Board, Line
from domain.bounds import SHORT, Bounds, numbers
from domain.draft import Part

MOST_PLACES = 4
"""Larger sets are left to the search line by line."""


class Covering:
    """A look at all plans that put whole lines to a few places. No two lines may want the same goods."""

    def __init__(self, board: Board, lines: list[Line], bounds: Bounds, spend: Callable[[int], bool]) -> None:
        self._lines, self._bounds, self._spend = lines, bounds, spend
        self._base = [place.base for place in board.places]
        self._price = [place.ladder.price for place in board.places]
        self._tariff = [place.tariff for place in board.places]
        self._grams = [line.quantity * line.grams for line in lines]
        self._lightest = min((line.grams for line in board.lines), default=0)
        self._meets: dict[int, tuple[int, ...]] = {}
        self._tried: set[tuple[int, ...]] = set()
        self.best = SHORT
        self.plan: list[tuple[Part, ...]] = []

    def try_all(self, count: int) -> bool:
        """Look at all sets of so many places that may be better than the best; False when the effort is used up."""
        parcels = self._bounds.parcels.least(count)
        rest = self._bounds.rest[0]
        return all(self._try_set(chosen) for chosen in self._sets((), rest, count, parcels))

    def greedy(self) -> None:
        """Start with places that have most lines, one by one."""
        covers, left = self._bounds.covers, self._bounds.rest[0]
        chosen: list[int] = []
        while left:
            number = max(covers, key=lambda number: ((covers[number] & left).bit_count(), -number))
            chosen.append(number)
            left &= ~covers[number]
        self._keep(chosen, [self._cheapest(at, chosen) for at in range(len(self._lines))])

    def _sets(self, chosen: tuple[int, ...], lacks: int, wanted: int, parcels: int) -> Iterator[tuple[int, ...]]:
        """Yield the sets that have the lacking lines with so many places more."""
        if not wanted:
            if not lacks:
                yield chosen
            return
        entry = self._bounds.entry
        tail = self._bounds.tail[0]
        entries = sum(entry[number] for number in chosen) + sum(entry[: wanted - 1]) + tail
        bases = sum(self._base[number] for number in chosen) + parcels + tail
        for number in self._next(lacks, wanted):
            if entries + entry[number] >= self.best:
                return
            if wanted == 1 and bases + self._base[number] >= self.best:
                continue
            if number not in chosen:
                after = lacks & ~self._bounds.covers.get(number, 0)
                yield from self._sets((*chosen, number), after, wanted - 1, parcels)

    def _next(self, lacks: int, wanted: int) -> tuple[int, ...] | range:
        """Return the places of which one has to come next."""
        if not lacks:
            return range(len(self._bounds.entry))
        key = lacks if wanted == 1 else -lacks
        known = self._meets.get(key)
        if known is None:
            bits = [self._bounds.bits[at] for at in numbers(lacks)]
            meet = min(bits, key=int.bit_count)
            for each in bits if wanted == 1 else ():
                meet &= each
            known = self._meets[key] = tuple(numbers(meet))
        return known

    def _try_set(self, chosen: tuple[int, ...]) -> bool:
        """Share the lines among these places, if that may be better; False when the effort is used up."""
        key = tuple(sorted(chosen))
        if key in self._tried:
            return True
        self._tried.add(key)
        lines = range(len(self._lines))
        ways = [sorted((line.whole[number], number) for number in key if number in line.whole) for line in self._lines]
        least = sum(options[0][0] for options in ways)
        parcels = self._bounds.parcels.least_of(tuple(sorted(self._tariff[number] for number in key)))
        low = sum(self._base[number] for number in key) + max(
            parcels, sum(self._price[number](self._lightest) for number in key)
        )
        if low + least >= self.best:
            return True
        if not self._spend(low + least):
            return False
        self._keep(key, [options[0][1] for options in ways])
        # The heaviest first: they decide about the parcels.
        order = sorted(lines, key=lambda at: (len(ways[at]) > 1, -self._grams[at], at))
        return self._share(key, ways, order, low, least)

    def _share(
        self, key: tuple[int, ...], ways: list[list[tuple[int, int]]], order: list[int], low: int, least: int
    ) -> bool:
        """Share the lines in every way that may be better; `low` is what the places count at least, `least` the lines."""
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
                self._keep(key, places)
                continue
            options = ways[order[done]]
            if len(options) > 1 and not self._spend(max(low, bases + parcels) + cost):
                return False
            for each, number in reversed(options):
                heavier = {**weights, number: weights[number] + self._grams[order[done]]}
                stack.append((done + 1, cost + each - options[0][0], heavier, (*givers, number)))
        return True

    def _cheapest(self, at: int, chosen: list[int]) -> int:
        whole = self._lines[at].whole
        return min((whole[number], number) for number in chosen if number in whole)[1]

    def _keep(self, key: tuple[int, ...] | list[int], givers: list[int]) -> None:
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
