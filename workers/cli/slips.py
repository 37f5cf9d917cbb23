"""The slips of an order, as they are read from the record and written to a file."""

from __future__ import annotations

from pathlib import Path

from activities.context import Context
from domain.errors import Conflict, Refused
from domain.fulfillment import REOPENS_LINES, Fulfillment, Stage
from domain.ports.stores.order import KeptOrder
from infra.slips import Slip, SlipLine
from workers.cli.order_page import Person, reveal

_GIVEN_UP = REOPENS_LINES | {Stage.CANCELLED, Stage.CANCELLING, Stage.EXPIRED}


async def read_slips(context: Context, order_id: str, actor: str, reason: str) -> list[Slip]:
    """Return a slip for each fulfillment order that is not given up; reading whose they are is written to the audit.

    Raises:
        Conflict: there is none.
    """
    async with context.record.begin() as tx:
        order = await tx.orders.load(order_id)
        places = {place.code: place.name for place in await tx.catalog.locations()}
    parts = [part for part in order.fulfillments if part.stage not in _GIVEN_UP]
    if not parts:
        raise Conflict("no-slips", f"nothing of {order_id} is on its way out; see crossdock orders show {order_id}")
    person = await reveal(context, order_id, actor, reason)
    return [_slip(order, part, places.get(part.location, part.location), person) for part in parts]


def keep(file: Path, content: bytes) -> None:
    """Write a file whole, or not at all.

    Raises:
        Refused: it cannot be written there.
    """
    unfinished = file.with_name(f".{file.name}.tmp")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    except OSError as error:
        raise Refused("no-file", f"{file} cannot be written: {error.strerror}") from None


def _slip(order: KeptOrder, part: Fulfillment, location: str, person: Person) -> Slip:
    titles = {line.line_id: line.title for line in order.lines}
    lines = tuple(
        SlipLine(
            sku=line.sku,
            title=titles.get(line.line_id, ""),
            quantity=line.quantity,
            parts=tuple(f"{own.units * line.quantity} x  {own.sku}" for own in line.components),
        )
        for line in part.lines
        if line.quantity
    )
    return Slip(
        code=part.fulfillment_id,
        delivery=part.delivery,
        order_number=order.number or order.channel_order_id,
        seller=order.account,
        location=location,
        recipient=_recipient(part, person),
        lines=lines,
        gift=order.gift,
    )


def _recipient(part: Fulfillment, person: Person) -> tuple[str, ...]:
    """Return who gets it: a name for a pickup, an address for a parcel, nothing once that was erased."""
    if part.delivery == "pickup" or person.address is None:
        return (person.buyer.name,) if person.buyer and person.buyer.name else ()
    address = person.address
    town = " ".join(text for text in (address.postal_code, address.city, address.region) if text)
    return tuple(text for text in (address.name, address.street, town, address.country) if text)
