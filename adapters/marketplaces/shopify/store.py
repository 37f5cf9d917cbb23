"""One store's orders, whole and in Shopify's words, for writes that look before they act."""

from __future__ import annotations

from pydantic import ValidationError

from adapters.http import complaints
from adapters.marketplaces.shopify import pull, wire
from adapters.marketplaces.shopify.api import AdminApi
from domain.errors import ContractBroken


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
    try:
        return wire.Order.model_validate_json(body)
    except ValidationError as error:
        raise ContractBroken("shopify-unreadable-order", complaints(error)) from None
