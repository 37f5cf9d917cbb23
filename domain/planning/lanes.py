"""Lanes: a row of numbers side by side in one integer, so that one sum or comparison serves all of them at once."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

_CODES = ((15, "H"), (31, "I"), (63, "Q"))
"""How many bits a number may have, and how it is packed: the highest bit of each lane stays free for comparing."""


class Lanes:
    """The shape of a row: how many numbers it has, and how many bits each lane.

    Attributes:
        width: of a lane, in bits.
        tops: the highest bit of each lane.
    """

    def __init__(self, count: int, most: int) -> None:
        """Make lanes for so many numbers, of which none comes to more than `most`."""
        bits, code = next((pair for pair in _CODES if most >> pair[0] == 0), _CODES[-1])
        self._row = struct.Struct(f"<{count}{code}")
        self.width = bits + 1
        self.tops = self.pack([1] * count) << bits

    def pack(self, numbers: Sequence[int]) -> int:
        """Return the row of some numbers."""
        return int.from_bytes(self._row.pack(*numbers), "little")

    def unpack(self, row: int) -> tuple[int, ...]:
        """Return the numbers of a row."""
        return self._row.unpack(row.to_bytes(self._row.size, "little"))

    def above(self, row: int, cap: int, tops: int) -> int:
        """Return how much each number is above a cap, 0 where it is not; only lanes with a top count."""
        over = (row | tops) - cap * (tops >> self.width - 1)
        marks = over & tops
        return over & marks - (marks >> self.width - 1)

    def below(self, row: int, limit: int, tops: int) -> int:
        """Return the tops of the lanes whose number is below a limit."""
        return tops & ~((row | tops) - limit * (tops >> self.width - 1))

    def first(self, count: int) -> int:
        """Return the tops of so many lanes."""
        return self.tops & (1 << count * self.width) - 1

    def top(self, number: int) -> int:
        """Return the top of one lane."""
        return 1 << (number + 1) * self.width - 1

    def numbers(self, tops: int) -> Iterator[int]:
        """Yield the numbers of lanes, given by their tops, smallest first."""
        width = self.width
        while tops:
            low = tops & -tops
            yield low.bit_length() // width - 1
            tops ^= low


def numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of set bits, smallest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
