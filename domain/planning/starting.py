"""Starting: the best single place, and sets of places good enough to cut away most others, found one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.planning.board import SHORT, Board, Line
from domain.planning.draft import Draft
from domain.planning.lanes import Lanes

_MOST = (1 << 24) - 1
"""What is above this looks alike here."""

_WIDE = 8
"""Of many lines some may count so much more as that of further places."""

Chosen = tuple[int, ...]


class Start:
    """Places that have lines for least, and most of them: one after the other until every line has one."""

    def __init__(self, board: Board, lines: list[Line], least: list[int], rows: list[int], *, many: bool) -> None:
        """Prepare for a search of sets, or for a wide set of `many` lines."""
        self._lines, self._least = lines, least
        self._places = len(board.toll)
        self._entries = board.entry if many else board.toll
        self._first = min(*self._entries, _MOST)
        # A place that lacks a line leaves it to a further one, of which it bears the toll.
        self._most = (self._first + 1) * (_WIDE if many else 1)
        self._lanes = lanes = Lanes(self._places, (len(lines) + 1) * self._most)
        self._rows = [lanes.taken_over(row, board.lanes, self._most) for row in rows]
        self._tolls = lanes.pack([min(entry - self._first, self._most) for entry in self._entries])

    def sets(self) -> Iterator[Chosen]:
        """Yield a set of places that have all lines, and others with a better place in place of each."""
        chosen = self._complete(())
        yield chosen
        for number in chosen:
            other = self._complete(tuple([each for each in chosen if each != number]))
            if other != chosen:
                yield other

    def wide_set(self) -> Chosen:
        """Return a set for so many lines that no place has most of them."""
        lanes, chosen = self._lanes, list[int]()
        pairs = list(zip(self._lines, self._rows, strict=True))
        while pairs:
            # Where the line is lacked, its place below the cap is empty.
            lacks = [lanes.below(row, self._most) >> lanes.width - 1 for _, row in pairs]
            has = lanes.unpack(sum(lacks))
            sums = lanes.unpack(self._tolls + sum([row for _, row in pairs]))
            counts = zip(sums, has, strict=True)
            # What places cost that are needed still if all had as many lines as this one.
            costs = [
                (self._first + sums - (len(pairs) - some) * self._most) * -(-len(pairs) // some) if some else SHORT
                for sums, some in counts
            ]
            chosen.append(min(range(self._places), key=costs.__getitem__))
            pairs = [(line, row) for line, row in pairs if line.cost[chosen[-1]] >= SHORT]
        return tuple(chosen)

    def _complete(self, chosen: Chosen) -> Chosen:
        """Return these places, and more that have the other lines."""
        lines = self._lines
        caps = [min([line.cost[number] for number in chosen], default=SHORT) for line in lines]
        while lacks := [line for line, cap in zip(lines, caps, strict=True) if cap >= SHORT]:
            rarest = min(lacks, key=lambda line: line.places)
            number = min(rarest.whole, key=self._counts(caps).__getitem__)
            chosen = (*chosen, number)
            caps = [min(cap, line.cost[number]) for cap, line in zip(caps, lines, strict=True)]
        return chosen

    def _counts(self, caps: Sequence[int]) -> tuple[int, ...]:
        """Return what each place counts more than the cheapest, with all regrets under the caps."""
        lanes, total = self._lanes, self._tolls + sum(self._rows)
        for row, low, cap in zip(self._rows, self._least, caps, strict=True):
            if cap - low < self._most:
                total -= lanes.above(row, cap - low)
        return lanes.unpack(total)


def best_single(board: Board, lines: list[Line]) -> tuple[int, int] | None:
    """Return what the best place counts that has everything, and its number; None where there is none."""
    if not lines:
        return None
    weight = sum(line.weight for line in lines)
    least = board.prices.carry(weight) + sum(line.least for line in lines)
    contested = any(line.contested for line in lines)
    able = board.lanes.tops
    for line in lines:
        able &= board.lanes.below(line.row, SHORT)
    best: tuple[int, int] | None = None
    for number in board.lanes.numbers(able):
        if best and board.toll[number] + least >= best[0]:
            break
        cost = board.base[number] + board.parcel(number, weight) + sum([line.cost[number] for line in lines])
        if (best is None or cost < best[0]) and not (contested and _lacks_some(board, lines, number)):
            best = cost, number
    return best


def _lacks_some(board: Board, lines: list[Line], number: int) -> bool:
    """Tell whether a place has too little for some of these lines when they want the same goods."""
    draft = Draft(board)
    for line in lines:
        if draft.left(line, number) < line.quantity:
            return True
        draft.take(line, ((number, line.quantity),))
    return False
