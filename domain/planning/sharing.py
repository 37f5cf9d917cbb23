"""Sharing: which of a few places sends which lines, when all of them together have every line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from domain.planning.board import Board, Line
from domain.planning.parcels import least_of

Places = tuple[int, ...]

Move = tuple[int, int, int, int]
"""What a line counts more that goes from one of some places to another: how much, which, and from where to where."""

_FEW = 4
"""What more parcels cost at least together is not worked out: it would take long."""


class Share(NamedTuple):
    """Lines put to places.

    Attributes:
        cost: what all of it counts.
        chosen: the places.
        lines: what the lines count, without parcels.
        weights: what each place sends, in grams.
        plan: which of the places has each line.
    """

    cost: int
    chosen: Places
    lines: int
    weights: list[int]
    plan: list[int]

    @property
    def givers(self) -> list[int]:
        """The place of each line."""
        return [self.chosen[at] for at in self.plan]


class Sharing:
    """The ways to put whole lines to given places. No two lines may want the same goods."""

    def __init__(self, board: Board, lines: list[Line], spend: Callable[[], bool]) -> None:
        self._spend = spend
        self._columns = [line.cost for line in lines]
        self._grams = [line.weight for line in lines]
        self._lightest = board.lightest
        self._weight = sum(self._grams)
        self._base, self._tariffs = board.base, board.tariffs
        self._ladders = board.ladders
        self._prices = [ladder.price for ladder in board.ladders]
        self._known: dict[Places, int] = {}
        self._rows: dict[int, list[int]] = {}

    def least(self, chosen: Places) -> int:
        """Return what these places count at least when each sends something, beside the lines."""
        kinds = [self._tariffs[number] for number in chosen]
        return sum([self._base[number] for number in chosen]) + self.parcels(kinds)

    def parcels(self, tariffs: Sequence[int]) -> int:
        """Return what parcels of such places count at least."""
        kinds = tuple(sorted(tariffs))
        known = self._known.get(kinds)
        if known is None:
            known = sum([self._prices[kind](self._lightest) for kind in kinds])
            if len(kinds) <= _FEW:
                known = max(known, least_of([self._ladders[kind] for kind in kinds], self._weight))
            self._known[kinds] = known
        return known

    def cheapest(self, chosen: Places) -> Share:
        """Put each line where it counts least."""
        ways = list(zip(*map(self._row, chosen), strict=True))
        costs = list(map(min, ways))
        plan = [way.index(cost) for way, cost in zip(ways, costs, strict=True)]
        weights = [0] * len(chosen)
        for at, grams in zip(plan, self._grams, strict=True):
            weights[at] += grams
        lines = sum(costs)
        return Share(lines + self._paid(chosen, weights, plan), chosen, lines, weights, plan)

    def improve(self, share: Share, limit: int) -> tuple[Share, bool]:
        """Return the best plan that counts less than `limit`, or any; and whether every such way was looked at.

        Each way differs from the cheapest for the lines by some that go elsewhere, where they count more.
        """
        chosen, best, limit = share.chosen, share, min(share.cost, limit)
        moves = self._moves(share, limit - self.least(chosen) - share.lines)
        places = max(self.least(chosen), self._least_after(share, moves))
        ways = [(share.lines, share.weights, share.plan)]
        for regret, at, own, other in moves:
            for before, heavy, givers in ways.copy():
                lines = before + regret
                if places + lines >= limit or givers[at] != own:
                    continue
                if not self._spend():
                    return best, False
                weights, plan = heavy.copy(), givers.copy()
                weights[own] -= self._grams[at]
                weights[other] += self._grams[at]
                plan[at] = other
                ways.append((lines, weights, plan))
                cost = lines + self._paid(chosen, weights, plan)
                if cost < limit:
                    limit, best = cost, Share(cost, chosen, lines, weights, plan)
        return best, True

    def _row(self, number: int) -> list[int]:
        """Return what each line counts at a place."""
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = [column[number] for column in self._columns]
        return row

    def _moves(self, share: Share, budget: int) -> list[Move]:
        """Return which line may go from where to where, and what it counts more there, less than the budget."""
        rows = [self._row(number) for number in share.chosen]
        return sorted(
            (row[at] - rows[own][at], at, own, other)
            for at, own in enumerate(share.plan)
            for other, row in enumerate(rows)
            if other != own and row[at] - rows[own][at] < budget
        )

    def _least_after(self, share: Share, moves: list[Move]) -> int:
        """Return what the places count at least, whichever of these moves are made."""
        weights = share.weights.copy()
        for at, own in {(at, own) for _, at, own, _ in moves}:
            weights[own] -= self._grams[at]
        return sum([self._price(number, max(grams, self._lightest))
                    for number, grams in zip(share.chosen, weights, strict=True)])  # fmt: skip

    def _paid(self, chosen: Places, weights: list[int], plan: list[int]) -> int:
        """Return what the places count that have any line."""
        return sum([self._price(chosen[at], weights[at]) for at in set(plan)])

    def _price(self, number: int, grams: int) -> int:
        return self._base[number] + self._prices[self._tariffs[number]](grams)
