"""`crossdock stock`: what lies where, counted and received."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.options import MOST_UNITS, NO_REASON, Actor, AsJson, Reason, Request, Units

app = typer.Typer(no_args_is_help=True)

OneSku = Annotated[str | None, typer.Argument(metavar="[SKU]", help="Only this SKU.")]
Sku = Annotated[str, typer.Argument(metavar="SKU")]
Place = Annotated[str, typer.Argument(metavar="LOCATION", help="The code of the location, such as STORE-1.")]
Came = Annotated[int, typer.Argument(metavar="UNITS", min=1, max=MOST_UNITS)]


@command.add(app, "show", "crossdock stock show CLOCK-RARE")
async def show(sku: OneSku = None, as_json: AsJson = False) -> None:
    """Show what lies where, what of it is reserved, and how many orders wait for it."""
    from infra.database.reports.ledgers import list_stock
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await list_stock(connection, sku)
    headings = ("SKU", "Location", "On hand", "Reserved", "Safety", "Available", "Orders waiting")
    cells = (
        (row.sku, row.location, row.on_hand, row.reserved, row.safety, row.available, row.waiting or "") for row in rows
    )
    output.show_rows("stock", rows, headings, cells, as_json=as_json)


@command.add(app, "set", "crossdock stock set CLOCK-RARE STORE-1 3 --reason 'counted on Monday'")
async def set_units(
    sku: Sku,
    location: Place,
    units: Units,
    *,
    reason: Reason = NO_REASON,
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Set what lies at a location to what was counted; never below what is reserved there."""
    from domain.inventory import MovementKind
    from workers.cli.stock_booking import Booking, book

    await book(Booking(MovementKind.COUNT, sku, location, units, actor, reason, request), as_json=as_json)


@command.add(app, "receive", "crossdock stock receive CLOCK-RARE WH-AUTO 12")
async def receive(
    sku: Sku,
    location: Place,
    units: Came,
    *,
    reason: Reason = "received",
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Add goods that came in; orders that waited for them go on at once."""
    from domain.inventory import MovementKind
    from workers.cli.stock_booking import Booking, book

    await book(Booking(MovementKind.RECEIVE, sku, location, units, actor, reason, request), as_json=as_json)
