"""One store's orders, whole and in Shopify's words, for writes that look before they act."""

from __future__ import annotations

from adapters.lenient import reading
from adapters.marketplaces.shopify import pull, wire
from adapters.marketplaces.shopify.api import AdminApi


class Store:
    """Reads orders anew: fulfillment orders are held, moved and split at any time."""

    def __init__(self, api: AdminApi) -> None:
        self.api = api

    async def fetch(self, channel_order_id: str) -> wire.Order:
        """Fetch one order as it stands now.

        Raises:
            NotFound: the store has no such order.
            ContractBroken: it is not readable.
        """
        return read_document((await pull.fetch_order(self.api, channel_order_id)).body)


def read_document(body: bytes) -> wire.Order:
    """Read an order document.

    Raises:
        ContractBroken: it is not readable.
    """
    with reading("shopify-unreadable-order"):
        return wire.Order.model_validate_json(body)
