"""Parcels: no sharing of a weight costs less than what they are said to cost at least."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.planning.parcels import least_of, price_line
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
    assert least_of([known[tariff] for tariff in tariffs], sum(shares)) <= paid


@given(
    st.lists(ladders(), min_size=1, max_size=3), st.lists(st.integers(0, 9000), min_size=1, max_size=4),
    st.integers(0, 300), st.data(),
)  # fmt: skip
def test_no_parcels_cost_less_than_tolls_and_grams(
    known: list[Ladder], shares: list[int], base: int, data: st.DataObject
) -> None:
    tariffs = [data.draw(st.integers(0, len(known) - 1)) for _ in shares]
    paid = sum(known[tariff].price(grams) for tariff, grams in zip(tariffs, shares, strict=True))
    line = price_line(known, min(shares), sum(shares), base)
    assert sum(line.tolls[tariff] for tariff in tariffs) + line.carry(sum(shares)) <= paid
    assert min(line.tolls) >= -base
