"""Which roles Amazon granted: it tells none, so each operation that needs one is called, about what nobody has."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from urllib.parse import quote

from adapters.access import lacks
from adapters.http import Raw
from adapters.marketplaces.amazon.api import SellerApi
from adapters.marketplaces.amazon.mailbox import Queue

NO_ORDER, NO_SKU = "000-0000000-0000000", "crossdock-access-check"
"""Neither exists: Amazon answers that, or that we may not ask."""

_ORDERS = "Inventory and Order Tracking"
_FEEDS = "POST_ORDER_ACKNOWLEDGEMENT_DATA,POST_PAYMENT_ADJUSTMENT_DATA"
_PARCEL = {
    "packageReferenceId": "1",
    "carrierCode": "Other",
    "carrierName": "none",
    "trackingNumber": NO_SKU,
    "shipDate": "2026-01-01T00:00:00Z",
    "orderItems": [{"orderItemId": "0", "quantity": 1}],
}


async def missing(api: SellerApi, queue: Queue | None) -> tuple[str, ...]:
    """Return what lacks: roles, each with the operation that was refused, and the queue's actions.

    Raises:
        Unauthorized: Amazon does not let us in at all.
        Refused: there is no such queue.
    """
    roles = [f"{role} ({operation})" for role, operation, asked in _questions(api) if await lacks(asked)]
    actions = await queue.lacking() if queue else ()
    return (*roles, *actions)


def _questions(api: SellerApi) -> Iterator[tuple[str, str, Awaitable[object]]]:
    stores = ",".join(api.settings.marketplaces)
    order = api.request("GET", "getOrder", f"/orders/2026-01-01/orders/{NO_ORDER}")
    yield _ORDERS, "getOrder", api.read(order, Raw)
    told = {"marketplaceId": api.settings.marketplaces[0], "packageDetail": _PARCEL}
    path = f"/orders/v0/orders/{NO_ORDER}/shipmentConfirmation"
    yield _ORDERS, "confirmShipment", api.write(api.request("POST", "confirmShipment", path, json=told), Raw)
    feeds = api.request("GET", "getFeeds", "/feeds/2021-06-30/feeds", params={"feedTypes": _FEEDS, "pageSize": 1})
    yield _ORDERS, "getFeeds", api.read(feeds, Raw)
    path = f"/listings/2021-08-01/items/{quote(api.settings.seller_id, safe='')}/{NO_SKU}"
    listing = api.request("GET", "getListingsItem", path, params={"marketplaceIds": stores})
    yield "Product Listing", "getListingsItem", api.read(listing, Raw)
