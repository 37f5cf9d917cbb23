"""A draft: some lines of a board put to places, and what each further step would count."""

from __future__ import annotations

from domain.planning.board import Board, Line

Part = tuple[int, int]
"""A place and the units of one line it sends."""

Plan = list[tuple[Part, ...]]
"""For each line its parts; none when it is short."""


class Draft:
    """A partial plan. `open` holds the grams of each place that sends anything."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._stock = board.snapshot.stock
        self._base, self._parcel = board.base, board.parcel
        self._used: dict[tuple[str, int], int] = {}
        self._lines: dict[int, int] = {}
        self.open: dict[int, int] = {}
        self.taken: Plan = []

    def added(self, line: Line, number: int, units: int) -> int:
        """Return what it counts more when a place sends so many units of a line as well."""
        return self._board.line_cost(line, number, units) + self.parcel(number, units * line.grams)

    def parcel(self, number: int, grams: int) -> int:
        """Return what the parcel of a place counts more with so many grams more."""
        weight = self.open.get(number)
        if weight is None:
            return self._base[number] + self._parcel(number, grams)
        return self._parcel(number, weight + grams) - self._parcel(number, weight)

    def left(self, line: Line, number: int) -> int:
        """Return how many units of a line a place has left, after what other lines of the draft take there."""
        code = self._board.codes[number]
        return min(
            (self._stock[sku].get(code, 0) - self._used.get((sku, number), 0)) // each for sku, each in line.needs
        )

    def take(self, line: Line, parts: tuple[Part, ...]) -> None:
        """Put a line to places."""
        for number, units in parts:
            self.open[number] = self.open.get(number, 0) + units * line.grams
            self._lines[number] = self._lines.get(number, 0) + 1
            if line.contested:
                for sku, each in line.needs:
                    self._used[sku, number] = self._used.get((sku, number), 0) + each * units
        self.taken.append(parts)

    def give_back(self, line: Line) -> None:
        """Undo the last step, which was about this line."""
        for number, units in self.taken.pop():
            if line.contested:
                for sku, each in line.needs:
                    self._used[sku, number] -= each * units
            self._lines[number] -= 1
            if self._lines[number]:
                self.open[number] -= units * line.grams
            else:
                del self.open[number]
