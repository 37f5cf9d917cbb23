"""Stock as the command line books it: one change, and the orders that waited for the SKU are served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from domain.errors import NotFound
from domain.inventory import MovementKind
from domain.ports.stores import Transaction
from domain.ports.stores.inventory import Movement
from infra.database.reports.ledgers import StockRow, list_stock
from infra.database.reports.reading import reading
from workers.cli import output
from workers.cli.parts import opened_house

Change = Callable[[Transaction, datetime], Awaitable[bool]]
"""What is done in the one transaction; False when it was done before under the same request."""


async def book(
    sku: str, locations: tuple[str, ...], change: Change, *, account: str = "", as_json: bool = False
) -> None:
    """Change the stock of a SKU and print the levels of these locations (none: all) as they follow.

    Raises:
        NotFound: no such SKU, location or channel.
        OutOfStock: less would be on hand than is reserved.
    """
    async with opened_house() as house:
        now = house.context.now()
        async with house.context.record.begin() as tx:
            await _require_known(tx, sku, locations, account)
            # The cause is locked before the level: the one order in which everybody takes locks.
            await tx.waits.clear(f"stock:{sku}", now)
            booked = await change(tx, now)
        async with reading(house.engine) as connection:
            rows = await list_stock(connection, sku)
    shown = [row for row in rows if not locations or row.location in locations]
    _tell(shown, booked=booked, as_json=as_json)


def movement_of(request: str, kind: MovementKind, sku: str, location: str, delta: int, **words: str) -> Movement:
    """Return the movement of a request, which is booked once; `words` are its reason, actor and reference."""
    return Movement.model_validate(
        {"key": f"cli:{request}", "kind": kind, "sku": sku, "location": location, "delta": delta, **words}
    )


async def _require_known(tx: Transaction, sku: str, locations: tuple[str, ...], account: str) -> None:
    """Refuse what does not exist, with what does."""
    if not await tx.catalog.known_skus([sku]):
        raise NotFound("no-sku", f"there is no SKU {sku}; see crossdock skus list")
    places = [place.code for place in await tx.catalog.locations()]
    for location in locations:
        if location not in places:
            raise NotFound("no-location", f"there is no location {location}; there are: {', '.join(places)}")
    channels = [channel.account for channel in await tx.catalog.channels()]
    if account and account not in channels:
        raise NotFound("no-channel", f"there is no channel {account}; there are: {', '.join(channels)}")


def _tell(levels: list[StockRow], *, booked: bool, as_json: bool) -> None:
    if as_json:
        single = levels[0].model_dump(mode="json") if len(levels) == 1 else {}
        output.show_json(booked=booked, **single, levels=levels)
        return
    known = "" if booked else " (this request was booked before)"
    for level in levels:
        output.say(
            f"{level.sku} at {level.location}: {level.on_hand} on hand, {level.reserved} reserved, "
            f"{level.available} available{known}"
        )
