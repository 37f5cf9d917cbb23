"""One store for each test, and the adapter in front of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from adapters.conformance.worlds import Placed, Wanted
from adapters.http import make_client
from adapters.marketplaces.shopify.adapter import ShopifyMarketplace
from adapters.marketplaces.shopify.settings import ShopifySettings
from domain.ports.marketplace import ConfirmShipment
from tests.adapters.marketplaces.shopify.shelf import Order
from tests.adapters.marketplaces.shopify.simulator import ShopifyWorld

NUMBER = "JD014600006281230701"


class Shop:
    """A store with one order of three mugs and two lamps, and what was asked of it."""

    def __init__(self, world: ShopifyWorld, http: httpx.AsyncClient, **changed: object) -> None:
        self.world, self.admin = world, world.admin
        self.adapter = ShopifyMarketplace(ShopifySettings.model_validate({**world.settings, **changed}), http)
        self.placed = self.place(3, 2)
        self.order: Order = world.order(self.placed)

    def place(self, *quantities: int, moment: datetime | None = None) -> Placed:
        rows = zip(self.world.listings, quantities, (1999, 435), strict=False)
        wanted = [Wanted(listing_id=one, quantity=units, unit_price=price) for one, units, price in rows]
        return self.world.place(wanted, moment or self.world.now - timedelta(hours=1))

    def lines(self, *units: int) -> dict[str, int]:
        return {line.line_id: each for line, each in zip(self.placed.lines, units, strict=False) if each}

    def shipment(self, quantities: Mapping[str, int], number: str = NUMBER) -> ConfirmShipment:
        return ConfirmShipment(
            channel_order_id=self.placed.channel_order_id, reference="tracking:shop/1001/F1/P1:1",
            quantities=quantities, carrier="dhl", tracking_number=number,
        )  # fmt: skip

    async def seen(self) -> Any:
        return self.adapter.read_order((await self.adapter.fetch_order(self.placed.channel_order_id)).body)


Open = Callable[..., Shop]


@pytest.fixture
async def open_shop() -> AsyncIterator[Open]:
    world = ShopifyWorld()
    async with make_client(world.transport) as http:

        def opened(**changed: object) -> Shop:
            return Shop(world, http, **changed)

        yield opened


@pytest.fixture
def shop(open_shop: Open) -> Shop:
    return open_shop()


def answering(world: ShopifyWorld, *told: object) -> ShopifyMarketplace:
    """Return an adapter that is told these answers in turn, whatever it asks."""
    left = list(told)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(HTTPStatus.OK, json=left.pop(0), request=request)

    return ShopifyMarketplace(ShopifySettings.model_validate(world.settings), make_client(httpx.MockTransport(answer)))


def failing(code: str, **more: object) -> dict[str, Any]:
    return json.loads(json.dumps({"errors": [{"message": "No.", "extensions": {"code": code, **more}}]}))
