"""What a command prints: tables for people, JSON for programs. What came from outside is shown without its tricks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, cast

import typer

from workers.cli.errors import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel

PIPED_WIDTH = 200


def show_json(**parts: object) -> None:
    """Print one JSON object."""
    from pydantic_core import to_jsonable_python

    typer.echo(json.dumps(to_jsonable_python(parts), indent=2, ensure_ascii=False))


def tell(words: str, *, as_json: bool, **parts: object) -> None:
    """Say in words what was done, or print its parts as JSON."""
    if as_json:
        show_json(**parts)
    else:
        say(words)


def show_rows(
    name: str, rows: Sequence[BaseModel], headings: Sequence[str], cells: Iterable[Sequence[object]], *, as_json: bool
) -> None:
    """Print rows as a table, or under their name as JSON."""
    if as_json:
        show_json(**{name: rows})
    else:
        show_table(headings, cells, empty=f"no {name}")


def show_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", empty: str = "") -> None:
    """Print a table; without rows only `empty`."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    if table.row_count:
        Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)
    elif empty:
        typer.echo(empty)


def show_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Print names with their values, one a line; empty values are left out."""
    shown = [(name, text) for name, value in facts if (text := plain(value))]
    width = max((len(name) for name, _ in shown), default=0)
    for name, text in shown:
        typer.echo(f"{name:<{width}}  {text}")


def say(words: str) -> None:
    """Print one line."""
    typer.echo(plain(words))


def show_problem(problem: Problem, *, as_json: bool) -> None:
    """Print a problem: as JSON where a program reads, else to standard error."""
    if as_json:
        told = {"code": problem.code, "message": str(problem), "remedy": problem.remedy}
        typer.echo(json.dumps({"error": told}, indent=2, ensure_ascii=False))
        return
    typer.echo(f"crossdock: {_lines(str(problem))}", err=True)
    if problem.remedy:
        typer.echo(f"  → {plain(problem.remedy)}", err=True)


def plain(value: object) -> str:
    """Return a value as text of one line: no control characters, moments in UTC to the second, nothing for None."""
    match value:
        case None:
            return ""
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%SZ")
        case Enum():
            return plain(value.value)
        case bool():
            return "yes" if value else "no"
        case tuple() | list():
            return ", ".join(map(plain, cast("Iterable[object]", value)))
        case _:
            return "".join(sign if sign.isprintable() else "�" for sign in str(value))


def age(since: datetime, now: datetime) -> str:
    """Return how long ago something was, in its largest unit.

    >>> from datetime import UTC
    >>> age(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, 5, tzinfo=UTC))
    '2 d'
    """
    passed = max(now - since, timedelta())
    for unit, size in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if passed >= size:
            return f"{passed // size} {unit}"
    return f"{int(passed.total_seconds())} s"


def money(amount: int, currency: str) -> str:
    """Return minor units as people read them."""
    from domain.values import Money

    return str(Money(amount=amount, currency=currency))


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())
