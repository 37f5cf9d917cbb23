"""The search for the best plan on a board: sets of places first, then line by line where that may still be better.

It is exact where its effort suffices, else with a known gap. Fewer lines left short comes before any cost.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.planning.board import SHORT, Board
from domain.planning.covering import Covering
from domain.planning.diving import Diving
from domain.planning.draft import Part, Plan
from domain.planning.starting import best_single

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
        able = [number for number, line in enumerate(board.lines) if line.is_able]
        self._order = sorted(able, key=lambda number: (board.lines[number].places, number))
        self._lines = [board.lines[number] for number in self._order]
        self._hopeless = len(board.lines) - len(able)
        self._effort = board.snapshot.policy.effort

    def run(self) -> Best:
        """Return the best plan; what can be served nowhere is left short."""
        if not self._board.terms.may_split:
            return self._unsplit()
        if not self._lines or any(not line.places or line.contested for line in self._lines):
            return self._by_lines()
        return self._by_sets()

    def _unsplit(self) -> Best:
        """Return the best plan of one place; where there is none all is left short."""
        if not self._hopeless:
            cost, plan = self._single()
            if cost < SHORT:
                return self._told(plan, cost, cost, 0)
        cost = SHORT * len(self._board.lines)
        return Best(((),) * len(self._board.lines), cost, cost, 0)

    def _by_lines(self) -> Best:
        """Return the best plan where lines want the same goods, or no place has all of one."""
        diving = Diving(self._board, self._lines, self._effort, *self._single())
        diving.run()
        return self._told(diving.plan, diving.best, min(diving.best, diving.floor), diving.looked)

    def _by_sets(self) -> Best:
        """Return the best plan among sets of places, and line by line where a split line may be better."""
        covering = Covering(self._board, self._lines, self._effort)
        covering.run()
        plan = self._whole(covering.plan)
        bound = min(covering.best, covering.floor)
        if bound == covering.best:
            return self._told(plan, covering.best, bound, covering.looked)
        # Where sets took all the effort there is little to find line by line.
        rest = self._effort // _SPENT if covering.is_spent else self._effort * _DEEP // max(_DEEP, len(self._lines))
        diving = Diving(self._board, self._lines, rest, covering.best, plan)
        diving.run()
        bound = max(bound, min(diving.best, diving.floor))
        looked = covering.looked + diving.looked
        return self._told(diving.plan, diving.best, min(bound, diving.best), looked)

    def _single(self) -> tuple[int, Plan]:
        """Return what the best plan of one place counts, and the plan; all is short where there is none."""
        found = best_single(self._board, self._lines)
        if found is None:
            return SHORT * (len(self._lines) + 1), [()] * len(self._lines)
        cost, number = found
        return cost, self._whole([number] * len(self._lines))

    def _whole(self, numbers: list[int]) -> Plan:
        """Return the plan in which each line comes whole from a place."""
        return [((number, line.quantity),) for line, number in zip(self._lines, numbers, strict=True)]

    def _told(self, plan: Plan, cost: int, bound: int, nodes: int) -> Best:
        """Return a plan for all lines of the board, those too that can be served nowhere."""
        taken: Plan = [()] * len(self._board.lines)
        for number, parts in zip(self._order, plan, strict=True):
            taken[number] = parts
        hopeless = self._hopeless * SHORT
        return Best(tuple(taken), cost + hopeless, bound + hopeless, nodes)
