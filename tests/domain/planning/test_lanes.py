"""Lanes: many numbers in one integer give what each of them gives alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.planning.lanes import WIDEST, Lanes, numbers

MOST = [100, 40_000, 3_000_000_000]


@pytest.mark.parametrize("most", MOST)
@given(data=st.data())
def test_numbers_side_by_side_are_compared_as_each_alone(most: int, data: st.DataObject) -> None:
    row = data.draw(st.lists(st.integers(0, most), min_size=1, max_size=9))
    cap = data.draw(st.integers(0, most))
    lanes = Lanes(len(row), most)
    packed = lanes.pack(row)
    assert lanes.unpack(packed) == tuple(row)
    assert lanes.unpack(lanes.above(packed, cap)) == tuple(max(one - cap, 0) for one in row)
    below = lanes.below(packed, cap)
    assert list(lanes.numbers(below)) == [at for at, one in enumerate(row) if one < cap]


@pytest.mark.parametrize("most", MOST)
@given(data=st.data())
def test_wider_lanes_are_taken_over_up_to_a_cap(most: int, data: st.DataObject) -> None:
    row = data.draw(st.lists(st.integers(0, WIDEST), min_size=1, max_size=9))
    wide, lanes = Lanes(len(row), WIDEST), Lanes(len(row), most)
    assert lanes.unpack(lanes.taken_over(wide.pack(row), wide, most)) == tuple(min(one, most) for one in row)


@pytest.mark.parametrize("most", MOST)
@given(data=st.data())
def test_what_numbers_stand_for_is_looked_up_side_by_side(most: int, data: st.DataObject) -> None:
    amounts = data.draw(st.lists(st.integers(0, most), max_size=5))
    numbers = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=9))
    lanes = Lanes(len(numbers), most)
    expected = tuple(amounts[one] if one < len(amounts) else 0 for one in numbers)
    assert lanes.unpack(lanes.looked_up(bytes(numbers), amounts)) == expected


def test_a_part_of_the_lanes_is_named_by_their_tops() -> None:
    lanes = Lanes(4, 100)
    assert list(lanes.numbers(lanes.tops & lanes.first(2))) == [0, 1]
    assert list(lanes.numbers(lanes.tops & ~lanes.top(2))) == [0, 1, 3]
    assert lanes.unpack(lanes.filled(lanes.top(2))) == (0, 0, lanes.most, 0)


def test_the_numbers_of_set_bits_come_smallest_first() -> None:
    assert list(numbers(0b101001)) == [0, 3, 5]
