"""A marketplace, and an adapter in front of it."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.conformance.worlds import Wanted
from adapters.http import make_client
from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from adapters.marketplaces.mirakl.settings import MiraklSettings
from domain.ports.marketplace import CancelLines, ConfirmShipment, RefundPayment
from tests.adapters.marketplaces.mirakl.world import NOW, MiraklWorld

Sell = Callable[..., Any]


@pytest.fixture
def world() -> MiraklWorld:
    return MiraklWorld(multi=True)


@pytest.fixture
async def http(world: MiraklWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with make_client(world.transport) as made:
        yield made


@pytest.fixture
def adapter(world: MiraklWorld, http: httpx.AsyncClient) -> MiraklMarketplace:
    return make_adapter(world, http)


@pytest.fixture
def sell(world: MiraklWorld) -> Sell:
    """Let a buyer order units of one offer after the other, at ten euros each, accepted and debited."""

    async def sell(*quantities: int, state: str = "SHIPPING", **changes: Any) -> dict[str, Any]:
        offers = zip(world.listings, quantities, strict=False)
        wanted = [Wanted(listing_id=offer, quantity=units, unit_price=1000) for offer, units in offers]
        placed = await world.place_order(wanted, NOW - timedelta(hours=1), "EUR")
        order = world.market.orders[placed.channel_order_id]
        if state != "WAITING_ACCEPTANCE":
            world.market.move(order, state)
        order |= changes
        return order

    return sell


def make_adapter(world: MiraklWorld, http: httpx.AsyncClient, **changes: Any) -> MiraklMarketplace:
    return MiraklMarketplace(MiraklSettings.model_validate({**world.settings, **changes}), http)


def line_of(order: dict[str, Any], number: int = 1) -> str:
    return f"{order['order_id']}-{number}"


def shipment(order: dict[str, Any], *quantities: int, number: str = "T-1", carrier: str = "DHL") -> ConfirmShipment:
    return ConfirmShipment(
        channel_order_id=order["order_id"], reference=f"tracking:{number}", carrier=carrier, tracking_number=number,
        quantities={line_of(order, at): units for at, units in enumerate(quantities, start=1) if units},
    )  # fmt: skip


def cancellation(order: dict[str, Any], *totals: int) -> CancelLines:
    units = {line_of(order, at): total for at, total in enumerate(totals, start=1) if total}
    return CancelLines(
        channel_order_id=order["order_id"], reference="cancel:1", quantities=units, totals=units, reason="gone"
    )


def refund(order: dict[str, Any], amount: int, reference: str = "refund:1", **quantities: int) -> RefundPayment:
    return RefundPayment(
        channel_order_id=order["order_id"], reference=reference, amount=amount, currency="EUR", reason="late",
        quantities={line_of(order, int(at.strip("_"))): units for at, units in quantities.items()},
    )  # fmt: skip


def writes(world: MiraklWorld) -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in world.market.asked if method != "GET"]


def sent(world: MiraklWorld) -> Any:
    """Return the body of the last write."""
    return next(body for method, _, body in reversed(world.market.asked) if method != "GET")
