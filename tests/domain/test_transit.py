"""The table of transit times."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.transit import Transit, find_faster, find_transit

SPEEDS = ("express", "overnight")
ROWS = st.builds(
    Transit,
    carrier=st.sampled_from(["", "swift", "blind"]),
    speed=st.sampled_from(["", *SPEEDS]),
    zone=st.sampled_from(["", "DE", "FR"]),
    days=st.integers(0, 9),
    surcharge=st.integers(0, 900),
)


def test_the_row_that_says_most_counts() -> None:
    table = (
        Transit(days=5),
        Transit(zone="DE", days=4),
        Transit(carrier="swift", days=3),
        Transit(carrier="swift", zone="DE", days=2),
    )
    assert find_transit(table, "swift", "", "DE", 9).days == 2
    assert find_transit(table, "swift", "", "FR", 9).days == 3
    assert find_transit(table, "blind", "", "DE", 9).days == 4
    assert find_transit(table, "blind", "", "FR", 9).days == 5
    assert find_transit(table, "swift", "express", "DE", 9).days == 9


@given(st.lists(ROWS, max_size=8), st.integers(0, 9), st.integers(0, 900))
def test_a_faster_speed_is_sold_arrives_in_time_and_is_within_the_cap(rows: list[Transit], days: int, cap: int) -> None:
    within = timedelta(days=days)
    found = find_faster(rows, "swift", "DE", SPEEDS, within, cap)
    good = [
        row
        for speed in SPEEDS
        if (row := find_transit(rows, "swift", speed, "DE", 90)).days <= days and row.surcharge <= cap
    ]
    if found is None:
        assert not good
    else:
        assert found in good
        assert found.surcharge == min(row.surcharge for row in good)


def test_a_carrier_that_sells_one_speed_has_no_faster_one() -> None:
    rows = (Transit(speed="express", days=1),)
    assert find_faster(rows, "swift", "", (), timedelta(days=3), 999) is None
    assert find_faster(rows, "swift", "", ("express",), timedelta(days=3), 0) == rows[0]


@pytest.mark.parametrize("wrong", [{"days": -1}, {"days": 91}, {"days": "2"}, {"days": 1, "surcharge": -1}])
def test_a_row_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Transit.model_validate(wrong)
