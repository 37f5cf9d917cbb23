"""Covering: sets of a few places that have every line between them, the likeliest first, each with its best shares."""

from __future__ import annotations

from collections.abc import Sequence

from domain.planning.board import SHORT, Board, Line
from domain.planning.ranking import WIDEST, Ranking
from domain.planning.sharing import Sharing
from domain.planning.starting import Start, best_single

_SETS, _WAYS = 2, 5
"""How many begun sets, and ways to share lines among one, are looked at for each plan that the effort pays for."""

_MANY = 20
"""Of an order with more lines no sets are looked at: there are too many."""

_TWO = 2

_FEW = 6
"""Where there are more ladders, parcels are priced when a set is found."""


class Covering:
    """A look at all plans that put whole lines to places. No two lines may want the same goods.

    Attributes:
        best: what the best plan so far counts.
        plan: the place of each line in it.
        floor: what plans count at least that were not looked at, for want of effort or because they split a line.
    """

    def __init__(self, board: Board, lines: list[Line], effort: int) -> None:
        self._board, self._lines = board, lines
        self._columns = [line.cost for line in lines]
        self._split = [least_split(board, line) for line in lines]
        self._least = list(map(min, (line.least for line in lines), self._split))
        self._carry = board.prices.carry(sum(line.weight for line in lines))
        self._sharing = Sharing(board, lines, self._spend_on_way)
        self._effort = effort
        self._sets = self._ways = 0
        self._parted: list[int] = []
        self._begun: list[tuple[int, tuple[int, ...]]] = []
        self._more: dict[tuple[int, ...], int] = {}
        self._lowest: int = SHORT
        self.best: int = SHORT * (len(lines) + 1)
        self.floor: int = self.best
        self.plan: list[int] = []

    def run(self) -> None:
        """Find the best plan: of one place, or of some that may be better together."""
        single = best_single(self._board, self._lines)
        if single is not None:
            self._keep(single[0], [single[1]] * len(self._lines))
        if self._least_of(_TWO) >= self.best:
            return
        many = len(self._lines) > _MANY
        start = Start(self._board, self._lines, self._least, many=many)
        for chosen in [start.wide_set()] if many else start.sets():
            share = self._sharing.cheapest(chosen)
            self._keep(share.cost, share.givers)
        count = _TWO
        while count <= len(self._board.toll) and self._least_of(count) < self.best:
            if many or self.best >= WIDEST // (len(self._lines) + 2):
                self.floor = min(self.floor, self._least_of(count))
                return
            self._look_at(count)
            count += 1

    @property
    def looked(self) -> int:
        """How many sets, and ways to share lines among one, were looked at."""
        return self._sets + self._ways

    @property
    def is_spent(self) -> bool:
        """Whether the effort is used up."""
        return self._sets > self._effort * _SETS or self._ways > self._effort * _WAYS

    def _least_of(self, count: int) -> int:
        """Return what plans of so many places count at least."""
        toll = self._board.toll
        if len(toll) < count:
            return self.best
        return self._carry + sum(self._least) + sum(toll[:count])

    def _look_at(self, count: int) -> None:
        """Look at all sets of so many places that may be better than the best.

        Lines that some better plan may split are taken to be split for what that counts at least.
        """
        columns, toll = list(self._columns), self._board.toll
        slack = self.best - self._carry - sum(self._least) - count * toll[0]
        self._parted = [at for at, split in enumerate(self._split) if split - self._least[at] < slack]
        for at in self._parted:
            line, split = self._lines[at], self._split[at]
            columns[at] = [
                min(cost, split) if units else cost for cost, units in zip(line.cost, line.units, strict=True)
            ]
        ranking = Ranking(columns, toll, self._least, slack, count)
        self._begun, self._more, self._lowest = [], {}, SHORT
        if ranking.order:
            self._extend(ranking, (), ranking.caps, ranking.free, count)
        self._finish()

    def _extend(self, ranking: Ranking, chosen: tuple[int, ...], caps: Sequence[int], free: int, wanted: int) -> None:
        """Look at all sets of these places and so many free ones that may be better.

        Args:
            ranking: of the places.
            chosen: the places so far, by their rank.
            caps: the regret of each line at them.
            free: the places that may come next, as tops.
            wanted: how many are still to come.
        """
        adds = ranking.adds
        sure = self._carry + ranking.sure + sum([adds[rank] for rank in chosen]) + (wanted - 1) * adds[0]
        if wanted == 1:
            paid = self._carry + sum(self._least) + sum([ranking.tolls[rank] for rank in chosen])
            more = self._beside_tolls(ranking, [ranking.order[rank] for rank in chosen])
            for rank in ranking.last_after(caps, more, self.best - paid, self.best - sure, free):
                self._try_set(
                    tuple([ranking.order[each] for each in (*chosen, rank)]), sum(map(min, caps, ranking.regrets[rank]))
                )
            return
        for rank in ranking.next_after(caps, self.best - sure, free):
            if sure + adds[rank] >= self.best:
                return
            if not self._spend():
                self.floor = min(self.floor, sure + adds[rank])
                return
            free = ranking.without(free, rank)
            best = tuple(map(min, caps, ranking.regrets[rank]))
            self._extend(ranking, (*chosen, rank), best, free, wanted - 1)

    def _beside_tolls(self, ranking: Ranking, chosen: list[int]) -> int:
        """Return what each place counts more, after these, than its toll and the grams do, as a row."""
        tariffs, tolls = self._board.tariffs, self._board.prices.tolls
        if len(tolls) > _FEW:
            return 0
        kinds = tuple(sorted([tariffs[number] for number in chosen]))
        row = self._more.get(kinds)
        if row is None:
            paid = self._carry + sum([tolls[kind] for kind in kinds])
            more = [max(self._sharing.parcels((*kinds, kind)) - paid - toll, 0) for kind, toll in enumerate(tolls)]
            row = self._more[kinds] = ranking.row_of(more, tariffs)
        return row

    def _try_set(self, chosen: tuple[int, ...], regret: int) -> None:
        """Put the lines, which count so much more than at least, to the cheapest of these places."""
        least = self._sharing.least(chosen) + sum(self._least) + regret
        if least >= self.best:
            return
        for at in self._parted:
            self._note_split(at, chosen, least)
        self._lowest = min(self._lowest, least)
        if 2 * least <= self._lowest + self.best:
            share = self._sharing.cheapest(chosen)
            self._keep(share.cost, share.givers)
        self._begun.append((least, chosen))

    def _finish(self) -> None:
        """Share the lines in every other way that may be better, where most can be won first."""
        for least, chosen in sorted(self._begun):
            if least >= self.best:
                return
            better, is_all = self._sharing.improve(self._sharing.cheapest(chosen), self.best)
            self._keep(better.cost, better.givers)
            if not is_all:
                self.floor = min(self.floor, least)
                return

    def _note_split(self, at: int, chosen: tuple[int, ...], low: int) -> None:
        """Note that some better plan may split a line over places of this set."""
        line = self._lines[at]
        departures = self._board.departures
        giving = [number for number in chosen if line.units[number]]
        if len(giving) > 1 and sum(line.units[number] for number in giving) >= line.quantity:
            first, second = sorted(departures.standing(line.demand, number) for number in giving)[:2]
            split = first + second + self._board.snapshot.policy.split_line
            whole = min(self._split[at], *(self._columns[at][number] for number in chosen))
            self.floor = min(self.floor, low + max(split - whole, 0))

    def _spend(self) -> bool:
        """Look at one more begun set; False when the effort is used up."""
        self._sets += 1
        return not self.is_spent

    def _spend_on_way(self) -> bool:
        """Look at one more way to share lines; False when the effort is used up."""
        self._ways += 1
        return not self.is_spent

    def _keep(self, cost: int, plan: list[int]) -> None:
        if cost < self.best:
            self.best, self.plan = cost, plan


def least_split(board: Board, line: Line) -> int:
    """Return what a line counts at least that is split; SHORT where it cannot be."""
    if line.quantity == 1 or len(board.places) == 1:
        return SHORT
    places = max(line.fewest_places, 2)
    return (places - 1) * board.snapshot.policy.split_line + places * board.departures.least(line.demand)
