"""Parcels: no sharing of a weight costs less than what they are said to cost at least."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.planning.parcels import Parcels
from domain.rates import Ladder


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    limits = sorted(draw(st.sets(st.integers(1, 5000), min_size=1, max_size=4)))
    amounts = sorted(draw(st.lists(st.integers(0, 900), min_size=len(limits), max_size=len(limits))))
    return Ladder(tuple(limits), tuple(amounts), draw(st.integers(0, 90)), 0)


@given(st.lists(ladders(), min_size=1, max_size=3), st.lists(st.integers(0, 4000), min_size=1, max_size=4), st.data())
def test_no_sharing_costs_less(known: list[Ladder], shares: list[int], data: st.DataObject) -> None:
    tariffs = tuple(data.draw(st.integers(0, len(known) - 1)) for _ in shares)
    paid = sum(known[tariff].price(grams) for tariff, grams in zip(tariffs, shares, strict=True))
    parcels = Parcels(known, sum(shares))
    assert parcels.least(len(shares)) <= parcels.least_of(tariffs) <= paid
