"""Lanes: a row of numbers side by side in one integer, so that one sum or comparison serves all of them at once."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import compress

_CODES = ((15, "H"), (31, "I"), (63, "Q"))
"""How many bits a number may have, and how it is packed: the highest bit of each lane stays free for comparing."""

WIDEST = (1 << 63) - 1
"""Numbers that come to more do not fit side by side."""


class Lanes:
    """The shape of a row: how many numbers it has, and how many bits each lane.

    Attributes:
        width: of a lane, in bits.
        ones: the lowest bit of each lane.
        tops: the highest bit of each lane.
        most: what a lane can hold.
    """

    def __init__(self, count: int, most: int) -> None:
        """Make lanes for so many numbers, of which none comes to more than `most`."""
        bits, code = next((pair for pair in _CODES if most >> pair[0] == 0), _CODES[-1])
        self._count, self._row = count, struct.Struct(f"<{count}{code}")
        self.width, self.most = bits + 1, (1 << bits) - 1
        self.ones = self.pack([1] * count)
        self.tops = self.ones << bits

    def pack(self, numbers: Sequence[int]) -> int:
        """Return the row of some numbers."""
        return int.from_bytes(self._row.pack(*numbers), "little")

    def unpack(self, row: int) -> tuple[int, ...]:
        """Return the numbers of a row."""
        return self._row.unpack(row.to_bytes(self._row.size, "little"))

    def taken_over(self, row: int, wide: Lanes, most: int) -> int:
        """Return the numbers of a row of wider lanes, each up to the most there may be."""
        size, step = self.width // 8, wide.width // 8
        known = (row - wide.above(row, most)).to_bytes(wide._row.size, "little")
        into = bytearray(self._row.size)
        for byte in range(size):
            into[byte::size] = known[byte::step]
        return int.from_bytes(into, "little")

    def looked_up(self, numbers: bytes, amounts: Sequence[int]) -> int:
        """Return the row of what each of some numbers stands for; amounts beyond the last are 0."""
        size, row = self.width // 8, bytearray(self._row.size)
        table = b"".join([amount.to_bytes(size, "little") for amount in amounts])
        for byte in range(size):
            if any(table[byte::size]):
                row[byte::size] = numbers.translate(table[byte::size].ljust(256, b"\0"))
        return int.from_bytes(row, "little")

    def above(self, row: int, cap: int) -> int:
        """Return how much each number is above a cap, 0 where it is not."""
        over = (row | self.tops) - cap * self.ones
        marks = over & self.tops
        return over & marks - (marks >> self.width - 1)

    def below(self, row: int, limit: int) -> int:
        """Return the tops of the lanes whose number is below a limit."""
        return self.tops & ~((row | self.tops) - limit * self.ones)

    def filled(self, tops: int) -> int:
        """Return the row that has the most a lane can hold where a top is given, 0 elsewhere."""
        return tops - (tops >> self.width - 1)

    def first(self, count: int) -> int:
        """Return all bits of so many lanes."""
        return (1 << count * self.width) - 1

    def top(self, number: int) -> int:
        """Return the top of one lane."""
        return 1 << (number + 1) * self.width - 1

    def numbers(self, tops: int) -> Iterator[int]:
        """Return the numbers of lanes, given by their tops, smallest first."""
        size = self.width // 8
        marks = tops.to_bytes(tops.bit_length() + 7 >> 3, "little")
        return compress(range(self._count), marks[size - 1 :: size])


def numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of set bits, smallest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
