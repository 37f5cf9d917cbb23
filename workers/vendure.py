"""A Vendure shop as a channel: its range, its stock and an access of our own, so that its orders can be carried."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence

import httpx
from temporalio.client import Client

from domain.inventory import MovementKind
from domain.listing import Listing
from domain.ports.stores.catalog import Channel, Mode
from domain.ports.stores.inventory import Movement
from infra.vendure.hand import Administrator, administrator
from infra.vendure.seen import Variant
from infra.vendure.store import Store
from workers.sandbox import TOKEN
from workers.schedules import ensure_schedules
from workers.wiring import House

ACCOUNT = "vendure"
PLACES = ("WH-AUTO", "STORE-1")
"""Where the shop's goods lie in the sandbox world: SKU by SKU in turn, without a hand and with people."""

PICKUP = {"store-pickup": "STORE-1"}
GRAMS = 400
_AUTHOR = "seeding"


async def connect_vendure(
    house: House, store: Store, *, account: str = ACCOUNT, client: Client | None = None, mode: Mode = Mode.LIVE
) -> dict[str, str]:
    """Sell through a running shop, whose goods are sent by the sandbox world; once per record and account.

    What the shop can sell becomes stock of ours, an administrator is hired for us, the shop's webhooks come to our
    gateway, and what it sold before this moment stays its own.

    Args:
        house: whose record is seeded already, so that it has the locations.
        store: the running shop.
        account: the channel account to be made.
        client: makes the channel's schedules; without it nothing is pulled by itself.
        mode: LIVE, and what the shop sold before is its own; or OBSERVE, and what it has sold is watched.

    Returns:
        Where each SKU lies.

    Raises:
        StoreError: the shop refused.
        httpx.HTTPError: the sandbox world did.
    """
    secret = secrets.token_urlsafe(24)
    async with administrator(store) as person:
        variants = await person.everything_on_sale()
        opened = await _open_channel(house, store, person, account, secret)
        channel = opened if mode is Mode.LIVE else _watched(opened)
        shelves = {variant.sku: PLACES[number % len(PLACES)] for number, variant in enumerate(variants)}
        await _bring_goods(house.settings.sandbox_base_url, variants, shelves)
        await _record(house, channel, variants, shelves)
        await person.send_webhooks(f"{house.settings.gateway_base_url}/hooks/{account}", secret, account)
    if client is not None:
        await ensure_schedules(client, account, house.context.policy)
    return shelves


async def _open_channel(house: House, store: Store, person: Administrator, account: str, secret: str) -> Channel:
    username, password = f"{account}-{secrets.token_hex(4)}@crossdock.example", secrets.token_urlsafe(24)
    await person.hire(username, password)
    told = {
        "admin_api": store.admin_api,
        "username": username,
        "password": password,
        "pickup": PICKUP,
        "begins_at": house.context.now().isoformat(),
        "webhook_secret": secret,
    }
    return Channel(account=account, adapter="vendure", settings=json.dumps(told), allow_private=True)


def _watched(channel: Channel) -> Channel:
    """Return the channel with its past, which is only looked at."""
    settings = {name: told for name, told in json.loads(channel.settings).items() if name != "begins_at"}
    return channel.model_copy(update={"settings": json.dumps(settings), "mode": Mode.OBSERVE})


async def _bring_goods(world: str, variants: Sequence[Variant], shelves: Mapping[str, str]) -> None:
    """Put the goods on the world's shelves: its people hand over only what they have."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=world, trust_env=False, headers=headers) as http:
        for variant in variants:
            if units := _units(variant):
                wish = {"sku": variant.sku, "quantity": units}
                answer = await http.post(f"/locations/{shelves[variant.sku]}/deliveries", json=wish)
                answer.raise_for_status()


async def _record(house: House, channel: Channel, variants: Sequence[Variant], shelves: Mapping[str, str]) -> None:
    now = house.context.now()
    async with house.context.record.begin() as tx:
        await tx.catalog.save_channel(channel)
        for variant in variants:
            await tx.catalog.save_sku(variant.sku, variant.name, GRAMS)
            if units := _units(variant):
                await tx.stock.move(_count(channel.account, variant.sku, shelves[variant.sku], units), now)
        means = [Listing(listing_id=variant.id, sku=variant.sku) for variant in variants]
        await tx.listings.save(channel.account, means, _AUTHOR, now)


def _units(variant: Variant) -> int:
    return max(0, sum(level.available for level in variant.stock_levels))


def _count(account: str, sku: str, location: str, units: int) -> Movement:
    return Movement(
        key=f"opening:{account}:{sku}:{location}",
        kind=MovementKind.COUNT,
        sku=sku,
        location=location,
        delta=units,
        reason="opening stock",
        actor=_AUTHOR,
    )
