"""What may be promised, in plain arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.availability import Availability, offered_units, spread
from domain.listing import Component
from tests.builders import TEA

UNITS = st.integers(0, 50)


@pytest.mark.parametrize(
    ("free", "incoming", "ceiling", "backordered", "offered"),
    [
        (5, 0, 0, 0, 5),
        (5, 0, 0, 9, 5),
        (0, 10, 0, 4, 6),
        (0, 10, 0, 12, 0),
        (2, 10, 3, 12, 3),
        (0, 0, 3, 0, 3),
        (0, 0, 3, 3, 0),
    ],
)
def test_what_is_coming_or_tolerated_is_sold_once(
    free: int, incoming: int, ceiling: int, backordered: int, offered: int
) -> None:
    known = Availability(sku=TEA, free=free, incoming=incoming, ceiling=ceiling, backordered=backordered)
    assert known.to_promise == offered


@given(st.lists(st.tuples(st.integers(1, 9), UNITS), min_size=1, max_size=5))
def test_a_listing_is_offered_as_often_as_its_scarcest_component_makes_it_whole(parts: list[tuple[int, int]]) -> None:
    components = [Component(sku=str(number), units=units) for number, (units, _) in enumerate(parts)]
    there = {str(number): stock for number, (_, stock) in enumerate(parts)}
    offered = offered_units(components, there)
    assert all(offered * part.units <= there[part.sku] for part in components)
    assert any((offered + 1) * part.units > there[part.sku] for part in components)


def test_a_listing_of_nothing_or_of_the_unknown_is_not_offered() -> None:
    assert offered_units((), {TEA: 5}) == 0
    assert offered_units((Component(sku="GONE", units=1),), {TEA: 5}) == 0


@given(UNITS, st.dictionaries(st.sampled_from("ABCD"), UNITS, min_size=1))
def test_all_units_to_be_set_aside_are_laid_somewhere_and_first_where_they_are(
    units: int, free: dict[str, int]
) -> None:
    laid = spread(units, free)
    assert sum(laid.values()) == units
    if units <= sum(free.values()):
        assert all(count <= free[place] for place, count in laid.items())
