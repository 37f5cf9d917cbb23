"""How an order comes to look as its script wants it; the same seed makes the same order."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from pydantic import JsonValue

from infra.sandbox.catalog import NOWHERE_TO_GO, Listing
from infra.sandbox.order import Line, Order, Payment
from infra.sandbox.records import Address, Buyer
from infra.sandbox.scripts import SCRIPTS, Script
from infra.sandbox.world import World

_FIRST_NAMES = [
    "Ada",
    "Björn",
    "Chloé",
    "Dmitri",
    "Elif",
    "Fátima",
    "Goran",
    "Hana",
    "Iker",
    "Jana",
    "Kofi",
    "Lucía",
    "Marek",
    "Nora",
    "Øyvind",
    "Petra",
]
_LAST_NAMES = [
    "Almeida",
    "Brandt",
    "Costa",
    "Dvořák",
    "Eriksen",
    "Fontaine",
    "Greco",
    "Horváth",
    "Ivanova",
    "Janssen",
    "Koch",
    "Larsen",
]
_PLACES = [
    ("DE", "Hamburg", "20457"),
    ("NL", "Utrecht", "3511 LX"),
    ("FR", "Lyon", "69002"),
    ("ES", "Sevilla", "41001"),
]
_STREETS = ["Harbour Street", "Rue des Lilas", "Lindenweg", "Calle Mayor", "Kerkstraat"]
_SHIPPING = {"EUR": 490, "JPY": 800}
_TAX_PERCENT = 19


def compose(world: World, account: str, script_name: str, seed: str) -> Order:
    """Return a new order that nobody has seen yet."""
    chance, script, number = Random(seed), SCRIPTS[script_name], _next_number(world)  # noqa: S311  reproducible
    lines = [
        make_line(place, listing, chance.randint(1, script.quantity))
        for place, listing in enumerate(_choose(world, account, script, chance), start=1)
    ]
    if script.returns == "label":
        lines[0].quantity = max(lines[0].quantity, 2)
    if script.cause == "sku":
        lines[0].listing_id, lines[0].sku, lines[0].gtin = f"LST-NEW-{number}", "", ""
    return assemble(world, account, script_name, lines, seed=seed)


def assemble(world: World, account: str, script_name: str, lines: list[Line], *, seed: str) -> Order:
    """Return an order of these lines whose totals add up, spoilt afterwards as the script wants."""
    script, now, number = SCRIPTS[script_name], world.now(), _next_number(world)
    known = world.catalog.listing(account, lines[0].listing_id) if lines else None
    currency = known.currency if known else "EUR"
    shipping = 0 if script.pickup else _SHIPPING[currency]
    total = sum(line.unit_price * line.quantity for line in lines) + shipping
    who, where = _buyer(Random(seed), number)  # noqa: S311  reproducible, not secret
    if script.cause == "address":
        where = where.model_copy(update={"postal_code": NOWHERE_TO_GO})
    order = Order(
        id=f"SX-{number}", number=f"#{number}", account=account, placed_at=now, updated_at=now, currency=currency,
        lines=lines, shipping_price=shipping, total=total,
        payments=[] if script.hold == "payment_pending" else [Payment(tender="card", captured=total)],
        ship_by=now + timedelta(days=1), deliver_by=now + timedelta(days=4),
        delivery="pickup" if script.pickup else "ship",
        pickup_location=script.shelves[0][0] if script.pickup else None,
        buyer=who, address=None if script.pickup else where,
        holds=[script.hold] if script.hold else [], test=script.test,
        fulfilled_by="marketplace" if script.external else "seller", script=script_name,
    )  # fmt: skip
    order.overrides = _spoil(order, script)
    return order


def make_line(place: int, listing: Listing, quantity: int) -> Line:
    """Return a line of an order at the listing's price."""
    return Line(
        id=f"L{place}", listing_id=listing.id, sku=listing.sku, gtin=listing.gtin, title=listing.title,
        quantity=quantity, unit_price=listing.price,
        tax=listing.price * quantity * _TAX_PERCENT // (100 + _TAX_PERCENT),
    )  # fmt: skip


def _next_number(world: World) -> int:
    return 1001 + len(world.orders)


def _choose(world: World, account: str, script: Script, chance: Random) -> list[Listing]:
    chosen: list[Listing] = []
    for shelf in script.shelves:
        products = world.catalog.stocked_at(*(("STORE-2", "WH-AUTO") if script.yen else shelf))
        taken = {listing.sku for listing in chosen}
        sku = chance.choice([product.sku for product in products if product.sku not in taken])
        listing = world.catalog.listing(account, f"LST-{sku}")
        if listing:
            chosen.append(listing)
    return chosen


def _buyer(chance: Random, number: int) -> tuple[Buyer, Address]:
    name = f"{chance.choice(_FIRST_NAMES)} {chance.choice(_LAST_NAMES)}"
    country, city, postal_code = chance.choice(_PLACES)
    phone = f"+3170{number:07d}"
    buyer = Buyer(name=name, email=f"buyer-{number}@example.test", phone=phone)
    line1 = f"{chance.choice(_STREETS)} {number}"
    return buyer, Address(name=name, line1=line1, city=city, postal_code=postal_code, country=country, phone=phone)


def _spoil(order: Order, script: Script) -> dict[str, JsonValue]:
    match script.spoils:
        case "total":
            return {"total": order.total + 100}
        case "quantity":
            lines = [line.model_dump(mode="json") for line in order.lines]
            return {"lines": [{**line, "quantity": -1} for line in lines]}
        case "currency":
            return {"currency": "XQZ"}
        case "address":
            return {"address": None}
        case _:
            return {}
