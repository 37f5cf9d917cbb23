"""Amazon's adapter held to what every marketplace promises."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from adapters.conformance.marketplace import MarketplaceConformance
from adapters.conformance.worlds import MarketplaceWorld, Placed, PlacedLine, Truth, Vital, Wanted
from adapters.marketplaces.amazon import MANIFEST
from tests.adapters.marketplaces.amazon import scenes
from tests.adapters.marketplaces.amazon.simulated_feeds import cancel
from tests.adapters.marketplaces.amazon.simulator import Amazon, make_order, note_sent, refusal, units

_SHIPPING = 499
_PAYLOADS = Path(__file__).parent / "payloads"


class AmazonWorld(MarketplaceWorld):
    """The simulated Amazon."""

    manifest = MANIFEST
    more_secrets = ("Atza|access", scenes.SETTINGS["queue"]["secret_access_key"])
    pause = None
    page_size = 3
    listings = {"MUG-BLUE": "MUG-BLUE", "MUG-RED": "MUG-RED"}  # noqa: RUF012  read only
    currencies = ("EUR", "JPY", "KWD")
    unknown_order = "999-9999999-9999999"
    unknown_listing = "NOBODY"
    permissions = (
        "Inventory and Order Tracking (getOrder)", "Inventory and Order Tracking (confirmShipment)",
        "Inventory and Order Tracking (getFeeds)", "Product Listing (getListingsItem)", "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
    )  # fmt: skip
    vital = Vital(
        texts=(
            "orderId", "fulfillment.fulfillmentStatus", "fulfillment.fulfilledBy", "proceeds.grandTotal.currencyCode",
            "orderItems.0.orderItemId", "orderItems.0.product.sellerSku",
        ),
        amounts=("proceeds.grandTotal.amount", "orderItems.0.proceeds.breakdowns.0.subtotal.amount"),
        quantities=("orderItems.0.quantityOrdered",),
        moments=("createdTime", "lastUpdatedTime"),
        rows=("orderItems",),
    )  # fmt: skip

    def __init__(self) -> None:
        self.amazon = Amazon(page_size=self.page_size)

    @property
    def settings(self) -> Mapping[str, object]:
        return scenes.SETTINGS

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self.amazon.handle)

    @property
    def now(self) -> datetime:
        return self.amazon.now

    def throttled(self, request: httpx.Request) -> httpx.Response:
        del request
        return refusal(429, "QuotaExceeded")

    def barred(self, request: httpx.Request) -> httpx.Response:
        del request
        return refusal(403, "Unauthorized")

    async def finish_jobs(self) -> None:
        self.amazon.feeds.finish()
        self.amazon.hidden.clear()

    async def place_order(self, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        lines = [(one.listing_id, one.quantity, one.unit_price) for one in wanted]
        order = make_order(f"305-{len(self.amazon.orders):07}-1234567", lines, moment, currency, _SHIPPING)
        self.amazon.place(order)
        placed = [
            PlacedLine(line_id=line["orderItemId"], **one.model_dump())
            for line, one in zip(order["orderItems"], wanted, strict=True)
        ]
        total = sum(one.quantity * one.unit_price for one in wanted) + _SHIPPING
        return Placed(channel_order_id=order["orderId"], lines=tuple(placed), total=total, currency=currency)

    async def touch(self, channel_order_id: str, moment: datetime) -> None:
        self.amazon.touch(channel_order_id, moment)

    async def truth(self, channel_order_id: str) -> Truth:
        order = self.amazon.orders[channel_order_id]
        gone = {
            line["orderItemId"]: line["quantityOrdered"] - sum(line["fulfillment"].values())
            for line in order["orderItems"]
        }
        return Truth(
            shipped=units(order["packages"]),
            tracking_numbers=tuple(parcel["trackingNumber"] for parcel in order["packages"]),
            cancelled={line_id: quantity for line_id, quantity in gone.items() if quantity},
            refunded=self.amazon.feeds.refunded.get(channel_order_id, 0),
        )

    async def offered(self, listing_id: str) -> int | None:
        return self.amazon.feeds.offered.get(listing_id)

    async def distort(self, channel_order_id: str) -> None:
        self.amazon.orders[channel_order_id]["fulfillment"]["fulfillmentStatus"] = "ON_A_BOAT"

    async def ship_by_hand(self, placed: Placed, quantities: Mapping[str, int], tracking_number: str) -> None:
        parts = [{"orderItemId": line_id, "quantity": quantity} for line_id, quantity in quantities.items()]
        parcel = {"packageReferenceId": "1", "trackingNumber": tracking_number, "packageItems": parts}
        note_sent(self.amazon.touch(placed.channel_order_id), [parcel])

    async def cancel_by_hand(self, placed: Placed, quantities: Mapping[str, int]) -> None:
        del quantities
        cancel(self.amazon.touch(placed.channel_order_id))

    def withhold(self, permission: str) -> None:
        _, _, operation = permission.removesuffix(")").partition("(")
        self.amazon.withheld = {operation or permission}

    async def leave_letter(self, placed: Placed) -> None:
        self.amazon.leave(scenes.order_change(placed.channel_order_id))

    def payloads(self) -> tuple[bytes, ...]:
        return tuple(file.read_bytes() for file in sorted(_PAYLOADS.glob("order_*.json")))


class TestAmazon(MarketplaceConformance):
    """All promises."""

    @pytest.fixture
    def world(self) -> AmazonWorld:
        return AmazonWorld()


def test_the_payloads_are_orders_as_the_list_tells_them() -> None:
    assert all("orderId" in json.loads(body) for body in AmazonWorld().payloads())
