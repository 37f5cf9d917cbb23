"""`crossdock locations`: the places, what they are like, and whether they take new work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import checking_input, misused
from workers.cli.options import AsJson, Place, read_moment, read_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from domain.location import Location
    from domain.ports.stores import Transaction

app = typer.Typer(no_args_is_help=True)

Until = Annotated[
    str | None, typer.Option("--until", help="Closed until this moment; without it, until it is reopened.")
]
Changes = Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="Such as hours='mon-fri 09:00-18:00'.")]

_LISTS = frozenset({"holidays", "serves", "handles"})
_NUMBERS = frozenset({"rank", "daily_capacity", "handling", "handling_line"})
_FIXED = frozenset({"code", "open", "closed_until"})


@command.add(app, "list", "crossdock locations list")
async def list_locations(as_json: AsJson = False) -> None:
    """List the locations, whether they are open, and what they have still to send."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        sources = await tx.sourcing.read(house.context.now())
    rows = sources.locations
    cells = (
        (row.code, row.name, row.country, row.time_zone, row.open, row.closed_until, row.hours or "always",
         row.daily_capacity, sources.backlog.get(row.code))
        for row in rows
    )  # fmt: skip
    headings = ("Location", "Name", "Country", "Time zone", "Open", "Closed until", "Hours", "A day", "Backlog")
    output.show_rows("locations", rows, headings, cells, as_json=as_json)


@command.add(app, "show", "crossdock locations show STORE-1")
async def show(location: Place, as_json: AsJson = False) -> None:
    """Show one location whole."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        place = _find(await _places(tx), location)
    _show(place, as_json=as_json)


@command.add(app, "close", "crossdock locations close STORE-1 --until 2026-12-27T08:00:00Z")
async def close(location: Place, until: Until = None, as_json: AsJson = False) -> None:
    """Give a location no new work; what it has already it finishes."""
    moment = read_moment(until, "--until") if until else None
    await _change(location, {"open": moment is not None, "closed_until": moment}, until=moment, as_json=as_json)


@command.add(app, "reopen", "crossdock locations reopen STORE-1")
async def reopen(location: Place, as_json: AsJson = False) -> None:
    """Let a location take new work; orders that waited for it go on at once."""
    await _change(location, {"open": True, "closed_until": None}, as_json=as_json)


@command.add(app, "set", "crossdock locations set STORE-1 cut_off=15:30 daily_capacity=40")
async def set_fields(location: Place, changes: Changes, as_json: AsJson = False) -> None:
    """Change fields of a location; an empty value clears one, lists are separated by commas."""
    from domain.location import Location

    wanted: dict[str, object] = {}
    for text in changes:
        name, value = ("", "") if text.endswith("=") else read_pair(text, "FIELD=VALUE")
        name = name or text[:-1]
        if name in _FIXED or name not in Location.model_fields:
            known = sorted(Location.model_fields.keys() - _FIXED)
            raise misused(f"{name}: no field to be set; there are {', '.join(known)}")
        wanted[name] = _read(name, value)
    await _change(location, wanted, as_json=as_json)


def _read(name: str, value: str) -> object:
    if name in _LISTS:
        return [word.strip() for word in value.split(",") if word.strip()]
    if name in _NUMBERS:
        return int(value) if value.isascii() and value.isdigit() else value or None
    return value


async def _change(code: str, changes: dict[str, object], *, until: datetime | None = None, as_json: bool) -> None:
    """Change a location, at the longest until a moment to come; who waits for it goes on."""
    from domain.location import Location
    from workers.cli.parts import opened_house

    def change(places: Mapping[str, Location]) -> Iterable[Location]:
        before = _find(places, code)
        with checking_input():
            return [Location.model_validate(before.model_dump(mode="json") | changes)]

    async with opened_house() as house, house.context.record.begin() as tx:
        if until is not None and until <= house.context.now():
            raise misused(f"--until {output.plain(until)}: that is past; to open it: crossdock locations reopen {code}")
        await tx.catalog.change_locations(change, house.context.now())
        after = _find(await _places(tx), code)
    _show(after, as_json=as_json)


async def _places(tx: Transaction) -> dict[str, Location]:
    return {place.code: place for place in await tx.catalog.locations()}


def _find(places: Mapping[str, Location], code: str) -> Location:
    from domain.errors import NotFound

    if code not in places:
        raise NotFound("no-location", f"there is no location {code}; there are: {', '.join(places)}")
    return places[code]


def _show(place: Location, *, as_json: bool) -> None:
    if as_json:
        output.show_json(**place.model_dump(mode="json"))
    else:
        output.show_facts(place.model_dump(mode="json").items())
