"""`crossdock listings`: which SKU a line means, by listing, alias or rule; and what nobody could match."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode, misused
from workers.cli.options import Account, Actor, AsJson, Limit

app = typer.Typer(no_args_is_help=True)

Listing = Annotated[str, typer.Argument(metavar="LISTING", help="The channel's own id of the listing.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="The seller's SKU or GTIN as lines carry it.")]
Position = Annotated[int, typer.Argument(metavar="POSITION", min=1, max=1000, help="Rules are tried in this order.")]
OfChannel = Annotated[str | None, typer.Option("--channel", help="Only of this channel account.")]
ForChannel = Annotated[str, typer.Option("--channel", help="Only for this channel account; else for all.")]
Pack = Annotated[int, typer.Option("--units", min=1, max=10_000, help="How many units of the SKU one of it is.")]
Replace = Annotated[bool, typer.Option("--yes", help="Replace what it means already.")]
File = Annotated[
    Path | None,
    typer.Option("--file", metavar="CSV", help="Map many: columns account, listing, sku and perhaps units."),
]
Whole = Annotated[bool, typer.Option("--all-or-nothing", help="With --file: one bad row refuses all.")]


@command.add(app, "list", "crossdock listings list --channel sandbox-eu")
async def list_listings(channel: OfChannel = None, as_json: AsJson = False) -> None:
    """List which SKU each listing means, and who said so."""
    from infra.database.reports.ledgers import list_listings as read_listings
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await read_listings(connection, channel)
    cells = ((row.account, row.listing_id, row.sku, row.units, row.author, row.valid_from) for row in rows)
    headings = ("Channel", "Listing", "SKU", "Units", "Said by", "Since")
    output.show_rows("listings", rows, headings, cells, as_json=as_json)


@command.add(app, "unmapped", "crossdock listings unmapped")
async def unmapped(channel: OfChannel = None, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the listings that orders wait for, with the SKUs that each may mean and what speaks for them."""
    from workers.cli.listing_mapping import list_queue

    rows = await list_queue(channel, limit)
    if as_json:
        output.show_json(
            unmapped=[{**row.listing.model_dump(), "why": row.why, "suggestions": row.suggestions} for row in rows]
        )
        return
    cells = (
        (row.listing.account, row.listing.listing_id, row.listing.title, row.why, row.listing.orders,
         one and f"{one.units} x {one.sku}", one and one.score, one and "; ".join(one.reasons))
        for row in rows
        for one in row.suggestions or (None,)
    )  # fmt: skip
    headings = ("Channel", "Listing", "Title", "Why", "Orders", "Perhaps", "Score", "Because")
    output.show_table(headings, cells, empty="every listing is matched")


