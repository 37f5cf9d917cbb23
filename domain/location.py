"""A location: a place that holds stock and can send or hand it over."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from domain.restriction import Restriction
from domain.values import Amount, LocationCode, Model, Moment

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_WORK = 1_000_000
_SPAN = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")

Week = tuple[tuple[int, int] | None, ...]
"""For each day from Monday: the minutes after midnight at which it opens and closes, or None."""


def require_time_zone(name: str) -> str:
    """Return the name of an IANA time zone; any other is refused."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name[:40]!r} is no time zone: expected a name such as Europe/Berlin") from None
    return name


@lru_cache(maxsize=4096)
def read_clock(text: str) -> int:
    """Return the minutes after midnight of a time of day.

    >>> read_clock("15:30")
    930
    """
    hours, separator, minutes = text.partition(":")
    if not (separator and text.isascii() and len(text) == len("hh:mm") and hours.isdigit() and minutes.isdigit()):
        raise ValueError(f"{text[:20]!r} is no time of day: expected one such as 15:30")
    if int(minutes) >= 60 or int(hours) * 60 + int(minutes) > 24 * 60:  # noqa: PLR2004 - of a day
        raise ValueError(f"{text[:20]!r} is no time of day")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=4096)
def read_hours(text: str) -> Week | None:
    """Read opening hours such as ``mon-fri 09:00-18:00, sat 10:00-14:00``; None when it never closes.

    A day that is not named is a closed day.

    >>> read_hours("sat 10:00-14:00")
    (None, None, None, None, None, (600, 840), None)
    """
    if not text:
        return None
    week: list[tuple[int, int] | None] = [None] * 7
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip().lower())
        if found is None or found["first"] not in DAYS or (found["last"] or found["first"]) not in DAYS:
            raise ValueError(f"{part.strip()[:40]!r} are no opening hours: expected some such as mon-fri 09:00-18:00")
        opens, closes = read_clock(found["opens"]), read_clock(found["closes"])
        if opens >= closes:
            raise ValueError(f"{part.strip()[:40]!r} closes before it opens")
        first, last = DAYS.index(found["first"]), DAYS.index(found["last"] or found["first"])
        for day in range(first, last + 1 if last >= first else last + 8):
            week[day % 7] = (opens, closes)
    return tuple(week)


def _require_hours(text: str) -> str:
    read_hours(text)
    return text


def _require_clock(text: str) -> str:
    if text:
        read_clock(text)
    return text


TimeZone = Annotated[str, AfterValidator(require_time_zone)]
Hours = Annotated[str, StringConstraints(max_length=200), AfterValidator(_require_hours)]
Clock = Annotated[str, AfterValidator(_require_clock)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Location(Model):
    """One place.

    Attributes:
        system: the adapter account that speaks for it.
        needs_hand: people there report pick and hand-over; otherwise a confirmed label means it leaves.
        rank: which place is asked first when several could do it; lower goes first.
        carrier: the carrier that collects there.
        open: closed by an operator, it gets no new work.
        time_zone: the IANA zone in which its hours, holidays and cut-off are meant.
        country: where it stands.
        hours: opening hours; without any it never closes.
        cut_off: until what time of day work that comes in leaves on the same day; without it, until it closes.
        holidays: days on which it is closed.
        closed_until: it gets no new work before this moment.
        daily_capacity: fulfillment orders it can send a day; None: as many as come.
        handling: minor units that one fulfillment order costs there.
        handling_line: minor units that each of its lines costs there.
        serves: the countries it sends to; none named: all.
        handles: the restrictions that it may handle; it handles none by default.
    """

    code: LocationCode
    name: str
    system: str
    needs_hand: bool
    ships: bool = True
    pickup: bool = False
    rank: Annotated[int, Field(ge=0, le=_MOST_WORK)] = 100
    carrier: str = ""
    open: bool = True
    time_zone: TimeZone
    country: Country
    hours: Hours = ""
    cut_off: Clock = ""
    holidays: tuple[date, ...] = ()
    closed_until: Moment | None = None
    daily_capacity: Annotated[int, Field(gt=0, le=_MOST_WORK)] | None = None
    handling: Amount = 0
    handling_line: Amount = 0
    serves: tuple[Country, ...] = ()
    handles: frozenset[Restriction] = frozenset()
