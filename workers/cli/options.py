"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import getpass
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer

from workers.cli.errors import misused

MOST_UNITS = 1_000_000
_MOST_DIGITS = 9

T = TypeVar("T")


def os_user() -> str:
    """Return who sits at the terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def new_request() -> str:
    """Return a name that no other request has."""
    return secrets.token_hex(8)


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Actor = Annotated[
    str,
    typer.Option(
        "--actor", default_factory=os_user, show_default="your user name", help="Who does it; kept in the audit."
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit. No personal data.")]
Request = Annotated[
    str,
    typer.Option(
        "--request",
        default_factory=new_request,
        show_default="a new one",
        help="A name for this request: sent again under the same name it is done once.",
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many rows.")]
Personal = Annotated[bool, typer.Option("--personal", help="Show personal data as well; that is written to the audit.")]
Sku = Annotated[str, typer.Argument(metavar="SKU")]
Place = Annotated[str, typer.Argument(metavar="LOCATION", help="The code of the location, such as STORE-1.")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The channel account, such as sandbox-eu.")]
OrderName = Annotated[str, typer.Argument(metavar="ORDER", help="Its id (shop-eu/1001), channel order id or number.")]
WrittenUnits = Annotated[str, typer.Argument(metavar="UNITS", help="A whole number.")]

NO_REASON = "no reason given"


def read_units(texts: list[str] | None) -> dict[str, int]:
    """Read `LINE=UNITS`, repeated; units of a line named twice add up.

    >>> read_units(["1=2", "2=1"])
    {'1': 2, '2': 1}
    """
    units: dict[str, int] = {}
    for text in texts or []:
        line_id, separator, number = text.rpartition("=")
        if not separator or not line_id:
            raise misused(f"--line {text}: expected LINE=UNITS, such as --line 1=2")
        units[line_id] = units.get(line_id, 0) + read_count(number, f"--line {text}")
    return units


def read_count(text: str, where: str) -> int:
    """Read a number of units, from 1 to `MOST_UNITS`."""
    if not _is_short_number(text) or not 0 < int(text) <= MOST_UNITS:
        raise misused(f"{where}: expected units from 1 to {MOST_UNITS}")
    return int(text)


def read_whole(text: str, least: int, remedy: str = "") -> int:
    """Read units as a whole number from `least` to `MOST_UNITS`; the refusal may say what to do instead."""
    if not _is_short_number(text.removeprefix("-")) or not least <= int(text) <= MOST_UNITS:
        raise misused(f"UNITS {text[:20]}: expected a whole number from {least} to {MOST_UNITS}", remedy)
    return int(text)


def read_span(text: str, option: str, longest: timedelta) -> timedelta:
    """Read a time span such as 30m, 2h or 1d.

    >>> read_span("90s", "--for", timedelta(hours=1))
    datetime.timedelta(seconds=90)
    """
    sizes = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    number, size = text[:-1], sizes.get(text[-1:])
    if size is None or not _is_short_number(number) or not timedelta() < int(number) * size <= longest:
        raise misused(f"{option} {text[:20]}: expected a span such as 30m, 2h or 1d, at most {longest}")
    return int(number) * size


def read_pair(text: str, option: str) -> tuple[str, str]:
    """Read `LEFT=RIGHT`; the last `=` parts them."""
    left, separator, right = text.rpartition("=")
    if not (separator and left and right):
        raise misused(f"{option} {text}: expected two values joined by =")
    return left, right


def read_choice(kind: type[T], text: str, option: str) -> T:
    """Read one word of an enumeration, in any case. Raises Problem naming the words."""
    words: dict[str, T] = {str(each.value).lower(): each for each in kind}  # pyright: ignore[reportGeneralTypeIssues, reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType] - of an Enum
    if text.lower() not in words:
        raise misused(f"{option} {text}: expected one of {', '.join(words)}")
    return words[text.lower()]


def read_moment(text: str, option: str) -> datetime:
    """Read an ISO 8601 moment; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise misused(f"{option} {text}: expected a moment such as 2026-01-31T12:00:00Z") from None


def _is_short_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
