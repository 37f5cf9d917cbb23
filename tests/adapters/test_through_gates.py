"""Each adapter through the gates of its account's own client: its addresses, its limits, the breaker."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import TypeAdapter

from adapters.conformance.carrier import BUY, VOID, wish
from adapters.conformance.channel_deeds import CHANNEL_DEEDS, place
from adapters.conformance.faults import FaultyTransport
from adapters.conformance.promises import Scene
from adapters.conformance.worlds import World
from adapters.conformance.writing import bring_about
from adapters.http import Gates, PartyLine, make_party_client, reach_of
from domain.ports.carrier import VoidLabel
from domain.ports.marketplace import OfferedStock
from tests.adapters.carriers.easypost.simulator import EasyPostWorld
from tests.adapters.carriers.karrio.simulator import KarrioWorld
from tests.adapters.carriers.shipengine.simulator import ShipEngineWorld
from tests.adapters.marketplaces.amazon.test_conformance import AmazonWorld
from tests.adapters.marketplaces.mirakl.world import MiraklWorld
from tests.adapters.marketplaces.shopify.simulator import ShopifyWorld
from tests.adapters.marketplaces.woocommerce.world import WooWorld
from tests.builders import NOW
from tests.fakes.record import FakeRecord


@asynccontextmanager
async def gated(world: World) -> AsyncGenerator[Scene]:
    """Put an adapter in front of its world, with its account's own client in between."""
    manifest = world.manifest
    settings = manifest.settings.model_validate(world.settings)
    private = TypeAdapter[Any](dict[str, object]).validate_python(world.settings).get("base_url", "")
    reach = reach_of(settings, manifest.hosts, allow_private=str(private).startswith("http:"))
    line = FaultyTransport(world.transport)
    gates = Gates(FakeRecord(), lambda: NOW)  # pyright: ignore[reportArgumentType] - the part of a record that is asked
    async with make_party_client(PartyLine("party", reach, manifest.limits), gates, line) as http:
        yield Scene(world, line, manifest.factory(settings, http))


@pytest.mark.parametrize("world", [AmazonWorld, MiraklWorld, ShopifyWorld, WooWorld])
async def test_a_marketplace_is_spoken_to_in_every_way(world: type[World]) -> None:
    async with gated(world()) as scene:  # its questions use up what it may ask in a while
        assert (await scene.adapter.check_access()).remote_account
    async with gated(world()) as scene:
        placed = await place(scene)
        page = await scene.adapter.list_orders(scene.world.now.replace(year=2020), None)
        assert page.orders
        await scene.adapter.fetch_order(placed.channel_order_id)
        row = OfferedStock(listing_id=next(iter(scene.world.listings)), sku="x", quantity=3)
        (told,) = await scene.adapter.publish_stock((row,))
        if told.job:
            await scene.world.finish_jobs()
            assert await scene.adapter.stock_results(told.job) == ()
        for deed in CHANNEL_DEEDS:
            if deed.claimed(scene.capability):
                await bring_about(scene, deed, await deed.ready(scene))
        assert {request.extensions["operation"] for request in scene.line.requests}


@pytest.mark.parametrize("world", [EasyPostWorld, KarrioWorld, ShipEngineWorld])
async def test_a_carrier_is_spoken_to_in_every_way(world: type[World]) -> None:
    async with gated(world()) as scene:
        write = await wish(scene)
        assert await scene.adapter.rate(write)
        bought = await bring_about(scene, BUY, write)
        await scene.adapter.find(write)
        await scene.adapter.track(bought.tracking_number)
        void = VoidLabel(reference="void:1#1", remote_id=bought.remote_id, tracking_number=bought.tracking_number or "")
        await bring_about(scene, VOID, void)
