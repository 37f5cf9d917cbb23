"""`crossdock import`: the catalogue, listings, locations and stock from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.cli import command
from workers.cli.options import Actor, AsJson

app = typer.Typer(no_args_is_help=True)

File = Annotated[str, typer.Argument(metavar="FILE", help="CSV or JSON Lines; - reads standard input.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what is wrong; import nothing.")]
Whole = Annotated[bool, typer.Option("--all-or-nothing", help="Import nothing when any row is wrong.")]
Errors = Annotated[
    Path | None, typer.Option("--errors", help="Write refused rows there, to be corrected and imported again.")
]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Of the file, such as cp1252; else UTF-8 or UTF-16.")]
Name = Annotated[
    str,
    typer.Option(
        "--request",
        help="A name for this count: repeated under one name it is booked once.",
        show_default="the fingerprint of the file",
    ),
]


@command.add(app, "skus", "crossdock import skus catalogue.csv --dry-run")
async def import_skus(
    file: File,
    *,
    dry_run: DryRun = False,
    whole: Whole = False,
    errors: Errors = None,
    encoding: Encoding = None,
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Add or change SKUs: title, brand, gtin, weight, restrictions, customs data, what kits are made of."""
    await _import("skus", file, actor, errors, encoding, dry_run=dry_run, whole=whole, as_json=as_json)


@command.add(app, "listings", "crossdock import listings listings.jsonl --errors refused.jsonl")
async def import_listings(
    file: File,
    *,
    dry_run: DryRun = False,
    whole: Whole = False,
    errors: Errors = None,
    encoding: Encoding = None,
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Say which SKU each listing means; orders that waited for it go on at once."""
    await _import("listings", file, actor, errors, encoding, dry_run=dry_run, whole=whole, as_json=as_json)


@command.add(app, "locations", "crossdock import locations stores.csv --all-or-nothing")
async def import_locations(
    file: File,
    *,
    dry_run: DryRun = False,
    whole: Whole = False,
    errors: Errors = None,
    encoding: Encoding = None,
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Add or change locations, each with its country and its time zone."""
    await _import("locations", file, actor, errors, encoding, dry_run=dry_run, whole=whole, as_json=as_json)


@command.add(app, "stock", "crossdock import stock counted.csv --errors refused.csv")
async def import_stock(
    file: File,
    *,
    dry_run: DryRun = False,
    whole: Whole = False,
    errors: Errors = None,
    encoding: Encoding = None,
    name: Name = "",
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Set stock to what was counted; the same file again changes nothing, whatever was sold since."""
    await _import("stock", file, actor, errors, encoding, name, dry_run=dry_run, whole=whole, as_json=as_json)


async def _import(
    kind: str,
    file: str,
    actor: str,
    errors: Path | None,
    encoding: str | None,
    name: str = "",
    *,
    dry_run: bool,
    whole: bool,
    as_json: bool,
) -> None:
    from activities.importing import ImportWish
    from domain.imports import ImportKind
    from workers.cli.import_run import import_file

    wish = ImportWish(kind=ImportKind(kind), actor=actor, name=name, dry_run=dry_run, whole=whole)
    await import_file(wish, file, errors, encoding, as_json=as_json)
