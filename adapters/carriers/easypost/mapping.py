"""Their words and ours: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from adapters.carriers.easypost import wire
from adapters.carriers.easypost.settings import EasyPostSettings
from adapters.http import code_at
from adapters.parcels.gateway import GRAMS_PER_OUNCE, Offer, price
from domain.effect import Absent, Confirmed, Finding, Found, Rejected
from domain.errors import ContractBroken
from domain.ports.carrier import OrderCollection, ParcelWish
from domain.values import Address, Document, Money

_UNDER_WAY = frozenset(
    {"in_transit", "out_for_delivery", "available_for_pickup", "delivered", "return_to_sender", "failure"}
)
_GIVEN_BACK = frozenset({"submitted", "refunded"})


def to_shipment(settings: EasyPostSettings, wish: ParcelWish, reference: str) -> dict[str, object]:
    """Return a draft as EasyPost wants it asked for; a return is told as the way out, and turned round there."""
    shipment: dict[str, object] = {
        "reference": reference,
        "is_return": wish.is_return,
        "from_address": to_address(settings.sender(wish)),
        "to_address": to_address(wish.destination),
        "parcel": {"weight": ceil(wish.weight_grams / GRAMS_PER_OUNCE * 10) / 10},
        "options": {"label_format": settings.label_format},
    }
    if settings.carrier_accounts:
        shipment["carrier_accounts"] = list(settings.carrier_accounts)
    return {"shipment": shipment}


def to_address(where: Address) -> dict[str, str]:
    """Return an address; its street stands in one line."""
    return {
        "name": where.name,
        "street1": where.street,
        "city": where.city,
        "state": where.region,
        "zip": where.postal_code,
        "country": where.country,
        "phone": where.phone,
    }


def to_batch(write: OrderCollection) -> dict[str, object]:
    """Return a batch of shipments that a driver is to take."""
    return {"batch": {"reference": write.reference, "shipments": [{"id": each} for each in write.remote_ids]}}


def to_pickup(settings: EasyPostSettings, write: OrderCollection, batch_id: str) -> dict[str, object]:
    """Return a driver's order for one shipment, or where it is named for a batch of them."""
    goods = {"batch": {"id": batch_id}} if batch_id else {"shipment": {"id": write.remote_ids[0]}}
    return {
        "pickup": {
            "reference": write.reference,
            "address": to_address(settings.sender(write)),
            **goods,
            "min_datetime": write.ready_at.isoformat(),
            "max_datetime": write.closes_at.isoformat(),
            "is_account_address": False,
        }
    }


def to_offers(rates: Sequence[wire.Rate], allowed: Sequence[str]) -> tuple[Offer, ...]:
    """Return the offers of the allowed services; the others are not even read.

    Raises:
        ContractBroken: one has no price of ours.
    """
    named = ((f"{rate.carrier}/{rate.service}", rate) for rate in rates)
    return tuple(
        Offer(offer_id=rate.id, level=level, cost=_money(rate.rate, rate.currency), days=rate.delivery_days)
        for level, rate in named
        if level in allowed
    )


def cheapest(rates: Sequence[wire.PickupRate]) -> wire.PickupRate | None:
    """Return the cheapest way to send a driver."""
    return min(rates, key=lambda one: _money(one.rate, one.currency).amount, default=None)


def from_shipment(shipment: wire.Shipment, paper: Document) -> Confirmed:
    """Return a bought label in our words.

    Raises:
        ContractBroken: it has a label and lacks its number or price.
    """
    rate = shipment.selected_rate
    if not shipment.tracking_code or rate is None:
        raise ContractBroken("easypost-label-without-number", "a bought shipment has no tracking code or no rate")
    return Confirmed(
        remote_id=shipment.id,
        tracking_number=shipment.tracking_code,
        cost=_money(rate.rate, rate.currency),
        document=paper,
    )


def from_refund(shipment: wire.Shipment) -> Finding:
    """Return whether a label was given back: a request that was taken counts, for the label is void from then on."""
    if shipment.refund_status in _GIVEN_BACK:
        return Found(confirmed=Confirmed(remote_id=shipment.id))
    if shipment.refund_status:
        return Rejected(code=f"refund-{shipment.refund_status[:40]}")
    moved = shipment.tracker is not None and shipment.tracker.status in _UNDER_WAY
    return Rejected(code="under-way") if moved else Absent()


def read_refusal(status: int, body: bytes) -> Rejected:
    """Return why a write was refused, and whether the address is why."""
    code = code_at(body, "error", "code") or f"http-{status}"
    return Rejected(code=code, undeliverable=code.startswith("ADDRESS."))


def _money(amount: str, currency: str) -> Money:
    return price(amount, currency, "easypost-unreadable-price")
