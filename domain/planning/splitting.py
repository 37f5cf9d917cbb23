"""Splitting: the ways in which one line comes from several places.

A line of few units is split in every way, where other lines want the same goods or few places have any; a larger one
such that all places but one give all they have left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from domain.planning.board import Line
from domain.planning.draft import Draft, Part

WIDE = 20
"""A line that needs more places than this is split in one way only: over those that have most."""

FEW = 12
"""A line of so many units is split in every way."""

Option = tuple[int, tuple[Part, ...]]
"""What a step counts, and the parts of the line."""


class Budget(Protocol):
    """What bounds the search for ways."""

    def worth(self, cost: int) -> bool:
        """Tell whether a plan that counts at least so much can still be the best."""
        ...

    def spend(self, cost: int) -> bool:
        """Look at one more partial plan, which counts at least so much; False when the effort is used up."""
        ...


def splits(line: Line, draft: Draft, split_line: int, limit: int, budget: Budget) -> Iterator[Option]:
    """Yield the ways to split a line; `limit` is what the rest of the plan counts at least."""
    rooms = sorted(line.room.items())
    if line.contested:
        rooms = [(number, min(units, draft.left(line, number))) for number, units in rooms]
        rooms = [(number, units) for number, units in rooms if units]
    if line.fewest_places > WIDE:
        budget.spend(limit)
        yield from _widest(line, draft, split_line, rooms)
        return
    every = line.quantity <= FEW and (line.contested or len(rooms) <= FEW)
    # Each entry: the next place to look at, what is still wanted, what the givers count, and who they are.
    stack: list[tuple[int, int, int, tuple[Part, ...]]] = [(0, line.quantity, 0, ())]
    while stack:
        start, rest, cost, givers = stack.pop()
        if givers:
            yield from _rests(line, draft, rooms, (rest, cost, givers), every=every)
        deeper: list[tuple[int, int, int, tuple[Part, ...]]] = []
        for at, number, units in _gifts(rooms, start, rest, every=every):
            more = cost + draft.added(line, number, units) + split_line
            if budget.worth(limit + more):
                if not budget.spend(limit + cost + split_line):
                    break
                deeper.append((at + 1, rest - units, more, (*givers, (number, units))))
        stack.extend(reversed(deeper))


def _gifts(rooms: list[Part], start: int, rest: int, *, every: bool) -> Iterator[tuple[int, int, int]]:
    """Yield which place may give how many units, so that some are still wanted: all it has, or any."""
    for at in range(start, len(rooms)):
        number, units = rooms[at]
        if every:
            for fewer in range(min(units, rest - 1), 0, -1):
                yield at, number, fewer
        elif units < rest:
            yield at, number, units


def _rests(
    line: Line, draft: Draft, rooms: list[Part], so_far: tuple[int, int, tuple[Part, ...]], *, every: bool
) -> Iterator[Option]:
    """Yield the places that can give the rest; where one gives all it has, or any, it comes after the other givers."""
    rest, cost, givers = so_far
    last, giving = givers[-1][0], {number for number, _ in givers}
    for number, units in rooms:
        if units >= rest and number not in giving and (number > last or (units > rest and not every)):
            yield cost + draft.added(line, number, rest), (*givers, (number, rest))


def _widest(line: Line, draft: Draft, split_line: int, rooms: list[Part]) -> Iterator[Option]:
    parts: list[Part] = []
    rest, cost = line.quantity, -split_line
    for number, units in sorted(rooms, key=lambda room: (-room[1], room[0])):
        if rest:
            parts.append((number, min(units, rest)))
            cost += draft.added(line, number, parts[-1][1]) + split_line
            rest -= parts[-1][1]
    if not rest:
        yield cost, tuple(parts)