@command.add(app, "map", "crossdock listings map sandbox-eu LST-TEAPOT TEAPOT --units 6")
async def map_listing(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The channel account.")] = "",
    listing: Annotated[str, typer.Argument(metavar="LISTING", help="The channel's own id of the listing.")] = "",
    sku: Annotated[str, typer.Argument(metavar="SKU")] = "",
    *,
    units: Pack = 1,
    file: File = None,
    all_or_nothing: Whole = False,
    yes: Replace = False,
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Say which SKU a listing means, or many with --file; orders that waited for it go on at once."""
    if file is not None and not account:
        await _map_file(file, actor, replace=yes, whole=all_or_nothing, as_json=as_json)
    elif file is None and sku:
        await _map_one(account, listing, sku, units, actor, replace=yes, as_json=as_json)
    else:
        raise misused("expected ACCOUNT LISTING SKU, or --file alone", "crossdock listings map --help")


@command.add(app, "accept", "crossdock listings accept sandbox-eu LST-TEAPOT")
async def accept(
    account: Account, listing: Listing, *, yes: Replace = False, actor: Actor, as_json: AsJson = False
) -> None:
    """Map a listing to the SKU that was suggested first, where that is a clear winner."""
    from workers.cli.listing_mapping import find_best

    best = await find_best(account, listing)
    await _map_one(account, listing, best.sku, best.units, actor, replace=yes, as_json=as_json)


@command.add(app, "unmap", "crossdock listings unmap sandbox-eu LST-TEAPOT")
async def unmap(account: Account, listing: Listing, *, actor: Actor, as_json: AsJson = False) -> None:
    """End what a listing means; lines that were matched stay as they are."""
    from domain.errors import NotFound
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        now = house.context.now()
        if not await tx.listings.end(account, listing, now):
            raise NotFound("no-listing", f"listing {listing} of {account} means nothing")
        await tx.audit.note(f"listing:{account}:{listing}", "unmap", actor, "", now)
        woken = await tx.listings.wake(now)
    words = f"listing {listing} of {account} means nothing any more{_waited(woken)}"
    output.tell(words, as_json=as_json, account=account, listing_id=listing, woken=woken)


@command.add(app, "alias", "crossdock listings alias 4006381333931 PENCIL --units 12")
async def alias(
    code: Code,
    sku: Annotated[str, typer.Argument(metavar="SKU")],
    *,
    channel: ForChannel = "",
    units: Pack = 1,
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Give a SKU another name; orders that waited for it go on at once."""
    from domain.listing import Alias
    from workers.cli.errors import checking_input
    from workers.cli.parts import opened_house

    with checking_input():
        named = Alias(account=channel, code=code, sku=sku, units=units)
    async with opened_house() as house, house.context.record.begin() as tx:
        if channel:
            await tx.catalog.channel(channel)
        await tx.listings.save_alias(named, actor, house.context.now())
        woken = await tx.listings.wake(house.context.now())
    output.tell(f"{code} is {units} x {sku}{_waited(woken)}", as_json=as_json, **named.model_dump(), woken=woken)


@command.add(app, "unalias", "crossdock listings unalias 4006381333931")
async def unalias(code: Code, *, channel: ForChannel = "", actor: Actor, as_json: AsJson = False) -> None:
    """End another name of a SKU."""
    from domain.errors import NotFound
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        now = house.context.now()
        if not await tx.listings.end_alias(channel, code, now):
            raise NotFound("no-alias", f"{code} is no alias {f'under {channel}' if channel else 'for all channels'}")
        await tx.audit.note(f"alias:{channel}:{code}", "unalias", actor, "", now)
        woken = await tx.listings.wake(now)
    words = f"{code} is no alias any more{_waited(woken)}"
    output.tell(words, as_json=as_json, account=channel, code=code, woken=woken)


@command.add(app, "rule", "crossdock listings rule sandbox-eu 1 --strip-prefix AMZ- --fold-case")
async def rule(
    account: Account,
    position: Position,
    *,
    reads: Annotated[
        Literal["sku", "listing"], typer.Option(help="The seller's SKU of a line, or its listing.")
    ] = "sku",
    strip_prefix: Annotated[str, typer.Option(help="What is cut off in front; without it the rule abstains.")] = "",
    strip_suffix: Annotated[str, typer.Option(help="What is cut off behind.")] = "",
    fold_case: Annotated[bool, typer.Option("--fold-case", help="A to Z match in either case.")] = False,
    end: Annotated[bool, typer.Option("--end", help="End the rule at this position.")] = False,
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """Say how the codes of a channel are written; orders that waited for it go on at once."""
    from domain.errors import NotFound
    from domain.listing import Rule
    from workers.cli.errors import checking_input
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        now = house.context.now()
        await tx.catalog.channel(account)
        if end:
            if not await tx.listings.end_rule(account, position, now):
                raise NotFound("no-rule", f"{account} has no rule {position}")
            await tx.audit.note(f"rule:{account}:{position}", "end", actor, "", now)
            words = f"rule {position} of {account} has ended{_waited(woken := await tx.listings.wake(now))}"
            output.tell(words, as_json=as_json, account=account, position=position, woken=woken)
            return
        with checking_input():
            written = Rule(account=account, position=position, reads=reads, prefix=strip_prefix, suffix=strip_suffix,
                           folds_case=fold_case)  # fmt: skip
        await tx.listings.save_rule(written, actor, now)
        woken = await tx.listings.wake(now)
    output.tell(
        f"rule {position} of {account} is kept{_waited(woken)}", as_json=as_json, **written.model_dump(), woken=woken
    )


@command.add(app, "names", "crossdock listings names --channel sandbox-eu")
async def names(channel: OfChannel = None, as_json: AsJson = False) -> None:
    """List aliases, and the rules of each channel in their order."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        aliases = await tx.listings.aliases(channel)
        rules = await tx.listings.rules(channel)
    if as_json:
        output.show_json(aliases=aliases, rules=rules)
        return
    cells = ((one.account or "all", one.code, one.sku, one.units) for one in aliases)
    output.show_table(("Channel", "Alias", "SKU", "Units"), cells, empty="no aliases")
    written = ((one.account, one.position, one.reads, one.prefix, one.suffix, one.folds_case) for one in rules)
    headings = ("Channel", "Rule", "Reads", "Strips in front", "Strips behind", "Either case")
    output.show_table(headings, written, empty="no rules")


async def _map_one(
    account: str, listing: str, sku: str, units: int, actor: str, *, replace: bool, as_json: bool
) -> None:
    from domain.listing import Listing as Mapping
    from workers.cli.errors import checking_input
    from workers.cli.listing_mapping import map_one

    with checking_input():
        wanted = Mapping(listing_id=listing, sku=sku, units=units)
    await map_one(account, wanted, actor, replace=replace)
    words = f"listing {listing} of {account} means {f'{units} x ' if units > 1 else ''}{sku}"
    output.tell(words, as_json=as_json, account=account, **wanted.model_dump())


async def _map_file(file: Path, actor: str, *, replace: bool, whole: bool, as_json: bool) -> None:
    from workers.cli.listing_mapping import map_file

    mapped, refused = await map_file(file, actor, replace=replace, whole=whole)
    if as_json:
        output.show_json(mapped=mapped, refused=refused)
    else:
        output.say(f"{mapped} listings mapped, {len(refused)} rows refused")
        output.show_table(("Line", "Why"), ((row.line, row.why) for row in refused))
    if refused:
        raise typer.Exit(ExitCode.FAILED)


def _waited(woken: int) -> str:
    return f"; {woken} listings that orders waited for are looked at again" if woken else ""
