"""The search for the best plan on a board: branch and bound, exact where its effort suffices, else with a known gap.

What is looked at: each line goes whole from one place, or is split over several places of which all but one give all
they have left. Lines that the fewest places have come first. Fewer lines left short comes before any cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from domain.planning.board import SHORT, Board
from domain.planning.bounds import Bounds
from domain.planning.covering import Covering
from domain.planning.draft import Draft, Part
from domain.planning.splitting import Option, splits

_TWO = 2
_SPENT = 4
_DEEP = 35
"""Of an order with more lines fewer partial plans are looked at, since each takes longer."""


@dataclass(frozen=True)
class Best:
    """The best plan found.

    Attributes:
        taken: for each line of the board its parts; none when it is short.
        cost: what it counts, each fulfillment order with its share of the split.
        bound: no plan counts less than this.
        nodes: how many partial plans were looked at.
    """

    taken: tuple[tuple[Part, ...], ...]
    cost: int
    bound: int
    nodes: int


class Search:
    """One search; `run` is called once."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._all = board.lines
        able = [number for number, line in enumerate(board.lines) if line.is_able]
        self._order = sorted(able, key=lambda number: (board.lines[number].places, number))
        self._lines = [board.lines[number] for number in self._order]
        self._split_line = board.snapshot.policy.split_line
        self._fresh: list[list[tuple[int, int]] | None] = [None] * len(self._lines)
        self._draft = Draft(board)
        self._covered = 0
        self._effort = board.snapshot.policy.effort
        self.nodes = 0
        self._floor: int | None = None
        self._best: int = SHORT * (len(self._lines) + 1)
        self._plan: list[tuple[Part, ...]] = [()] * len(self._lines)

    @cached_property
    def _bounds(self) -> Bounds:
        return Bounds(self._board, self._lines)

    def run(self) -> Best:
        """Return the best plan; what can be served nowhere is left short."""
        hopeless = (len(self._all) - len(self._lines)) * SHORT
        if not self._board.terms.may_split:
            return self._run_unsplit(hopeless)
        if not self._lines or any(not line.places or line.contested for line in self._lines):
            self._dive_in()
            bound = self._best if self._floor is None else min(self._best, self._floor)
        else:
            bound = self._cover()
        return Best(self._in_order(self._plan), self._best + hopeless, bound + hopeless, self.nodes)

    def _run_unsplit(self, hopeless: int) -> Best:
        """Return the best plan of one place; where there is none all is left short."""
        self._try_singles()
        if hopeless or self._best >= SHORT:
            cost = SHORT * len(self._all)
            return Best(((),) * len(self._all), cost, cost, self.nodes)
        return Best(self._in_order(self._plan), self._best, self._best, self.nodes)

    def _cover(self) -> int:
        """Look at sets of places, and line by line where a split line may be better; return the bound."""
        covering = Covering(self._board, self._lines, self._effort)
        covering.run()
        self.nodes = covering.looked
        self._best, self._plan = covering.best, covering.parts()
        bound = min(covering.best, covering.floor)
        if bound < self._best:
            # Where sets took all the effort there is little to find line by line.
            rest = self._effort // _SPENT if covering.is_spent else self._effort * _DEEP // max(_DEEP, len(self._lines))
            self._effort = self.nodes + rest
            self._dive_in()
            bound = max(bound, self._best if self._floor is None else min(self._best, self._floor))
        return min(bound, self._best)

    def _dive_in(self) -> None:
        """Look at plans line by line."""
        if self._best >= SHORT:
            self._try_singles()
        self._bounds.look_at(self._best)
        if self._best >= SHORT:
            self._try_cover()
        self._dive(0, 0, 0, self._bound(0, (), 0, 0))

    def _in_order(self, plan: list[tuple[Part, ...]]) -> tuple[tuple[Part, ...], ...]:
        taken: list[tuple[Part, ...]] = [()] * len(self._all)
        for number, parts in zip(self._order, plan, strict=True):
            taken[number] = parts
        return tuple(taken)

    def _try_singles(self) -> None:
        """Take the best place that has everything."""
        if not self._lines:
            return
        board, grams = self._board, sum(line.weight for line in self._lines)
        meet = set(self._lines[0].whole).intersection(*(line.whole for line in self._lines[1:]))
        least = board.prices.carry(grams) + sum(line.least for line in self._lines)
        for number in sorted(meet):
            if board.toll[number] + least >= self._best:
                return
            cost = board.base[number] + board.parcel(number, grams) + sum(line.cost[number] for line in self._lines)
            if cost < self._best and self._has_all(number):
                self._best = cost
                self._plan = [((number, line.quantity),) for line in self._lines]

    def _has_all(self, number: int) -> bool:
        if not any(line.contested for line in self._lines):
            return True
        code, stock = self._board.codes[number], self._board.snapshot.stock
        wanted: dict[str, int] = {}
        for line in self._lines:
            for sku, each in line.needs:
                wanted[sku] = wanted.get(sku, 0) + each * line.quantity
        return all(stock[sku].get(code, 0) >= units for sku, units in wanted.items())

    def _try_cover(self) -> None:
        """Start with a plan that is good enough to cut away most others: places that have most lines, one by one."""
        left = sum(1 << depth for depth, line in enumerate(self._lines) if line.whole)
        chosen: set[int] = set()
        while left:
            count, _, number = max(
                ((mask & left).bit_count(), -number, number) for number, mask in self._bounds.covers.items()
            )
            if not count:
                break
            chosen.add(number)
            left &= ~self._bounds.covers[number]
        self._follow(chosen)

    def _follow(self, chosen: set[int]) -> None:
        """Put each line where it is cheapest among the chosen places, or else anywhere."""
        spent = 0
        for depth in range(len(self._lines)):
            best: Option | None = None
            for added, parts in self._options(depth, spent):
                if len(parts) > 1 or any(number in chosen for number, _ in parts):
                    best = (added, parts)
                    break
                best = best or (added, parts)
            added, parts = best or (SHORT, ())
            self._draft.take(self._lines[depth], parts)
            spent += added
        if spent < self._best:
            self._best, self._plan = spent, list(self._draft.taken)
        while self._draft.taken:  # back to the empty board
            self._draft.give_back(self._lines[len(self._draft.taken) - 1])

    def _dive(self, depth: int, spent: int, lean: int, least: int) -> None:
        """Try what can be done with the next line.

        Args:
            depth: which line.
            spent: what the lines before count.
            lean: the same with every parcel at its toll and by the gram.
            least: what every plan that begins so counts at least.
        """
        if depth == len(self._lines):
            if spent < self._best:
                self._best, self._plan = spent, list(self._draft.taken)
            return
        line, draft = self._lines[depth], self._draft
        for added, parts in self._options(depth, spent):
            then, leaner = spent + added, lean + self._lean(depth, added, parts)
            low = self._bound(depth + 1, parts, then, leaner)
            if low >= self._best:
                continue
            if not self.spend(low):
                rest = spent + self._bounds.tail[depth + 1] + min(added, self._bounds.split_least[depth])
                self._lower_floor(max(least, rest))
                return
            covered = self._covered
            draft.take(line, parts)
            for number, _ in parts:
                self._covered |= self._bounds.covers.get(number, 0)
            self._dive(depth + 1, then, leaner, low)
            draft.give_back(line)
            self._covered = covered

    def _lean(self, depth: int, added: int, parts: tuple[Part, ...]) -> int:
        """Return what an option counts with its parcels at their tolls and by the gram."""
        if not parts:
            return added
        line, lean = self._lines[depth], self._bounds.by_gram[depth] + (len(parts) - 1) * self._split_line
        for number, units in parts:
            whole = units == line.quantity
            lean += line.whole[number] if whole else self._board.line_cost(line, number, units)
            if number not in self._draft.open:
                lean += self._board.toll[number]
        return lean

    def worth(self, cost: int) -> bool:
        """Tell whether a plan that counts at least so much can still be the best."""
        return cost < self._best

    def spend(self, cost: int) -> bool:
        """Look at one more partial plan; False when the effort is used up, and then what was left out may be better."""
        if self.nodes >= self._effort:
            self._lower_floor(cost)
            return False
        self.nodes += 1
        return True

    def _lower_floor(self, low: int) -> None:
        self._floor = low if self._floor is None else min(self._floor, low)

    def _bound(self, depth: int, parts: tuple[Part, ...], spent: int, lean: int) -> int:
        """Return what a plan counts at least in which the line before goes to these parts."""
        draft, covered = self._draft, self._covered
        opened = len(draft.open)
        for number, _ in parts:
            if number not in draft.open:
                covered |= self._bounds.covers.get(number, 0)
                opened += 1
        return self._bounds.least(depth, spent, lean, covered, opened)

    def _options(self, depth: int, spent: int) -> Iterator[Option]:
        """Yield what can be done with a line: at open places, at others from the cheapest up, split, left short."""
        line, limit = self._lines[depth], spent + self._bounds.tail[depth + 1]
        draft, grams = self._draft, line.weight
        here = sorted(
            (line.whole[number] + draft.parcel(number, grams), number) for number in draft.open if number in line.whole
        )
        for added, number in here:
            if not line.contested or draft.left(line, number) >= line.quantity:
                yield added, ((number, line.quantity),)
        for added, number in self._fresh_places(depth):
            if limit + added >= self._best:
                break
            if number not in self._draft.open and (not line.contested or draft.left(line, number) >= line.quantity):
                yield added, ((number, line.quantity),)
        if self._bounds.splittable[depth] and self._may_be_split(depth, limit):
            yield from splits(line, draft, self._split_line, limit, self)
        yield SHORT, ()

    def _may_be_split(self, depth: int, limit: int) -> bool:
        """Tell whether a split line can be part of a better plan; where nothing is open, it opens two places."""
        missing = max(_TWO - len(self._draft.open), 0)
        return limit + self._bounds.split_least[depth] + self._bounds.entries[missing] < self._best

    def _fresh_places(self, depth: int) -> list[tuple[int, int]]:
        fresh = self._fresh[depth]
        if fresh is None:
            line = self._lines[depth]
            grams, base, parcel = line.weight, self._board.base, self._board.parcel
            ways = self._bounds.ways[depth] if line.whole else []
            fresh = sorted((base[number] + parcel(number, grams) + cost, number) for number, cost in ways)
            self._fresh[depth] = fresh
        return fresh
