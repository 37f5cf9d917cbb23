"""Stock as the command line books it: one movement, and the orders that waited for the SKU are served."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import NotFound
from domain.inventory import MovementKind
from domain.ports.stores import Transaction
from domain.ports.stores.inventory import Movement
from infra.database.reports.ledgers import StockRow, list_stock
from infra.database.reports.reading import reading
from workers.cli import output
from workers.cli.parts import opened_house


@dataclass(frozen=True)
class Booking:
    """Units of one SKU at one location, that came (RECEIVE) or were counted (COUNT); a request is booked once."""

    kind: MovementKind
    sku: str
    location: str
    units: int
    actor: str
    reason: str
    request: str

    @property
    def movement(self) -> Movement:
        """The movement of the ledger; of a count the ledger works the difference out itself."""
        return Movement(
            key=f"cli:{self.request}", kind=self.kind, sku=self.sku, location=self.location,
            delta=self.units if self.kind is MovementKind.RECEIVE else 0, reason=self.reason, actor=self.actor,
        )  # fmt: skip


async def book(booking: Booking, *, as_json: bool) -> None:
    """Book it and print the level that follows.

    Raises:
        NotFound: no such SKU or location.
        OutOfStock: fewer were counted than are reserved.
    """
    async with opened_house() as house:
        now = house.context.now()
        async with house.context.record.begin() as tx:
            await _require_known(tx, booking)
            # The cause is locked before the level: the one order in which everybody takes locks.
            await tx.waits.clear(f"stock:{booking.sku}", now)
            if booking.kind is MovementKind.COUNT:
                booked = await tx.stock.count(booking.movement, booking.units, now)
            else:
                booked = await tx.stock.move(booking.movement, now)
        async with reading(house.engine) as connection:
            rows = await list_stock(connection, booking.sku)
    _tell(next(row for row in rows if row.location == booking.location), booked=booked, as_json=as_json)


async def _require_known(tx: Transaction, booking: Booking) -> None:
    if not await tx.catalog.known_skus([booking.sku]):
        raise NotFound("no-sku", f"there is no SKU {booking.sku}; see crossdock skus list")
    places = [place.code for place in await tx.catalog.locations()]
    if booking.location not in places:
        raise NotFound("no-location", f"there is no location {booking.location}; there are: {', '.join(places)}")


def _tell(level: StockRow, *, booked: bool, as_json: bool) -> None:
    if as_json:
        output.show_json(booked=booked, **level.model_dump(mode="json"))
        return
    known = "" if booked else " (this request was booked before)"
    output.say(
        f"{level.sku} at {level.location}: {level.on_hand} on hand, {level.reserved} reserved, "
        f"{level.available} available{known}"
    )
