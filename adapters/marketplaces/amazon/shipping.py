"""Telling Amazon that a parcel left: each has a number of ours, under which telling it again changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from adapters.http import Raw
from adapters.marketplaces.amazon import orders, wire
from adapters.marketplaces.amazon.api import SellerApi
from domain.effect import Absent, Confirmed, Finding, Found, Outcome, Rejected, Unknown
from domain.ports.marketplace import ConfirmShipment, CorrectTracking

_CODES = {
    "ups": "UPS",
    "usps": "USPS",
    "fedex": "FedEx",
    "dhl": "DHL",
    "dpd": "DPD",
    "gls": "GLS",
    "hermes": "Hermes",
    "royal-mail": "Royal Mail",
    "ontrac": "OnTrac",
    "canada-post": "Canada Post",
}
_OTHER = "Other"


def parcel_number(reference: str) -> str:
    """Return the number of a parcel within its order: Amazon takes digits only, and the same ones for each attempt.

    >>> parcel_number("tracking:shop/1/F1:1") == parcel_number("tracking:shop/1/F1:1")
    True
    """
    digest = hashlib.sha256(reference.encode()).digest()
    return str(int.from_bytes(digest[:8]) % 999_999_999 + 1)


async def confirm(api: SellerApi, write: ConfirmShipment, left_at: datetime) -> Outcome:
    """Tell of a parcel, or of its new tracking number."""
    store = await _store(api, write.channel_order_id)
    if isinstance(store, Rejected):
        return store
    path = f"/orders/v0/orders/{quote(write.channel_order_id, safe='')}/shipmentConfirmation"
    told = {"marketplaceId": store, "packageDetail": to_parcel(write, left_at, api.settings.carriers)}
    made = await api.write(api.request("POST", "confirmShipment", path, json=told), Raw)
    if isinstance(made, Rejected):
        return await _explain(api, write, made)
    if isinstance(made, Unknown):
        return made
    return Unknown(code="amazon-unexpected-answer") if made.content else Confirmed(remote_id=_number(write))


async def find(api: SellerApi, write: ConfirmShipment) -> Finding:
    """Look the parcel up in its order."""
    order = await orders.read(api, write.channel_order_id)
    for parcel in order.packages:
        ours = parcel.package_reference_id == _number(write) or parcel.quantities == dict(write.quantities)
        if ours and parcel.tracking_number == write.tracking_number:
            return Found(confirmed=Confirmed(remote_id=parcel.package_reference_id))
    return Absent()


def to_parcel(write: ConfirmShipment, left_at: datetime, carriers: Mapping[str, str]) -> dict[str, object]:
    """Return a parcel as Amazon wants it told; a carrier it has no code for goes by its name."""
    code = carriers.get(write.carrier) or _CODES.get(write.carrier.lower().replace(" ", "-"), "")
    return {
        "packageReferenceId": _number(write),
        **({"carrierCode": code} if code else {"carrierCode": _OTHER, "carrierName": write.carrier}),
        "trackingNumber": write.tracking_number,
        "shipDate": left_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "orderItems": [
            {"orderItemId": line_id, "quantity": quantity} for line_id, quantity in write.quantities.items()
        ],
    }


def _number(write: ConfirmShipment) -> str:
    return write.remote_id if isinstance(write, CorrectTracking) else parcel_number(write.reference)


async def _store(api: SellerApi, channel_order_id: str) -> str | Rejected:
    """Return the store of an order; it is asked for only where the account sells in several."""
    if len(api.settings.marketplaces) == 1:
        return api.settings.marketplaces[0]
    order = await orders.read_first(api, channel_order_id)
    return order if isinstance(order, Rejected) else order.marketplace_id


async def _explain(api: SellerApi, write: ConfirmShipment, refusal: Rejected) -> Rejected:
    """Return a refusal; with its cause, where it is that these units were all sent before, perhaps by hand."""
    order = await orders.read_first(api, write.channel_order_id)
    if isinstance(order, Rejected):
        return refusal
    return refusal.model_copy(update={"already_done": _is_sent(order, write)})


def _is_sent(order: wire.Order, write: ConfirmShipment) -> bool:
    lines = {line.order_item_id: line for line in order.order_items}
    return all(
        line_id in lines and lines[line_id].fulfilled > 0 and lines[line_id].left == 0 for line_id in write.quantities
    )
