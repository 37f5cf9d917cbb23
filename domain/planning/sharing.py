"""Sharing: which of a few places sends which lines, when all of them together have every line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.planning.board import Board, Line
from domain.planning.parcels import least_of

Places = tuple[int, ...]

Share = tuple[int, list[int]]
"""What a plan counts, and the place of each line."""

Move = tuple[int, int, int, int]
"""What a line counts more that goes from one of some places to another: how much, which, and from where to where."""

_FEW = 4
"""What more parcels cost at least together is not worked out: it would take long."""


class Sharing:
    """The ways to put whole lines to given places. No two lines may want the same goods."""

    def __init__(self, board: Board, lines: list[Line]) -> None:
        self._columns = [line.cost for line in lines]
        self._grams = [line.weight for line in lines]
        self._lightest = board.lightest
        self._weight = sum(self._grams)
        self._base, self._tariffs = board.base, board.tariffs
        self._ladders = board.ladders
        self._prices = [ladder.price for ladder in board.ladders]
        self._known: dict[Places, int] = {}
        self._rows: dict[int, list[int]] = {}

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
        plan = [way.index(min(way)) for way in zip(*map(self._row, chosen), strict=True)]
        return self._share(chosen, plan)

    def improve(self, chosen: Places, limit: int, most: int) -> tuple[Share | None, int]:
        """Return the best plan that counts less than `limit`, and how many ways were looked at: all, if at most `most`.

        Each way differs from the cheapest for the lines by some that go elsewhere, where they count more. What each
        place sends is kept side by side in one number, and so is which of the places has each line.
        """
        kinds = [self._tariffs[number] for number in chosen]
        base, prices = sum([self._base[number] for number in chosen]), [self._prices[kind] for kind in kinds]
        places = base + self.parcels(kinds)
        lines, weights, plan, moves = self._cheapest_and_moves(chosen, limit - places)
        best, looked = None, 0
        if lines + base + sum([price(grams) for price, grams in zip(prices, weights, strict=True)]) < limit:
            best = self._share(chosen, plan)
            limit = best[0]
        places = max(places, base + self._least_after(prices, weights, moves))
        if places + lines >= limit:
            return best, looked
        wide, digit = self._weight.bit_length(), len(chosen).bit_length()
        heaviest, mask = (1 << wide) - 1, (1 << digit) - 1
        parcels = [(price, at * wide) for at, price in enumerate(prices)]
        ways = [(lines, _side_by_side(weights, wide), _side_by_side(plan, digit))]
        for regret, at, own, other in sorted(moves):
            room, place = limit - places - regret, at * digit
            carried = self._grams[at] * ((1 << other * wide) - (1 << own * wide))
            more = [
                (cost + regret, weights + carried, plan + (other - own << place))
                for cost, weights, plan in ways
                if cost < room and plan >> place & mask == own
            ]
            looked += len(more)
            if looked > most:
                break
            for lines, grams, givers in more:
                cost = lines + base + sum([price(grams >> shift & heaviest) for price, shift in parcels])
                if cost < limit:
                    best = self._share(chosen, [givers >> each * digit & mask for each in range(len(self._grams))])
                    limit = best[0]
            ways += more
        return best, looked

    def _cheapest_and_moves(self, chosen: Places, budget: int) -> tuple[int, list[int], list[int], list[Move]]:
        """Return what the lines count where they count least, what each place sends, who sends each line, and moves.

        A move is left out that counts more than is left of the budget.
        """
        weights, plan, moves = [0] * len(chosen), list[int](), list[Move]()
        ways = list(zip(*map(self._row, chosen), strict=True))
        costs = list(map(min, ways))
        lines = sum(costs)
        budget -= lines
        for at, (way, cost) in enumerate(zip(ways, costs, strict=True)):
            own = way.index(cost)
            weights[own] += self._grams[at]
            plan.append(own)
            for other, amount in enumerate(way):
                if amount - cost < budget and other != own:
                    moves.append((amount - cost, at, own, other))
        return lines, weights, plan, moves

    def _least_after(self, prices: Sequence[Callable[[int], int]], weights: list[int], moves: list[Move]) -> int:
        """Return what the parcels count at least, whichever of these moves are made."""
        stays = weights.copy()
        for at, own in {(at, own) for _, at, own, _ in moves}:
            stays[own] -= self._grams[at]
        return sum([price(max(grams, self._lightest)) for price, grams in zip(prices, stays, strict=True)])

    def _share(self, chosen: Places, plan: list[int]) -> Share:
        """Return the plan in which some of these places have each line, and what it counts."""
        givers = [chosen[at] for at in plan]
        weights: dict[int, int] = {}
        for number, grams in zip(givers, self._grams, strict=True):
            weights[number] = weights.get(number, 0) + grams
        lines = sum([column[number] for column, number in zip(self._columns, givers, strict=True)])
        paid = [self._base[number] + self._prices[self._tariffs[number]](grams) for number, grams in weights.items()]
        return lines + sum(paid), givers

    def _row(self, number: int) -> list[int]:
        """Return what each line counts at a place."""
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = [column[number] for column in self._columns]
        return row


def _side_by_side(numbers: Sequence[int], wide: int) -> int:
    return sum([number << at * wide for at, number in enumerate(numbers)])
