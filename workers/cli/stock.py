"""`crossdock stock`: what lies where, counted, received, corrected and carried over."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import command, output, stock_history, stock_terms
from workers.cli.options import NO_REASON, Actor, AsJson, Place, Reason, Request, Sku, WrittenUnits

app = typer.Typer(no_args_is_help=True)

OneSku = Annotated[str | None, typer.Argument(metavar="[SKU]", help="Only this SKU.")]
Against = Annotated[str, typer.Option("--against", metavar="REFERENCE", help="The goods that were announced so.")]
Why = Annotated[
    str, typer.Option("--reason", help="damaged, lost, found, expired, data-entry, theft, sample or own-use.")
]
Note = Annotated[str, typer.Option("--note", help="More words on the reason. No personal data.")]


@command.add(app, "show", "crossdock stock show CLOCK-RARE")
async def show(sku: OneSku = None, as_json: AsJson = False) -> None:
    """Show what lies where, what is kept back or still to come, and how many orders wait for it."""
    from infra.database.reports.ledgers import list_stock
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await list_stock(connection, sku)
    headings = ("SKU", "Location", "On hand", "Reserved", "Safety", "Set aside", "Available", "Coming", "Expected",
                "Orders waiting")  # fmt: skip
    cells = (
        (row.sku, row.location, row.on_hand, row.reserved, row.safety, row.set_aside or "", row.available,
         row.incoming or "", row.expected_at, row.waiting or "")
        for row in rows
    )  # fmt: skip
    output.show_rows("stock", rows, headings, cells, as_json=as_json)


async def _count(sku: str, location: str, units: str, words: dict[str, str], request: str, *, as_json: bool) -> None:
    from domain.inventory import MovementKind
    from workers.cli.options import read_whole
    from workers.cli.stock_booking import book, movement_of

    counted = read_whole(units, 0, f"to take units away: crossdock stock adjust {sku} {location} -3 --reason damaged")
    tally = movement_of(request, MovementKind.COUNT, sku, location, 0, **words)
    await book(sku, (location,), lambda tx, now: tx.stock.count(tally, counted, now), as_json=as_json)


@command.add(app, "count", "crossdock stock count CLOCK-RARE STORE-1 3 --reason 'counted on Monday'")
async def count(
    sku: Sku,
    location: Place,
    units: WrittenUnits,
    *,
    reason: Reason = "counted",
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Set what lies at a location to what was counted; never below what is reserved there."""
    await _count(sku, location, units, {"reason": reason, "actor": actor}, request, as_json=as_json)


@command.add(app, "set", "crossdock stock set CLOCK-RARE STORE-1 3 --reason 'first load'")
async def set_units(
    sku: Sku,
    location: Place,
    units: WrittenUnits,
    *,
    reason: Reason = NO_REASON,
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Set what lies at a location, as `count` does."""
    await _count(sku, location, units, {"reason": reason, "actor": actor}, request, as_json=as_json)


@command.add(app, "receive", "crossdock stock receive CLOCK-RARE WH-AUTO 12")
async def receive(
    sku: Sku,
    location: Place,
    units: WrittenUnits,
    *,
    against: Against = "",
    reason: Reason = "received",
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Add goods that came in; orders that waited for them go on at once."""
    from domain.inventory import MovementKind
    from workers.cli.options import read_whole
    from workers.cli.stock_booking import book, movement_of

    came = read_whole(units, 1, f"to take units away: crossdock stock adjust {sku} {location} -3 --reason damaged")
    words = {"reason": reason, "actor": actor, "against": against}
    arrival = movement_of(request, MovementKind.RECEIVE, sku, location, came, **words)
    await book(sku, (location,), lambda tx, now: tx.stock.move(arrival, now), as_json=as_json)


@command.add(app, "adjust", "crossdock stock adjust CLOCK-RARE STORE-1 -1 --reason damaged --note 'fell off the shelf'")
async def adjust(
    sku: Sku,
    location: Place,
    units: WrittenUnits,
    *,
    reason: Why,
    note: Note = "",
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Correct what lies at a location by some units, more or (-3) fewer, with the reason of a closed list."""
    from domain.inventory import AdjustReason, MovementKind, check_adjustment
    from workers.cli.options import MOST_UNITS, read_choice, read_whole
    from workers.cli.stock_booking import book, movement_of

    code = read_choice(AdjustReason, reason, "--reason")
    delta = read_whole(units, -MOST_UNITS)
    check_adjustment(code, delta)
    words = {"reason": f"{code.value}: {note}" if note else code.value, "actor": actor}
    correction = movement_of(request, MovementKind.ADJUST, sku, location, delta, **words)
    await book(sku, (location,), lambda tx, now: tx.stock.move(correction, now), as_json=as_json)


@command.add(app, "transfer", "crossdock stock transfer CLOCK-RARE WH-AUTO STORE-1 5")
async def transfer(
    sku: Sku,
    origin: Annotated[str, typer.Argument(metavar="FROM")],
    to: Annotated[str, typer.Argument(metavar="TO")],
    units: WrittenUnits,
    *,
    reason: Reason = "transferred",
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Carry units from one location to another; what is reserved stays where it is."""
    from domain.inventory import MovementKind
    from workers.cli.errors import misused
    from workers.cli.options import read_whole
    from workers.cli.stock_booking import book, movement_of

    if origin == to:
        raise misused(f"TO {to}: it is where they are already", "name two locations")
    moved = read_whole(units, 1, f"to carry them back: crossdock stock transfer {sku} {to} {origin} UNITS")
    leaving = movement_of(request, MovementKind.TRANSFER, sku, origin, -moved, reason=reason, actor=actor)
    await book(sku, (origin, to), lambda tx, now: tx.stock.transfer(leaving, to, now), as_json=as_json)


for part in (stock_terms, stock_history):
    app.add_typer(part.app)
