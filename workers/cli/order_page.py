"""One order on a terminal: what it is, what became of it, and what it waits for in plain words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from activities.context import Context
from domain.errors import NotFound
from domain.values import Address, Buyer, Model
from domain.waits import advise, waiting_part
from infra.database.reports.order_page import OrderPage, ParcelRow, WaitRow
from workers.cli import output


class Person(Model):
    """Who bought, and where it goes; None where it was erased or there never was an address."""

    buyer: Buyer | None
    address: Address | None


async def reveal(context: Context, order_id: str, actor: str, reason: str) -> Person:
    """Return the personal data of an order, and write to the audit who looked at it."""
    async with context.record.begin() as tx:
        await tx.audit.note(order_id, "read_personal", actor, reason, context.now())
        try:
            buyer = await tx.vault.buyer(order_id)
        except NotFound:
            return Person(buyer=None, address=None)
        try:
            return Person(buyer=buyer, address=await tx.vault.address(order_id))
        except NotFound:
            return Person(buyer=buyer, address=None)


def to_document(page: OrderPage, person: Person | None) -> dict[str, Any]:
    """Return the page as JSON tells it: its header's fields, its parts, and its waits with their advice."""
    told = page.model_dump(mode="json")
    header = told.pop("header")
    told["waits"] = [wait.model_dump(mode="json") | _advice(header["order_id"], wait) for wait in page.waits]
    return {**header, **told, **({"person": person} if person else {})}


def show(page: OrderPage, person: Person | None, now: datetime) -> None:
    """Print the page."""
    _show_header(page)
    if person:
        _show_person(person)
    _show_lines(page)
    _show_parts(page)
    _show_waits(page, now)


def _advice(order_id: str, wait: WaitRow) -> dict[str, Any]:
    return advise(order_id, wait.cause, wait.expected_at).model_dump()


def _show_header(page: OrderPage) -> None:
    header = page.header
    pickup = f"pickup at {header.pickup_location}" if header.pickup_location else header.delivery
    output.show_facts(
        [
            ("Order", header.order_id),
            ("Number", header.number),
            ("State", header.state),
            ("Delivery", pickup),
            ("Gift", "show no price to whoever unpacks it" if header.gift else ""),
            ("Total", output.money(header.total, header.currency)),
            ("Captured", output.money(header.captured, header.currency)),
            ("Given back", output.money(header.refunding, header.currency) if header.refunding else ""),
            ("Placed", header.placed_at),
            ("Recorded", header.recorded_at),
            ("Ship by", header.ship_by),
            ("Deliver by", header.deliver_by),
            ("Closed", header.closed_at),
            ("Cancellation", "asked for by the buyer" if header.cancel_requested else ""),
            *((f"Hold: {hold.reason}", f"by {hold.placed_by}, {output.plain(hold.placed_at)}") for hold in page.holds),
        ]
    )


def _show_person(person: Person) -> None:
    buyer, address = person.buyer, person.address
    if buyer is None:
        output.say("Personal data: erased")
        return
    facts = [("Buyer", buyer.name), ("E-mail", buyer.email), ("Phone", buyer.phone)]
    if address is not None:
        parts = (address.name, address.street, f"{address.postal_code} {address.city}", address.region, address.country)
        facts.append(("Goes to", ", ".join(part for part in (*parts, address.phone) if part.strip())))
    output.show_facts(facts)


def _show_lines(page: OrderPage) -> None:
    currency = page.header.currency
    output.show_table(
        ("Line", "Listing", "SKU", "Title", "Units", "Price", "Planned", "Done", "Cancelled", "Returned", "Open"),
        (
            (
                line.line_id, line.listing_id, line.sku, line.title, line.quantity,
                output.money(line.unit_price, currency), line.planned, line.done + line.by_hand, line.cancelled,
                line.returned, line.open,
            )
            for line in page.lines
        ),
        title="Lines",
    )  # fmt: skip


def _show_parts(page: OrderPage) -> None:
    output.show_table(
        ("Fulfillment order", "Stage", "Since", "Location", "Carrier", "Units", "Why there"),
        (
            (part.fulfillment_id, part.stage, part.stage_at, part.location, part.carrier, part.units, part.reasons)
            for part in page.fulfillments
        ),
        title="Fulfillment orders",
    )
    output.show_table(
        ("Parcel", "Label", "Carrier", "Tracking number", "Told to the channel", "Driver", "Last scan"),
        (
            (one.parcel_id, one.state, one.carrier, one.tracking_number, one.told_at, _driver(one), one.last_scan)
            for one in page.parcels
        ),
        title="Parcels",
    )
    output.show_table(
        ("Refund", "Amount", "State", "Why", "Reserved", "Settled"),
        (
            (
                one.refund_id,
                output.money(one.amount, one.currency),
                one.state,
                one.reason,
                one.reserved_at,
                one.settled_at,
            )
            for one in page.refunds
        ),
        title="Refunds",
    )


def _driver(parcel: ParcelRow) -> str:
    """Return when the driver comes, or that one was asked for."""
    if parcel.collection_state == "ORDERED":
        return f"{output.plain(parcel.collected_from)} to {output.plain(parcel.collected_until)}"
    return "asked for" if parcel.collection_state else ""


def _show_waits(page: OrderPage, now: datetime) -> None:
    if not page.waits:
        output.say("It waits for nothing.")
    for wait in page.waits:
        advice = advise(page.header.order_id, wait.cause, wait.expected_at)
        part = waiting_part(wait.scope)
        since = f"since {output.plain(wait.since)} ({output.age(wait.since, now)})"
        output.say(f"{part} waits for {advice.waits_for}, {since}{f', because: {wait.code}' if wait.code else ''}.")
        output.say(f"  Cleared by {advice.cleared_by}: {advice.command}")
