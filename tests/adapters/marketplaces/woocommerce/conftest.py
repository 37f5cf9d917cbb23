"""A shop, and an adapter in front of it."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.http import make_client
from adapters.marketplaces.woocommerce.adapter import WooCommerceMarketplace
from adapters.marketplaces.woocommerce.settings import WooCommerceSettings
from domain.ports.marketplace import ConfirmShipment
from tests.adapters.marketplaces.woocommerce.world import NOW, WooWorld, major

Sell = Callable[..., dict[str, Any]]


@pytest.fixture
def world() -> WooWorld:
    return WooWorld("meta")


@pytest.fixture
async def http(world: WooWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with make_client(world.transport) as made:
        yield made


@pytest.fixture
def adapter(world: WooWorld, http: httpx.AsyncClient) -> WooCommerceMarketplace:
    return make_adapter(world, http)


@pytest.fixture
def sell(world: WooWorld) -> Sell:
    """Let a buyer order units of one listing after the other, at ten euros each."""

    def sell(*quantities: int, **changes: Any) -> dict[str, Any]:
        lines = [
            {
                "id": 11 * number,
                "product_id": 52,
                "variation_id": 0,
                "quantity": units,
                "subtotal": major(1000 * units, "EUR"),
            }
            for number, units in enumerate(quantities, start=1)
        ]
        order = world.shop.place(lines, "EUR", NOW - timedelta(hours=1), major(1000 * sum(quantities), "EUR"))
        order |= changes
        return order

    return sell


def make_adapter(world: WooWorld, http: httpx.AsyncClient, **changes: Any) -> WooCommerceMarketplace:
    return WooCommerceMarketplace(WooCommerceSettings.model_validate({**world.settings, **changes}), http)


def shipment(order: dict[str, Any], number: str = "T-1", **quantities: int) -> ConfirmShipment:
    """Phrase a shipment of units by line, such as `_11=1`."""
    return ConfirmShipment(
        channel_order_id=str(order["id"]), reference=f"tracking:shop/1/{number}:1", carrier="DHL",
        tracking_number=number,
        quantities={line_id.strip("_"): units for line_id, units in quantities.items()},
    )  # fmt: skip
