"""`crossdock skus` and `crossdock listings`: what is sold, and under which names."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.options import Actor, AsJson

skus = typer.Typer(no_args_is_help=True)
listings = typer.Typer(no_args_is_help=True)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The channel account.")]
Listing = Annotated[str, typer.Argument(metavar="LISTING", help="The channel's own id of the listing.")]
Sku = Annotated[str, typer.Argument(metavar="SKU")]
OfChannel = Annotated[str | None, typer.Option("--channel", help="Only of this channel account.")]


@command.add(skus, "list", "crossdock skus list")
async def list_skus(as_json: AsJson = False) -> None:
    """List the SKUs with what lies anywhere."""
    from infra.database.reports.ledgers import list_skus as read_skus
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await read_skus(connection)
    cells = ((row.sku, row.title, row.weight_grams, row.on_hand) for row in rows)
    output.show_rows("skus", rows, ("SKU", "Title", "Grams", "On hand"), cells, as_json=as_json)


@command.add(listings, "list", "crossdock listings list --channel sandbox-eu")
async def list_listings(channel: OfChannel = None, as_json: AsJson = False) -> None:
    """List which SKU each listing means, and who said so."""
    from infra.database.reports.ledgers import list_listings as read_listings
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await read_listings(connection, channel)
    cells = ((row.account, row.listing_id, row.sku, row.author, row.valid_from) for row in rows)
    output.show_rows("listings", rows, ("Channel", "Listing", "SKU", "Said by", "Since"), cells, as_json=as_json)


@command.add(listings, "map", "crossdock listings map sandbox-eu LST-TEAPOT TEAPOT")
async def map_listing(account: Account, listing: Listing, sku: Sku, *, actor: Actor, as_json: AsJson = False) -> None:
    """Say which SKU a listing means; orders that waited for it go on at once."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        now = house.context.now()
        await tx.catalog.channel(account)
        await tx.waits.clear(f"sku:{account}:{listing}", now)
        await tx.catalog.map_listing(account, listing, sku, actor, now)
    if as_json:
        output.show_json(account=account, listing_id=listing, sku=sku)
    else:
        output.say(f"listing {listing} of {account} means {sku}")
