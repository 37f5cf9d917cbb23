"""What the tests of this adapter share: its settings, an adapter before the simulator, and writes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from adapters.http import make_client
from adapters.marketplaces.amazon.adapter import AmazonMarketplace
from adapters.marketplaces.amazon.settings import AmazonSettings
from domain.ports.marketplace import CancelLines, ConfirmShipment, RefundPayment
from tests.adapters.marketplaces.amazon.simulator import STORE, Amazon

ORDER = "305-1234567-1234567"
FIRST, SECOND = "70000000000001", "70000000000002"
LEFT_AT = datetime(2026, 11, 2, 11, 30, tzinfo=UTC)

SETTINGS: dict[str, Any] = {
    "base_url": "https://sellingpartnerapi-eu.amazon.com",
    "seller_id": "A3TH9S8BH6GOGM",
    "marketplaces": [STORE],
    "client_id": "amzn1.application-oa2-client.test",
    "client_secret": "client-secret-of-a-test",
    "refresh_token": "Atzr|refresh-of-a-test",
    "queue": {
        "url": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
        "access_key_id": "AKIDTEST",
        "secret_access_key": "queue-secret-of-a-test",
    },
}


@asynccontextmanager
async def speaking_to(amazon: Amazon, **other: object) -> AsyncGenerator[AmazonMarketplace]:
    """Yield an adapter before a simulator."""
    settings = AmazonSettings.model_validate(SETTINGS | other)
    async with make_client(httpx.MockTransport(amazon.handle)) as http:
        yield AmazonMarketplace(settings, http, LEFT_AT.timestamp)


def shipment(quantities: dict[str, int], tracking_number: str = "1Z999AA10123456784", **other: str) -> ConfirmShipment:
    told = {"channel_order_id": ORDER, "reference": "tracking:shop/1/F1:1", "carrier": "ups"} | other
    return ConfirmShipment.model_validate(
        told | {"quantities": quantities, "tracking_number": tracking_number},
    )


def cancellation(totals: dict[str, int], **other: str) -> CancelLines:
    told = {"channel_order_id": ORDER, "reference": "cancel:shop/1:1", "reason": "cancelled"} | other
    return CancelLines.model_validate(told | {"quantities": totals, "totals": totals})


def refund(amount: int, quantities: dict[str, int], **other: str) -> RefundPayment:
    told = {"channel_order_id": ORDER, "reference": "refund:shop/1:1", "reason": "return", "currency": "EUR"} | other
    return RefundPayment.model_validate(told | {"amount": amount, "quantities": quantities})


def order_change(order_id: str, status: str = "Unshipped") -> dict[str, Any]:
    """Return a notification that an order changed."""
    summary = {"MarketplaceId": STORE, "OrderStatus": status, "FulfillmentType": "MFN"}
    change = {"NotificationLevel": "OrderLevel", "SellerId": "A3TH9S8BH6GOGM", "AmazonOrderId": order_id}
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ORDER_CHANGE",
        "PayloadVersion": "1.0",
        "EventTime": "2026-11-02T10:00:00.000Z",
        "Payload": {"OrderChangeNotification": change | {"Summary": summary}},
    }
