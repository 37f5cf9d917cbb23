"""Their words and ours: pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import ValidationError

from adapters.carriers.karrio import wire
from adapters.carriers.karrio.settings import KarrioSettings
from adapters.parcels.gateway import Offer, price
from domain.effect import Confirmed, Rejected
from domain.errors import ContractBroken
from domain.ports.carrier import ParcelWish
from domain.values import Address, Document, Money

DRAFT = "draft"
"""The status of a shipment that is not bought; it has no number either."""


def to_shipment(settings: KarrioSettings, wish: ParcelWish, reference: str) -> dict[str, object]:
    """Return a parcel as Karrio wants it told, without a service, which would buy it at once.

    A return travels from the buyer to us.
    """
    ours, theirs = to_address(settings.sender(wish)), to_address(wish.destination)
    shipper, recipient = (theirs, ours) if wish.is_return else (ours, theirs)
    told: dict[str, object] = {
        "shipper": shipper,
        "recipient": recipient,
        "parcels": [{"weight": wish.weight_grams / 1000, "weight_unit": "KG"}],
        "carrier_ids": list(settings.carrier_ids),
        "reference": reference,
    }
    return {**told, "is_return": True} if wish.is_return else told


def to_address(where: Address) -> dict[str, str]:
    """Return an address; what is empty is left out."""
    told = {
        "person_name": where.name,
        "address_line1": where.street,
        "city": where.city,
        "state_code": where.region,
        "postal_code": where.postal_code,
        "country_code": where.country,
        "phone_number": where.phone,
    }
    return {field: value for field, value in told.items() if value}


def to_offers(rates: Sequence[wire.Rate], allowed: Sequence[str]) -> tuple[Offer, ...]:
    """Return the offers of the allowed services; the others are not even read.

    Raises:
        ContractBroken: one has no price of ours.
    """
    named = ((f"{rate.carrier_id}/{rate.service}", rate) for rate in rates)
    return tuple(
        Offer(offer_id=rate.id or "", level=level, cost=_money(rate), days=rate.transit_days)
        for level, rate in named
        if level in allowed
    )


def from_shipment(shipment: wire.Shipment, paper: Document) -> Confirmed:
    """Return a bought label in our words.

    Raises:
        ContractBroken: it lacks its number or price.
    """
    if shipment.tracking_number is None or shipment.selected_rate is None:
        raise ContractBroken("karrio-label-without-number", "a bought shipment has no tracking number or no rate")
    return Confirmed(
        remote_id=shipment.id,
        tracking_number=shipment.tracking_number,
        cost=_money(shipment.selected_rate),
        document=paper,
    )


def read_refusal(status: int, body: bytes) -> Rejected:
    """Return why a write was refused. Carriers' own messages do not tell an address from other reasons."""
    try:
        told = wire.Complaints.model_validate_json(body)
    except ValidationError:
        told = wire.Complaints()
    code = next((one.code for one in (*told.errors, *told.messages) if one.code), f"http-{status}")
    return Rejected(code=re.sub(r"[^\w.:-]+", "-", code, flags=re.ASCII)[:80])


def _money(rate: wire.Rate) -> Money:
    return price(str(rate.total_charge), rate.currency or "", "karrio-unreadable-price")
