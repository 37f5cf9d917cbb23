"""The search for the best plan on a board: branch and bound, exact where its effort suffices, else with a known gap.

What is looked at: each line goes whole from one place, or is split over several places of which all but one give all
they have left. Lines that the fewest places have come first. Fewer lines left short comes before any cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.planning.board import Board
from domain.planning.bounds import SHORT, Bounds
from domain.planning.covering import MOST_LINES, MOST_PLACES, Covering
from domain.planning.draft import Draft, Part
from domain.planning.splitting import Option, splits

_TWO = 2


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
        self._order = sorted(able, key=lambda number: (len(board.lines[number].whole), number))
        self._lines = [board.lines[number] for number in self._order]
        self._base = [place.base for place in board.places]
        self._price = [place.ladder.price for place in board.places]
        self._split_line = board.snapshot.policy.split_line
        self._bounds = Bounds(board, self._lines)
        self._fresh: list[list[tuple[int, int]] | None] = [None] * len(self._lines)
        self._draft = Draft(board)
        self._covered = 0
        self._effort = board.snapshot.policy.effort
        self.nodes = 0
        self._floor: int | None = None
        self._best = SHORT * (len(self._lines) + 1)
        self._plan: list[tuple[Part, ...]] = [()] * len(self._lines)

    def run(self) -> Best:
        """Return the best plan; what can be served nowhere is left short."""
        hopeless = (len(self._all) - len(self._lines)) * SHORT
        if not self._board.terms.may_split:
            self._try_singles()
            whole = hopeless == 0 and self._best < SHORT
            plan = self._plan if whole else [()] * len(self._lines)
            cost = self._best if whole else SHORT * len(self._all)
            return Best(self._in_order(plan), cost, cost, self.nodes)
        if not self._is_proved():
            self._dive(0, 0, 0, self._bound(0, (), 0, 0))
        bound = self._best if self._floor is None else min(self._best, self._floor)
        return Best(self._in_order(self._plan), self._best + hopeless, bound + hopeless, self.nodes)

    def _is_proved(self) -> bool:
        """Look at plans with few places; tell whether no others can be better."""
        bounds = self._bounds
        self._try_singles()
        if self._best < SHORT:
            bounds.least_places = _TWO
            if bounds.least_with(_TWO) >= self._best:
                return True
        bounds.look_at(self._best)
        if not self._lines or any(not line.whole or line.contested for line in self._lines):
            self._try_cover()
            return False
        covering = Covering(self._board, self._lines, bounds, self.spend)
        covering.best, covering.plan = self._best, self._plan
        covering.greedy()
        bounds.look_at(covering.best)
        proved = len(self._lines) <= MOST_LINES and self._prove(covering)
        self._best, self._plan = covering.best, covering.plan
        bounds.look_at(self._best)
        return proved

    def _prove(self, covering: Covering) -> bool:
        """Look at sets of two places, of three, and so on, while larger ones may be better."""
        bounds, whole = self._bounds, False
        for count in range(_TWO, MOST_PLACES + 1):
            if bounds.least_with(count) >= covering.best or not covering.try_all(count):
                break
            whole = whole or self._stays_whole(covering)
            if whole:
                bounds.least_places = count + 1
        whole = whole or self._stays_whole(covering)
        return whole and bounds.least_with(bounds.least_places) >= covering.best

    def _stays_whole(self, covering: Covering) -> bool:
        """Tell whether no better plan splits a line: over two places or more, that line alone or with others."""
        bounds, best, extras = self._bounds, covering.best, self._bounds.extras
        least = sorted(extras.values())
        if not least or bounds.least_with(_TWO) + least[0] >= best:
            return True
        if bounds.least_with(_TWO + 1) + least[0] < best:
            return False
        if len(least) > 1 and bounds.least_with(_TWO) + least[0] + least[1] < best:
            return False
        return not any(covering.may_part(at, extra) for at, extra in extras.items())

    def _in_order(self, plan: list[tuple[Part, ...]]) -> tuple[tuple[Part, ...], ...]:
        taken: list[tuple[Part, ...]] = [()] * len(self._all)
        for number, parts in zip(self._order, plan, strict=True):
            taken[number] = parts
        return tuple(taken)

    def _try_singles(self) -> None:
        """Take the best place that has everything."""
        if not self._lines:
            return
        grams = sum(line.quantity * line.grams for line in self._lines)
        meet = set(self._lines[0].whole).intersection(*(line.whole for line in self._lines[1:]))
        for number in sorted(meet):
            if self._bounds.entry[number] + self._bounds.tail[0] >= self._best:
                return
            cost = self._base[number] + self._price[number](grams)
            if cost + self._bounds.tail[0] < self._best:
                cost += sum([line.whole[number] for line in self._lines])
                if cost < self._best and self._has_all(number):
                    self._best = cost
                    self._plan = [((number, line.quantity),) for line in self._lines]

    def _has_all(self, number: int) -> bool:
        if not any(line.contested for line in self._lines):
            return True
        code, stock = self._board.places[number].location.code, self._board.snapshot.stock
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
            lean: the same with every parcel priced by the gram.
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
                rest = spent + self._bounds.tail[depth + 1] + min(added, self._bounds.split_least[depth] or added)
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
        """Return what an option counts with its parcels priced by the gram."""
        if not parts:
            return added
        line, lean = self._lines[depth], self._bounds.by_gram[depth] + (len(parts) - 1) * self._split_line
        for number, units in parts:
            whole = units == line.quantity
            lean += line.whole[number] if whole else self._board.line_cost(line, number, units)
            if number not in self._draft.open:
                lean += self._bounds.entry[number] - self._bounds.shift
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
        draft, grams = self._draft, line.quantity * line.grams
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
        return limit + self._bounds.split_least[depth] + sum(self._bounds.entry[:missing]) < self._best

    def _fresh_places(self, depth: int) -> list[tuple[int, int]]:
        fresh = self._fresh[depth]
        if fresh is None:
            line = self._lines[depth]
            grams, base, price = line.quantity * line.grams, self._base, self._price
            ways = self._bounds.ways[depth] if line.whole else []
            fresh = sorted((base[number] + price[number](grams) + cost, number) for number, cost in ways)
            self._fresh[depth] = fresh
        return fresh
