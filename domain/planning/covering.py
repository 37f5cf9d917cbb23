"""Covering: sets of a few places that have every line between them, the likeliest first, each with its best shares."""

from __future__ import annotations

from collections.abc import Sequence

from domain.planning.board import SHORT, Board, Line
from domain.planning.lanes import WIDEST
from domain.planning.ranking import Ranking
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
        self._split = [least_split(board, line) for line in lines]
        self._least = list(map(min, (line.least for line in lines), self._split))
        self._low = sum(self._least)
        ones = board.lanes.ones
        self._rows = [line.row - low * ones for line, low in zip(lines, self._least, strict=True)]
        self._carry = board.prices.carry(sum(line.weight for line in lines))
        self._sharing = Sharing(board, lines)
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
        start = Start(self._board, self._lines, self._least, self._rows, many=many)
        for chosen in [start.wide_set()] if many else start.sets():
            self._keep(*self._sharing.cheapest(chosen))
            if not many:
                self._improve(chosen)
        count = _TWO
        while count <= len(self._board.toll) and self._least_of(count) < self.best:
            if many or self.best > WIDEST // (len(self._lines) + 2):
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
        return self._carry + self._low + sum(toll[:count])

    def _look_at(self, count: int) -> None:
        """Look at all sets of so many places that may be better than the best.

        Lines that some better plan may split are taken to be split for what that counts at least.
        """
        rows, toll, lanes = list(self._rows), self._board.toll, self._board.lanes
        slack = self.best - self._carry - self._low - count * toll[0]
        self._parted = [at for at, split in enumerate(self._split) if split - self._least[at] < slack]
        for at in self._parted:
            line, least, split = self._lines[at], self._least[at], self._split[at]
            ways = zip(line.cost, line.units, strict=True)
            rows[at] = lanes.pack([(min(cost, split) if units else cost) - least for cost, units in ways])
        ranking = self._ranking = Ranking(rows, lanes, toll, slack, count)
        self._begun, self._more, self._lowest = [], {}, SHORT
        if ranking.order:
            sure = self._carry + self._low + ranking.raised + (count - 1) * ranking.adds[0]
            self._extend((), ranking.caps, sure, ranking.free, count)
        self._finish()

    def _extend(self, chosen: tuple[int, ...], caps: Sequence[int], sure: int, free: int, wanted: int) -> None:
        """Look at all sets of these places and so many free ones that may be better.

        Args:
            chosen: the places so far, by their rank.
            caps: the regret of each line at them.
            sure: what every such set counts at least beside its next place.
            free: the places that may come next, as tops.
            wanted: how many are still to come.
        """
        ranking, adds = self._ranking, self._ranking.adds
        if wanted == 1:
            places = tuple([ranking.order[rank] for rank in chosen])
            paid = self._carry + self._low + sum([ranking.tolls[rank] for rank in chosen])
            more = self._beside_tolls(places)
            for rank, last in ranking.last_after(caps, more, self.best - paid, self.best - sure, free):
                self._try_set((*places, ranking.order[rank]), paid + last)
            return
        for rank in ranking.next_after(caps, self.best - sure, free):
            if sure + adds[rank] >= self.best:
                return
            if not self._spend():
                self.floor = min(self.floor, sure + adds[rank])
                return
            free = ranking.without(free, rank)
            then = sure + adds[rank] - adds[0]
            self._extend((*chosen, rank), ranking.with_place(caps, rank), then, free, wanted - 1)

    def _beside_tolls(self, chosen: Sequence[int]) -> int:
        """Return what each place counts more, after these, than its toll and the grams do, as a row."""
        tariffs, tolls = self._board.tariffs, self._board.prices.tolls
        if len(tolls) > _FEW:
            return 0
        kinds = tuple([tariffs[number] for number in chosen])
        row = self._more.get(kinds)
        if row is None:
            paid = self._carry + sum([tolls[kind] for kind in kinds])
            more = [max(self._sharing.parcels((*kinds, kind)) - paid - toll, 0) for kind, toll in enumerate(tolls)]
            row = self._more[kinds] = self._ranking.row_of(more, tariffs)
        return row

    def _try_set(self, chosen: tuple[int, ...], least: int) -> None:
        """Look at places that have every line and count at least so much with them."""
        if least >= self.best:
            return
        for at in self._parted:
            self._note_split(at, chosen, least)
        self._lowest = min(self._lowest, least)
        if 2 * least <= self._lowest + self.best:
            self._keep(*self._sharing.cheapest(chosen))
        self._begun.append((least, chosen))

    def _finish(self) -> None:
        """Share the lines in every other way that may be better, where most can be won first."""
        for least, chosen in sorted(self._begun):
            if least >= self.best:
                return
            if not self._improve(chosen):
                self.floor = min(self.floor, least)
                return

    def _improve(self, chosen: tuple[int, ...]) -> bool:
        """Share the lines among these places in every way that may be better; False where the effort is used up."""
        most = 0 if self.is_spent else self._effort * _WAYS - self._ways
        better, looked = self._sharing.improve(chosen, self.best, most)
        self._ways += looked
        if better:
            self._keep(*better)
        return looked <= most

    def _note_split(self, at: int, chosen: tuple[int, ...], low: int) -> None:
        """Note that some better plan may split a line over places of this set."""
        line = self._lines[at]
        departures = self._board.departures
        giving = [number for number in chosen if line.units[number]]
        if len(giving) > 1 and sum(line.units[number] for number in giving) >= line.quantity:
            first, second = sorted(departures.standing(line.demand, number) for number in giving)[:2]
            split = first + second + self._board.snapshot.policy.split_line
            whole = min(self._split[at], *(line.cost[number] for number in chosen))
            self.floor = min(self.floor, low + max(split - whole, 0))

    def _spend(self) -> bool:
        """Look at one more begun set; False when the effort is used up."""
        self._sets += 1
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
