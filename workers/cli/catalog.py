"""`crossdock skus`: what is sold, what is a kit, and what is not sold any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.options import Actor, AsJson, Sku, read_count

if TYPE_CHECKING:
    from domain.kit import KitPart

skus = typer.Typer(no_args_is_help=True)

Parts = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SKU=UNITS[:WORTH]]...", help="What one is made of; WORTH of one unit parts the price."),
]


@command.add(skus, "list", "crossdock skus list")
async def list_skus(as_json: AsJson = False) -> None:
    """List the SKUs with what lies anywhere, their restrictions, and what customs are told of them."""
    from infra.database.reports.ledgers import list_skus as read_skus
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await read_skus(connection)
    cells = (
        (row.sku, row.title, row.brand, row.gtin, row.weight_grams, row.on_hand, row.made_of, row.restrictions,
         row.hs_code, row.origin, row.retired)
        for row in rows
    )  # fmt: skip
    headings = (
        "SKU", "Title", "Brand", "GTIN", "Grams", "On hand", "Kit of", "Restrictions", "HS code", "Origin", "Retired",
    )  # fmt: skip
    output.show_rows("skus", rows, headings, cells, as_json=as_json)


@command.add(skus, "add", "crossdock skus add PENCIL 'Pencil HB' --grams 9 --gtin 4006381333931")
async def add(
    sku: Sku,
    title: Annotated[str, typer.Argument(metavar="TITLE")],
    *,
    grams: Annotated[
        int | None, typer.Option("--grams", min=0, max=10_000_000, help="What one unit weighs; without it, as before.")
    ] = None,
    brand: Annotated[str | None, typer.Option("--brand")] = None,
    gtin: Annotated[str | None, typer.Option("--gtin", help="UPC, EAN, ISBN or GTIN-14.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a SKU, or change one; orders that waited for it go on at once."""
    from domain.listing import Listing
    from workers.cli.errors import checking_input
    from workers.cli.parts import opened_house

    with checking_input():
        Listing(listing_id=title, sku=sku)
    async with opened_house() as house, house.context.record.begin() as tx:
        await tx.catalog.save_sku(sku, title, grams, brand=brand, gtin=gtin)
        woken = await tx.listings.wake(house.context.now())
    output.tell(f"{sku} is sold", as_json=as_json, sku=sku, title=title, woken=woken)


@command.add(skus, "kit", "crossdock skus kit TEA-SET TEAPOT=1:30 MUG-BLUE=4:5")
async def kit(sku: Sku, parts: Parts = None, *, actor: Actor, as_json: AsJson = False) -> None:
    """Say what a SKU is made of, or with no parts that it is no kit; lines that were matched stay as they are."""
    from workers.cli.errors import checking_input
    from workers.cli.parts import opened_house

    with checking_input():
        made_of = tuple(_read_part(text) for text in parts or [])
    async with opened_house() as house, house.context.record.begin() as tx:
        now = house.context.now()
        await tx.kits.save(sku, made_of, actor, now)
        await tx.publications.want_sweep()
        await tx.audit.note(f"sku:{sku}", "kit", actor, " ".join(parts or []) or "no kit any more", now)
        woken = await tx.listings.wake(now)
    words = ", ".join(f"{part.units} x {part.sku}" for part in made_of)
    output.tell(f"{sku} is made of {words}" if words else f"{sku} is no kit", as_json=as_json, sku=sku, parts=made_of,
          woken=woken)  # fmt: skip


@command.add(skus, "retire", "crossdock skus retire TEAPOT-OLD")
async def retire(
    sku: Sku,
    *,
    back: Annotated[bool, typer.Option("--back", help="Sell it again.")] = False,
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Stop selling a SKU: lines that mean it are held from now on; those that were matched go on."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        now = house.context.now()
        await tx.kits.retire(sku, retired=not back)
        await tx.publications.want_sweep()
        await tx.audit.note(f"sku:{sku}", "sell" if back else "retire", actor, "", now)
        woken = await tx.listings.wake(now)  # also where one SKU less leaves no doubt
    output.tell(
        f"{sku} is {'sold again' if back else 'retired'}", as_json=as_json, sku=sku, retired=not back, woken=woken
    )


def _read_part(text: str) -> KitPart:
    from domain.kit import KitPart
    from workers.cli.errors import misused

    sku, separator, amount = text.rpartition("=")
    units, _, worth = amount.partition(":")
    if not (separator and sku):
        raise misused(f"{text}: expected SKU=UNITS or SKU=UNITS:WORTH, such as MUG-BLUE=4:5")
    return KitPart(sku=sku, units=read_count(units, text), worth=read_count(worth, text) if worth else 1)
