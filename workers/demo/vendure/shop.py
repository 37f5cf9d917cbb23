"""The real shop as a channel: started on the stack, its goods mapped, its webhooks sent to the gateway."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

from domain.listing import Listing
from domain.policy import DEMO_POLICY
from domain.ports.stores.catalog import Channel
from infra.settings import Settings
from infra.stack.ports import pick_free
from infra.vendure.hand import Administrator
from infra.vendure.store import START_SECONDS, Store
from workers.demo.run import Demo
from workers.demo.vendure.stories import GOODS, MISSING
from workers.schedules import ensure_schedules
from workers.stack import RunningStack

ACCOUNT = "vendure"
_USER = "crossdock@example.com"
_PLENTY = 1_000
_POLICY = DEMO_POLICY.model_copy(update={"pull_every": timedelta(seconds=3), "reconcile_every": timedelta(seconds=30)})


def start_shop(running: RunningStack, home: Settings) -> Store:
    """Install Vendure below the data folder of `home`, seed it, and serve it as a part of the stack.

    Raises:
        StoreError: Node.js is absent, npm or the seed failed.
        StackError: the shop does not answer.
    """
    (port,) = pick_free(1)
    store = Store(home.data_dir / "vendure", running.addresses.database_url, port)
    running.stack.start([store.prepare()], within=START_SECONDS)
    return store


async def open_channel(demo: Demo, store: Store, person: Administrator) -> None:
    """Connect the shop: an access of our own, its listings, its webhooks and its schedules."""
    password, secret = secrets.token_urlsafe(12), secrets.token_urlsafe(24)
    await person.hire(_USER, password)
    await person.set_stock(MISSING, _PLENTY)
    access = {"admin_api": store.admin_api, "username": _USER, "password": password, "webhook_secret": secret}
    sold = [variant for variant in await person.everything_on_sale() if variant.sku in GOODS]
    context = demo.house.context
    async with context.record.begin() as tx:
        for channel in await tx.catalog.channels():
            # The sandbox sells nothing here; only its carriers and places are needed.
            await tx.catalog.pause_channel(channel.account, paused=True)
        await tx.catalog.save_channel(
            Channel(account=ACCOUNT, adapter="vendure", settings=json.dumps(access), allow_private=True)
        )
        means = [Listing(listing_id=variant.id, sku=GOODS[variant.sku]) for variant in sold]
        await tx.listings.save(ACCOUNT, means, "demo", context.now())
        # The shop may sell what is not there: those orders wait, with the channel's own leave.
        await tx.availability.cap_oversell(GOODS[MISSING], ACCOUNT, _PLENTY)
    await person.send_webhooks(f"{demo.house.settings.gateway_base_url}/hooks/{ACCOUNT}", secret, ACCOUNT)
    await ensure_schedules(demo.client, ACCOUNT, _POLICY)
