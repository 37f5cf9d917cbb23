"""Deadlines as marketplaces write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadline import read_deadline, read_release

ZONES = ("Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Apia", "Asia/Beirut", "America/Havana", "UTC")
DAYS = st.dates(date(2000, 1, 1), date(2035, 1, 1))


@given(DAYS, st.sampled_from(ZONES))
def test_a_day_ends_one_second_before_the_next_begins(day: date, zone: str) -> None:
    assert read_deadline(day, zone) + timedelta(seconds=1) == read_release(day + timedelta(days=1), zone)


@given(DAYS, st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "UTC"]))
def test_the_last_second_of_a_day_is_still_that_day_there(day: date, zone: str) -> None:
    last = read_deadline(day, zone).astimezone(ZoneInfo(zone))
    assert last.date() == day
    assert (last + timedelta(seconds=1)).date() == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "zone", "ends"),
    [
        (date(2026, 7, 1), "Europe/Berlin", datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC)),
        (date(2026, 1, 1), "Europe/Berlin", datetime(2026, 1, 1, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 7, 1), "America/Los_Angeles", datetime(2026, 7, 2, 6, 59, 59, tzinfo=UTC)),
        # The clock there jumps from midnight to one o'clock: the day before ends at that jump.
        (date(2026, 3, 28), "Asia/Beirut", datetime(2026, 3, 28, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_without_a_time_means_all_of_it_in_the_marketplace_s_zone(day: date, zone: str, ends: datetime) -> None:
    assert read_deadline(day, zone) == ends


def test_a_time_with_a_zone_is_taken_as_it_is() -> None:
    told = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert read_deadline(told, "Europe/Berlin") == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


def test_a_time_without_a_zone_is_the_marketplace_s_and_the_earlier_of_two() -> None:
    assert read_deadline(datetime(2026, 7, 1, 12), "Europe/Berlin") == datetime(2026, 7, 1, 10, tzinfo=UTC)  # noqa: DTZ001 - that is the point
    twice = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - that is the point
    assert read_deadline(twice, "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_preorder_may_leave_when_its_day_begins_there() -> None:
    assert read_release(date(2026, 12, 24), "Europe/Berlin") == datetime(2026, 12, 23, 23, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "x" * 200])
def test_a_zone_that_does_not_exist_is_refused_by_name(zone: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        read_deadline(date(2026, 1, 1), zone)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_the_edge_of_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match="calendar"):
        read_deadline(day, "Asia/Kolkata") if day == date.max else read_release(day, "Asia/Kolkata")
