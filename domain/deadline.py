"""A deadline as a marketplace writes it: in its own time zone, and often only as a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.location import require_time_zone
from domain.values import require_utc


def read_deadline(told: date | datetime, zone: str) -> datetime:
    """Return the last moment that keeps a deadline, in UTC.

    A day without a time means all of that day in the marketplace's zone: its last second. A time without a zone is
    the marketplace's; where the clock shows it twice, the first time counts.

    Raises:
        ValueError: there is no such zone.
    """
    place = ZoneInfo(require_time_zone(zone))
    if isinstance(told, datetime):
        return require_utc(told if told.tzinfo else told.replace(tzinfo=place, fold=0))
    if told == date.max:
        raise ValueError("a day at the end of the calendar")
    # The day ends where the next begins, wherever that is: clocks change at midnight too.
    midnight = datetime.combine(told + timedelta(days=1), time(), tzinfo=place)
    return require_utc(midnight) - timedelta(seconds=1)


def read_release(told: date | datetime, zone: str) -> datetime:
    """Return the first moment at which a preorder may leave, in UTC: a day begins at its midnight in the zone."""
    if isinstance(told, datetime):
        return read_deadline(told, zone)
    return require_utc(datetime.combine(told, time(), tzinfo=ZoneInfo(require_time_zone(zone))))
