"""Seeding: an empty record learns from the sandbox world what is sold, where it lies, and on which channel."""

from __future__ import annotations

import json
from typing import Any

import httpx

from domain.inventory import MovementKind
from domain.listing import Listing
from domain.location import Location
from domain.ports.stores import Transaction
from domain.ports.stores.catalog import Channel
from domain.ports.stores.inventory import Movement
from domain.sourcing import SourcingPolicy
from infra.settings import Settings
from workers.sandbox import SECRET, TOKEN
from workers.wiring import House

AUTHOR = "seeding"


async def seed_from_sandbox(house: House) -> bool:
    """Seed a record that knows no location yet; return whether anything was done."""
    async with house.context.record.begin() as tx:
        if await tx.catalog.locations():
            return False
    catalog = await _fetch_catalog(house.settings)
    now = house.context.now()
    async with house.context.record.begin() as tx:
        for account in catalog["accounts"]:
            await tx.catalog.save_channel(sandbox_channel(house.settings, account))
        for place in catalog["locations"]:
            await tx.catalog.save_location(_location(place))
        for product in catalog["products"]:
            await tx.catalog.save_sku(product["sku"], product["title"], product["weight_grams"])
            for movement in _opening_stock(product):
                await tx.stock.move(movement, now)
        await _map_listings(tx, catalog, house)
        # Staff of that world fail to find single units, on shelves that are full.
        await tx.sourcing.add_policy(SourcingPolicy(not_found="units"), AUTHOR, "the sandbox world", now)
    return True


def sandbox_channel(settings: Settings, account: str) -> Channel:
    """Return a channel on the sandbox's marketplace."""
    wanted = {
        "base_url": settings.sandbox_base_url,
        "account": account,
        "token": TOKEN,
        "webhook_secret": SECRET,
    }
    return Channel(account=account, adapter="sandbox", settings=json.dumps(wanted), allow_private=True)


async def _fetch_catalog(settings: Settings) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        answer = await client.get(f"{settings.sandbox_base_url}/catalog")
        answer.raise_for_status()
        catalog: dict[str, Any] = answer.json()
        return catalog


async def _map_listings(tx: Transaction, catalog: dict[str, Any], house: House) -> None:
    for account in catalog["accounts"]:
        means = [
            Listing(listing_id=listing["id"], sku=listing["sku"])
            for listing in catalog["listings"]
            if listing["account"] == account and listing["sku"]
        ]
        await tx.listings.save(account, means, AUTHOR, house.context.now())


def _location(place: dict[str, Any]) -> Location:
    return Location(
        code=place["code"],
        name=place["name"],
        system=place["system"],
        needs_hand=not place["automated"],
        pickup=place["pickup"],
        rank=place["rank"],
        carrier=place["carrier"],
        time_zone=place["time_zone"],
        country=place["country"],
    )


def _opening_stock(product: dict[str, Any]) -> list[Movement]:
    return [
        Movement(
            key=f"opening:{product['sku']}:{location}",
            kind=MovementKind.COUNT,
            sku=product["sku"],
            location=location,
            delta=units,
            reason="opening stock",
            actor=AUTHOR,
        )
        for location, units in product["stock"].items()
        if units
    ]
