"""Calendars: when a location can hand a parcel over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendar import hand_over_at
from domain.location import Location, read_hours
from tests.builders import BERLIN, location

WEEKDAYS = "mon-fri 09:00-18:00"
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone


def store(**changes: object) -> Location:
    return location(BERLIN, **({"hours": WEEKDAYS, "cut_off": "15:30"} | changes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-03-02T08:00:00+01:00", "2026-03-02T15:30:00+01:00"),
        ("2026-03-02T15:29:59+01:00", "2026-03-02T15:30:00+01:00"),
        ("2026-03-02T15:30:00+01:00", "2026-03-03T15:30:00+01:00"),
        ("2026-03-06T16:00:00+01:00", "2026-03-09T15:30:00+01:00"),
        ("2026-03-07T10:00:00+01:00", "2026-03-09T15:30:00+01:00"),
        # The last working day before clocks change, and the first after: the local time stays, the moment moves.
        ("2026-03-27T16:00:00+01:00", "2026-03-30T15:30:00+02:00"),
        ("2026-10-23T16:00:00+02:00", "2026-10-26T15:30:00+01:00"),
    ],
)
def test_work_before_the_cut_off_leaves_on_the_same_day(now: str, leaves: str) -> None:
    assert hand_over_at(store(), at(now)) == at(leaves)


def test_the_cut_off_is_meant_in_the_zone_of_the_location() -> None:
    noon = at("2026-03-02T12:00:00+00:00")
    assert hand_over_at(store(time_zone="America/New_York"), noon) == at("2026-03-02T15:30:00-05:00")
    assert hand_over_at(store(time_zone="Asia/Tokyo"), noon) == at("2026-03-03T15:30:00+09:00")


def test_a_location_leaves_out_its_holidays_and_the_days_on_which_it_is_closed() -> None:
    place = store(holidays=(date(2026, 12, 25), date(2026, 12, 28)))
    assert hand_over_at(place, at("2026-12-24T16:00:00+01:00")) == at("2026-12-29T15:30:00+01:00")
    closed = store(closed_until=at("2026-03-11T16:00:00+01:00"))
    assert hand_over_at(closed, at("2026-03-02T08:00:00+01:00")) == at("2026-03-12T15:30:00+01:00")


def test_a_backlog_takes_working_days() -> None:
    assert hand_over_at(store(), at("2026-03-05T08:00:00+01:00"), 3) == at("2026-03-10T15:30:00+01:00")


def test_a_location_that_never_closes_hands_over_at_once() -> None:
    now = at("2026-03-07T23:59:00+01:00")
    assert hand_over_at(location(), now) == now


def test_a_cut_off_that_the_clock_skips_comes_an_hour_later() -> None:
    place = location(cut_off="02:30")
    assert hand_over_at(place, at("2026-03-28T12:00:00+01:00")) == at("2026-03-29T03:30:00+02:00")


@pytest.mark.parametrize(
    ("zone", "changes", "now"),
    [
        # Each of these times of day comes a second time, half an hour after the cut-off.
        ("Europe/Berlin", {"cut_off": "02:30"}, "2026-10-25T02:15:00+01:00"),
        ("America/Santiago", {"hours": "mon-sun 10:00-24:00"}, "2026-04-04T23:30:00-04:00"),
        ("Asia/Beirut", {"hours": "mon-sun 09:00-24:00"}, "2026-10-24T23:30:00+02:00"),
        ("Europe/Berlin", {"cut_off": "24:00"}, "2026-03-02T23:59:30+01:00"),
    ],
)  # fmt: skip
def test_what_comes_in_when_an_hour_comes_again_leaves_on_the_next_day(
    zone: str, changes: dict[str, str], now: str
) -> None:
    leaves = hand_over_at(location(time_zone=zone, **changes), at(now))
    assert leaves is not None
    assert leaves > at(now) + timedelta(hours=12)


@pytest.mark.parametrize(("now", "leaves"), [("07:59", "2026-03-02T09:00"), ("08:30", "2026-03-03T09:00")])
def test_what_comes_in_before_a_cut_off_before_opening_leaves_when_it_opens(now: str, leaves: str) -> None:
    early = store(cut_off="08:00")
    assert hand_over_at(early, at(f"2026-03-02T{now}:00+01:00")) == at(f"{leaves}:00+01:00")


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
def test_a_location_that_is_closed_until_the_end_of_the_calendar_hands_nothing_over(zone: str) -> None:
    now = at("2026-03-02T12:00:00+00:00")
    for day in ("9999-12-31T23:00:00+00:00", "9999-12-30T12:00:00+00:00", "9999-12-29T23:59:00+00:00"):
        place = location(time_zone=zone, hours="mon-sun 10:00-24:00", closed_until=at(day))
        assert hand_over_at(place, now, 5) is None


def test_a_location_without_a_working_day_hands_nothing_over() -> None:
    holidays = tuple(date(2026, 1, 1) + timedelta(days=number) for number in range(900))
    assert hand_over_at(location(holidays=holidays), at("2026-03-02T12:00:00+01:00")) is None


@given(MOMENTS, st.integers(0, 9), st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]))
def test_goods_never_leave_before_they_are_asked_for_nor_earlier_for_more_backlog(
    now: datetime, behind: int, zone: str
) -> None:
    place = store(time_zone=zone)
    leaves, later = hand_over_at(place, now, behind), hand_over_at(place, now, behind + 1)
    assert leaves is not None
    assert later is not None
    assert now < leaves < later
    local = leaves.astimezone(ZoneInfo(zone))
    assert (local.weekday() < 5, f"{local:%H:%M}") == (True, "15:30")


def test_hours_may_run_over_the_end_of_the_week() -> None:
    week = read_hours("sat-mon 10:00-16:00")
    assert week is not None
    assert [day is not None for day in week] == [True, False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Berlin"), ("time_zone", ""), ("time_zone", "../etc"), ("hours", "always"), ("hours", "mon 9-18"),
        ("hours", "mon 18:00-09:00"), ("cut_off", "25:00"), ("cut_off", "3pm"), ("country", "Germany"),
        ("daily_capacity", 0), ("rank", -1), ("handling", -1), ("serves", ["Germany"]), ("handles", ["anything"]),
    ],
)  # fmt: skip
def test_a_location_that_cannot_be_meant_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        location(BERLIN, **{field: value})
    assert refused.value.errors()[0]["loc"][0] == field


def test_a_location_without_a_time_zone_is_refused() -> None:
    told = location().model_dump()
    del told["time_zone"]
    with pytest.raises(ValidationError, match="time_zone"):
        Location.model_validate(told)
