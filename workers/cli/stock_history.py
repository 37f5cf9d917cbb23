"""`crossdock stock`, what can be read: movements, the proof, what channels were told, the feed for local adverts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode, misused
from workers.cli.options import AsJson, Limit, Sku

app = typer.Typer()

Release = Annotated[bool, typer.Option("--release", help="Give back what is provably reserved for nobody.")]
OfChannel = Annotated[str | None, typer.Option("--channel", help="Only of this channel account.")]
Failing = Annotated[bool, typer.Option("--failing", help="Only what the channel did not take.")]
Into = Annotated[Path, typer.Option("--file", metavar="FILE", help="The CSV to write.")]


@command.add(app, "movements", "crossdock stock movements CLOCK-RARE --limit 20")
async def movements(sku: Sku, *, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List how on hand and reserved came to be, newest first."""
    from infra.database.reports.stock import list_movements
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await list_movements(connection, sku, limit)
    cells = (
        (row.at, row.kind, row.location, f"{row.delta:+}", f"{row.held:+}", row.reason, row.against, row.actor, row.key)
        for row in rows
    )
    headings = ("At", "Kind", "Location", "On hand", "Reserved", "Reason", "Against", "By", "Key")
    output.show_rows("movements", rows, headings, cells, as_json=as_json)


@command.add(app, "gaps", "crossdock stock gaps")
async def gaps(*, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the numbers of stock changes that a location never told, though it told later ones."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        rows = await tx.shelves.gaps(limit)
    cells = ((row.location, row.first, row.last) for row in rows)
    output.show_rows("gaps", rows, ("Location", "First", "Last"), cells, as_json=as_json)


@command.add(app, "proof", "crossdock stock proof --release")
async def proof(*, release: Release = False, as_json: AsJson = False) -> None:
    """Prove that every reservation has a live owner and is not too old; exit code 3 when one has not or is."""
    from activities.stock import prove_stock
    from workers.cli.parts import opened_house

    async with opened_house() as house:
        found = await prove_stock(house.context, release=release)
    if as_json:
        output.show_json(reservations=found.suspects, released=found.released)
    else:
        headings = ("Owner", "SKU", "Location", "Units", "Since", "Stage", "Suspicion")
        cells = (
            (row.owner, row.sku, row.location, row.units, row.reserved_at, row.stage, row.suspicion)
            for row in found.suspects
        )
        output.show_table(headings, cells, empty="every reservation has a live owner")
        if found.released:
            output.say(f"released: {found.released}")
    if found.suspects:
        raise typer.Exit(ExitCode.STUCK)


@command.add(app, "published", "crossdock stock published --failing")
async def published(
    *, channel: OfChannel = None, failing: Failing = False, limit: Limit = 100, as_json: AsJson = False
) -> None:
    """List what channels were told that they may sell, what did not arrive first."""
    from infra.database.reports.stock import list_published
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await list_published(connection, channel, limit, failing=failing)
    cells = (
        (row.account, row.listing_id, row.quantity, row.state, row.code, row.taken, row.taken_at, row.sent_at,
         row.failures or "")
        for row in rows
    )  # fmt: skip
    headings = ("Channel", "Listing", "Told", "State", "Why", "Shows", "Since", "Sent", "Failures")
    output.show_rows("published", rows, headings, cells, as_json=as_json)


@command.add(app, "feed", "crossdock stock feed --file local-inventory.csv")
async def feed(*, file: Into, as_json: AsJson = False) -> None:
    """Write the local inventory as advert platforms read it; the gateway serves it at /feeds/local-inventory."""
    from workers.cli.parts import opened_house
    from workers.feed import local_inventory

    if not file.absolute().parent.is_dir():
        raise misused(f"--file {file}: there is no folder {file.absolute().parent}")
    draft = file.with_name(f"{file.name}.new")
    rows = -1
    async with opened_house() as house:
        with draft.open("w", encoding="utf-8", newline="") as out:
            async for lines in local_inventory(house.context.record):
                out.write(lines)
                rows += lines.count("\r\n")
    # Whole or not at all: a platform that fetches meanwhile reads the old one.
    draft.replace(file)
    output.tell(f"{rows} rows in {file}", as_json=as_json, file=str(file), rows=rows)
