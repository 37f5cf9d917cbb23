"""`crossdock returns`: goods that come back."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.options import Actor, AsJson, Limit, OrderName, Reason, Request, read_choice, read_count, read_units

app = typer.Typer(no_args_is_help=True)

Units = Annotated[list[str], typer.Option("--line", metavar="LINE=UNITS", help="What comes back; repeatable.")]
Course = Annotated[str, typer.Option("--course", help="label: by parcel, with a label of ours; store: over a counter.")]
Place = Annotated[str, typer.Option("--location", help="Where it comes to; by default where it came from.")]
Found = Annotated[
    list[str] | None,
    typer.Option(
        "--line",
        metavar="LINE=UNITS:DISPOSITION",
        help="What was found: restocked, not_restocked, processing_required or missing; repeatable.",
    ),
]
OfOrder = Annotated[str | None, typer.Option("--order", help="Only of this order.")]
OpenOnly = Annotated[bool, typer.Option("--open", help="Only those that are not over.")]
Rma = Annotated[str, typer.Argument(metavar="RMA", help="Its number, such as sandbox-eu/1001/R1.")]


@command.add(app, "open", "crossdock returns open sandbox-eu/1001 --line 1=2 --course store --location STORE-1")
async def open_return(
    order: OrderName,
    line: Units,
    *,
    course: Course = "label",
    location: Place = "",
    reason: Reason = "",
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Open a return; it is permitted or declined by policy within a moment, and the buyer is told."""
    from workers.cli import return_steps as steps

    wish = steps.Wish(course=steps.read_course(course), units=read_units(line), location=location, reason=reason)
    opened = await steps.open_return(order, wish, actor, request)
    steps.tell(opened, as_json=as_json)


@command.add(app, "receive", "crossdock returns receive sandbox-eu/1001/R1 --line 1=1:RESTOCKED --line 1=1:MISSING")
async def receive(rma: Rma, *, line: Found = None, actor: Actor, as_json: AsJson = False) -> None:
    """Say that goods came back and, with --line, what was found in them; the refund follows by itself.

    Once anything is named, units that are not named are missing, and are not paid back.
    """
    from domain.returns import Disposition
    from workers.cli import return_steps as steps

    found: dict[str, dict[Disposition, int]] = {}
    for text in line or []:
        line_and_units, _, word = text.rpartition(":")
        line_id, _, units = line_and_units.rpartition("=")
        disposition = read_choice(Disposition, word, f"--line {text}")
        of_line = found.setdefault(line_id, {})
        of_line[disposition] = of_line.get(disposition, 0) + read_count(units, f"--line {text}")
    steps.tell(await steps.receive(rma, found, actor), as_json=as_json)


@command.add(app, "list", "crossdock returns list --open")
async def list_returns(
    order: OfOrder = None, open_only: OpenOnly = False, limit: Limit = 50, as_json: AsJson = False
) -> None:
    """List returns, newest first."""
    from infra.database.reports.ledgers import list_returns as read_returns
    from workers.cli.parts import find_order, opened_reading

    async with opened_reading() as connection:
        order_id = await find_order(connection, order) if order else None
        rows = await read_returns(connection, order_id, limit, open_only=open_only)
    headings = ("Return", "State", "Since", "Course", "Location", "Units", "Tracking number", "Opened")
    cells = (
        (
            row.return_id,
            row.state,
            row.state_at,
            row.course,
            row.location,
            row.units,
            row.tracking_number,
            row.opened_at,
        )
        for row in rows
    )
    output.show_rows("returns", rows, headings, cells, as_json=as_json)
