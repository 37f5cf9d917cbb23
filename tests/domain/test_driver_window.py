"""Calendars: from when until when a driver finds the parcels of a day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.calendar import driver_window
from tests.builders import BERLIN, location


@pytest.mark.parametrize(
    ("now", "hours", "cut_off", "window"),
    [
        ("2026-03-02T08:00:00+01:00", "mon-fri 09:00-18:00", "15:30", ("02T15:30", "02T18:00")),
        ("2026-03-02T16:10:00+01:00", "mon-fri 09:00-18:00", "15:30", ("02T16:10", "02T18:00")),
        ("2026-03-02T17:30:00+01:00", "mon-fri 09:00-18:00", "15:30", ("03T15:30", "03T18:00")),
        ("2026-03-06T19:00:00+01:00", "mon-fri 09:00-18:00", "15:30", ("09T15:30", "09T18:00")),
        ("2026-03-02T08:00:00+01:00", "mon-fri 09:00-18:00", "", ("02T09:00", "02T18:00")),
        ("2026-03-02T08:00:00+01:00", "mon-fri 09:00-18:00", "19:00", ("02T09:00", "02T18:00")),
        ("2026-03-02T08:00:00+01:00", "mon-fri 09:00-09:30", "", ("02T09:00", "02T09:30")),
        ("2026-03-02T08:00:00+01:00", "", "", ("02T08:00", "02T23:59")),
    ],
)
def test_a_driver_comes_between_cut_off_and_closing_in_the_places_own_time(
    now: str, hours: str, cut_off: str, window: tuple[str, str]
) -> None:
    place = location(BERLIN, hours=hours, cut_off=cut_off, time_zone="Europe/Berlin")
    begins, ends = driver_window(place, datetime.fromisoformat(now)) or (None, None)
    assert (begins, ends) == tuple(datetime.fromisoformat(f"2026-03-{text}:00+01:00") for text in window)
    assert begins
    assert begins.tzinfo is UTC


def test_no_driver_comes_on_a_holiday() -> None:
    place = location(BERLIN, hours="mon-fri 09:00-18:00", holidays=("2026-03-02",), time_zone="Europe/Berlin")
    begins, _ = driver_window(place, datetime(2026, 3, 2, 8, tzinfo=UTC)) or (None, None)
    assert begins == datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_the_window_keeps_its_local_time_when_clocks_change() -> None:
    place = location(BERLIN, hours="mon-sun 09:00-18:00", time_zone="Europe/Berlin")
    assert driver_window(place, datetime(2026, 3, 28, 20, tzinfo=UTC)) == (
        datetime(2026, 3, 29, 7, tzinfo=UTC), datetime(2026, 3, 29, 16, tzinfo=UTC),
    )  # fmt: skip


def test_a_place_that_never_opens_has_no_window() -> None:
    every_day = tuple(datetime.fromordinal(number).date() for number in range(739_000, 741_000))
    closed = location(BERLIN, hours="mon 09:00-18:00", holidays=every_day, time_zone="Europe/Berlin")
    assert driver_window(closed, datetime(2026, 3, 2, 8, tzinfo=UTC)) is None
