"""Diving: plans looked at line by line, branch and bound; lines may be split, and may want the same goods.

Each line goes whole from one place, or is split over several places of which all but one give all they have left. Lines
that the fewest places have come first.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.planning.board import SHORT, Board, Line
from domain.planning.bounds import Bounds
from domain.planning.draft import Draft, Part, Plan
from domain.planning.splitting import Option, splits

_TWO = 2


class Diving:
    """A look at all plans.

    Attributes:
        best: what the best plan so far counts.
        plan: for each line its parts in it.
        floor: what plans count at least that were not looked at, for want of effort.
        looked: how many partial plans were looked at.
    """

    def __init__(self, board: Board, lines: list[Line], effort: int, best: int, plan: Plan) -> None:
        """Prepare to look for a plan that counts less than the best that is known."""
        self._board, self._lines, self._effort = board, lines, effort
        self._bounds = Bounds(board, lines, best)
        self._draft = Draft(board)
        self._split_line = board.snapshot.policy.split_line
        self._fresh: list[list[tuple[int, int]] | None] = [None] * len(lines)
        self._covered = 0
        self.best = self.floor = best
        self.plan = plan
        self.looked = 0

    def run(self) -> None:
        """Find the best plan."""
        if self.best >= SHORT:
            self._try_cover()
        self._dive(0, 0, 0, self._bound(0, (), 0, 0))

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
        if spent < self.best:
            self.best, self.plan = spent, list(self._draft.taken)
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
            if spent < self.best:
                self.best, self.plan = spent, list(self._draft.taken)
            return
        line, draft = self._lines[depth], self._draft
        for added, parts in self._options(depth, spent):
            then, leaner = spent + added, lean + self._lean(depth, added, parts)
            low = self._bound(depth + 1, parts, then, leaner)
            if low >= self.best:
                continue
            if not self.spend(low):
                rest = spent + self._bounds.tail[depth + 1] + min(added, self._bounds.split_least[depth])
                self.floor = min(self.floor, max(least, rest))
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
        return cost < self.best

    def spend(self, cost: int) -> bool:
        """Look at one more partial plan; False when the effort is used up, and then what was left out may be better."""
        if self.looked >= self._effort:
            self.floor = min(self.floor, cost)
            return False
        self.looked += 1
        return True

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
            if limit + added >= self.best:
                break
            if number not in self._draft.open and (not line.contested or draft.left(line, number) >= line.quantity):
                yield added, ((number, line.quantity),)
        if self._bounds.splittable[depth] and self._may_be_split(depth, limit):
            yield from splits(line, draft, self._split_line, limit, self)
        yield SHORT, ()

    def _may_be_split(self, depth: int, limit: int) -> bool:
        """Tell whether a split line can be part of a better plan; where nothing is open, it opens two places."""
        missing = max(_TWO - len(self._draft.open), 0)
        return limit + self._bounds.split_least[depth] + self._bounds.entries[missing] < self.best

    def _fresh_places(self, depth: int) -> list[tuple[int, int]]:
        fresh = self._fresh[depth]
        if fresh is None:
            line = self._lines[depth]
            grams, base, parcel = line.weight, self._board.base, self._board.parcel
            ways = self._bounds.ways[depth] if line.whole else []
            fresh = sorted((base[number] + parcel(number, grams) + cost, number) for number, cost in ways)
            self._fresh[depth] = fresh
        return fresh
