"""`crossdock stock`, the terms of promising: set-asides, incoming goods, ceilings, safety, soft reservations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.options import Account, Actor, AsJson, Place, Reason, Request, Sku, WrittenUnits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.ports.stores import Transaction

LONGEST_SOFT = timedelta(days=1)
"""A soft reservation that should last longer is an order."""

app = typer.Typer()

At = Annotated[str, typer.Option("--location", metavar="LOCATION", help="Only there; else where most is free.")]
For = Annotated[str, typer.Option("--for", metavar="SPAN", help="How long: 30m, 2h; at most a day.")]
OfChannel = Annotated[str, typer.Option("--channel", help="The channel they are held for; none: for any.")]
Expected = Annotated[str, typer.Option("--expected", metavar="MOMENT", help="When they come, such as 2026-02-01.")]


@command.add(app, "set-aside", "crossdock stock set-aside CLOCK-RARE sandbox-eu 5 --location STORE-1")
async def set_aside(
    sku: Sku, account: Account, units: WrittenUnits, *, location: At = "", as_json: AsJson = False
) -> None:
    """Set units aside that only orders of one channel may take, in place of what was; 0 ends it.

    Its orders use them up before anything else. Without a location they are laid where most is free.
    """
    from domain.availability import spread
    from domain.errors import NotFound
    from workers.cli.options import read_whole
    from workers.cli.stock_booking import book

    wanted = read_whole(units, 0)

    async def change(tx: Transaction, _now: datetime) -> bool:
        laid: Mapping[str, int] = {location: wanted} if location and wanted else {}
        if wanted and not location:
            places = {place.code: 0 for place in await tx.catalog.locations() if place.open}
            if not places:
                raise NotFound("no-location", "no location is open to set units aside at; name one with --location")
            free = {level.location: level.available for level in await tx.stock.levels([sku], account)}
            laid = spread(wanted, {code: free.get(code, 0) for code in places})
        await tx.availability.set_aside(sku, account, laid)
        await tx.publications.want_sweep()
        return True

    await book(sku, (location,) if location else (), change, account=account, as_json=as_json)


@command.add(app, "incoming", "crossdock stock incoming PO-77 CLOCK-RARE WH-AUTO 40 --expected 2026-02-01")
async def incoming(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="The purchase order, or how they are known.")],
    sku: Sku,
    location: Place,
    units: WrittenUnits,
    *,
    expected: Expected,
    as_json: AsJson = False,
) -> None:
    """Announce goods that will come, or change what was announced; 0 units call them off.

    They are received with `crossdock stock receive SKU LOCATION UNITS --against REFERENCE`.
    """
    from domain.availability import IncomingGoods
    from workers.cli.errors import checking_input
    from workers.cli.options import read_moment, read_whole
    from workers.cli.stock_booking import book

    with checking_input():
        goods = IncomingGoods(
            reference=reference, sku=sku, location=location, units=read_whole(units, 0),
            expected_at=read_moment(expected, "--expected"),
        )  # fmt: skip

    async def change(tx: Transaction, _now: datetime) -> bool:
        await tx.availability.announce(goods)
        await tx.publications.want_sweep()
        return True

    await book(sku, (location,), change, as_json=as_json)


@command.add(app, "ceiling", "crossdock stock ceiling CLOCK-RARE sandbox-eu 10")
async def ceiling(sku: Sku, account: Account, units: WrittenUnits, *, as_json: AsJson = False) -> None:
    """Let a channel sell so many units beyond what there is; 0 (as it is at first) ends it. They are backordered."""
    from workers.cli.options import read_whole
    from workers.cli.stock_booking import book

    wanted = read_whole(units, 0)

    async def change(tx: Transaction, _now: datetime) -> bool:
        await tx.availability.cap_oversell(sku, account, wanted)
        await tx.publications.want_sweep()
        return True

    await book(sku, (), change, account=account, as_json=as_json)


@command.add(app, "safety", "crossdock stock safety CLOCK-RARE STORE-1 1")
async def safety(sku: Sku, location: Place, units: WrittenUnits, *, as_json: AsJson = False) -> None:
    """Set how many units at a location nobody is promised."""
    from workers.cli.options import read_whole
    from workers.cli.stock_booking import book

    kept = read_whole(units, 0)

    async def change(tx: Transaction, _now: datetime) -> bool:
        await tx.stock.keep_safety(sku, location, kept)
        await tx.publications.want_sweep()
        return True

    await book(sku, (location,), change, as_json=as_json)


@command.add(app, "hold", "crossdock stock hold CLOCK-RARE STORE-1 1 --for 30m --reason 'buyer on the phone'")
async def hold(
    sku: Sku,
    location: Place,
    units: WrittenUnits,
    *,
    lasting: For = "30m",
    channel: OfChannel = "",
    reason: Reason = "held",
    actor: Actor,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Reserve units for a while without an order, for a checkout or a phone call; it ends by itself."""
    from domain.errors import OutOfStock
    from domain.inventory import Claim
    from domain.ports.stores.reservation import SoftReservation
    from workers.cli.options import read_span, read_whole
    from workers.cli.stock_booking import book

    owner, span = f"soft:{request}", read_span(lasting, "--for", LONGEST_SOFT)
    claim = Claim(sku=sku, location=location, quantity=read_whole(units, 1))

    async def change(tx: Transaction, now: datetime) -> bool:
        soft = SoftReservation(owner=owner, account=channel, until=now + span, actor=actor, reason=reason)
        fresh = await tx.reservations.add(soft)
        if fresh and not await tx.stock.reserve(owner, (claim,)):
            raise OutOfStock(
                "short", f"{sku} at {location}: {claim.quantity} cannot be promised; crossdock stock show {sku}"
            )
        return fresh

    await book(sku, (location,), change, account=channel, as_json=as_json)
    if not as_json:
        output.say(f"held for {lasting} as {owner}; to end it: crossdock stock let-go {owner}")


@command.add(app, "let-go", "crossdock stock let-go soft:3f2a9c01d4e5b677")
async def let_go(
    owner: Annotated[str, typer.Argument(metavar="OWNER", help="As `crossdock stock hold` said it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """End what `hold` reserved; orders that wait for it go on at once."""
    from activities.stock import end_reservation
    from domain.errors import Refused
    from workers.cli.parts import opened_house

    if not owner.startswith("soft:"):
        raise Refused("not-soft", f"{owner} is held for an order; cancel or reroute that: crossdock orders list")
    async with opened_house() as house:
        ended = await end_reservation(house.context, owner)
    output.tell(
        f"{owner} is let go" if ended else f"{owner} held nothing any more", as_json=as_json, owner=owner, ended=ended
    )
