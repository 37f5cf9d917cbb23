"""Calendars: when a location can hand a parcel over, in its own time zone, with its hours, holidays and backlog."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from domain.location import Location, read_clock, read_hours

HORIZON = 366
"""A location that does not open within so many days is closed."""

DRIVER_NEEDS = timedelta(hours=1)
"""How long a location has to be open for a driver who is ordered without a time."""

_DAY = timedelta(days=1)
_LAST_DAY = date.max - 2 * _DAY
"""The last day that is one in every time zone."""
_KEPT = 4096


def hand_over_at(place: Location, now: datetime, behind: int = 0) -> datetime | None:
    """Return when a parcel that is asked for now leaves the location; None when it does not open within a year.

    What comes in before the cut-off of a working day leaves at that cut-off (or when it opens, if that is later), later
    work on the next working day.
    Without cut-off the closing time counts; a location that never closes and has no cut-off hands over at once.

    Args:
        place: the location.
        now: an aware moment.
        behind: working days that it needs for what it has to send before.
    """
    return next(islice(hand_overs(place, now), behind, None), None)


def hand_overs(place: Location, now: datetime) -> Iterator[datetime]:
    """Yield when parcels leave that are asked for now, for each working day that the location may be behind."""
    begins = now if place.closed_until is None else max(now, place.closed_until)
    if begins.date() > _LAST_DAY:
        return
    today = day = begins.astimezone(ZoneInfo(place.time_zone)).date()
    for _ in range(HORIZON):
        if day > _LAST_DAY:
            return
        leaves = _leaves(place, begins, day, today)
        if leaves is not None:
            yield leaves
        day += _DAY


def driver_window(place: Location, now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when until when a driver finds the parcels of a working day; None when it does not open in a year.

    From the cut-off on, when what leaves on the day is packed, until it closes (midnight where it never does); without
    a cut-off before closing time from when it opens. Never from before now, and not today where too little is left.
    """
    today = now.astimezone(ZoneInfo(place.time_zone)).date()
    for ahead in range(HORIZON):
        day = today + ahead * _DAY
        span = _span(place, day)
        if span is None:
            continue
        cut_off = read_clock(place.cut_off) if place.cut_off else span[1]
        opens = _moment(place.time_zone, day, cut_off if span[0] <= cut_off < span[1] else span[0])
        begins, closes = max(opens, now.astimezone(UTC)), _moment(place.time_zone, day, span[1])
        if closes - begins >= DRIVER_NEEDS or (begins == opens and begins < closes):
            return begins, closes
    return None


def days_behind(place: Location, backlog: int) -> int:
    """Return how many working days the fulfillment orders take that a location has to send before."""
    return backlog // place.daily_capacity if place.daily_capacity else 0


def _span(place: Location, day: date) -> tuple[int, int] | None:
    """Return the minutes between which it is open on this day; None on a day off."""
    week = read_hours(place.hours)
    return None if day in place.holidays else (0, 24 * 60) if week is None else week[day.weekday()]


def _leaves(place: Location, begins: datetime, day: date, today: date) -> datetime | None:
    """Return when work leaves on this day; None on a day off, and where it comes in after the cut-off.

    Moments are compared, not times of day: when the clock goes back a time of day comes twice.
    """
    span = _span(place, day)
    if span is None:
        return None
    if not place.hours and not place.cut_off:
        return begins.astimezone(UTC) if day == today else _moment(place.time_zone, day, 0)
    last = min(read_clock(place.cut_off), span[1]) if place.cut_off else span[1]
    leaves = _moment(place.time_zone, day, last)
    if leaves <= begins:
        return None
    return leaves if last >= span[0] else _moment(place.time_zone, day, span[0])


@lru_cache(maxsize=_KEPT)
def _moment(time_zone: str, day: date, minute: int) -> datetime:
    """Return a local time of day in UTC: the first of two when the clock goes back, an hour later when it skips one."""
    zone = ZoneInfo(time_zone)
    on_the_day = minute if minute < 24 * 60 else minute - 1
    wall = datetime.combine(day, time(on_the_day // 60, on_the_day % 60), tzinfo=zone)
    return wall.astimezone(UTC)
