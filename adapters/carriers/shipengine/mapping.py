"""Their words and ours: pure functions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal

from pydantic import ValidationError

from adapters.carriers.shipengine import wire
from adapters.carriers.shipengine.settings import ShipEngineSettings
from adapters.parcels.gateway import Offer, decode_paper, price
from domain.effect import Confirmed, Rejected
from domain.errors import ContractBroken
from domain.ports.carrier import OrderCollection, ParcelWish
from domain.values import Address, Document, Money

_INLINE = re.compile(r"data:[^;,]*(?:;[^;,]*)*;base64,(.*)", re.ASCII | re.DOTALL)


def external_id(reference: str) -> str:
    """Return our reference as their key of a shipment: at most fifty signs, and safe in a path."""
    return "xd-" + hashlib.sha256(reference.encode()).hexdigest()[:40]


def to_shipment(settings: ShipEngineSettings, wish: ParcelWish) -> dict[str, object]:
    """Return a parcel; a return travels from the buyer to us."""
    ours, theirs = to_address(settings.sender(wish)), to_address(wish.destination)
    ship_from, ship_to = (theirs, ours) if wish.is_return else (ours, theirs)
    return {
        "ship_from": ship_from,
        "ship_to": ship_to,
        "is_return": wish.is_return,
        "validate_address": "no_validation",
        "packages": [{"weight": {"value": wish.weight_grams, "unit": "gram"}}],
    }


def to_label(settings: ShipEngineSettings, wish: ParcelWish, level: str, reference: str) -> dict[str, object]:
    """Return a label as ShipEngine wants it asked for, by our key."""
    carrier, _, code = level.partition("/")
    keys = {"external_shipment_id": external_id(reference), "external_order_id": reference}
    return {
        "shipment": {**to_shipment(settings, wish), "carrier_id": carrier, "service_code": code, **keys},
        "is_return_label": wish.is_return,
        "label_format": settings.label_format,
        "label_download_type": "inline",
    }


def to_question(settings: ShipEngineSettings, wish: ParcelWish, levels: Sequence[str]) -> dict[str, object]:
    """Return a question for the rates of these services."""
    pairs = [level.partition("/") for level in levels]
    options = {
        "carrier_ids": list(dict.fromkeys(carrier for carrier, _, _ in pairs)),
        "service_codes": list(dict.fromkeys(code for _, _, code in pairs)),
        "is_return": wish.is_return,
    }
    return {"rate_options": options, "shipment": to_shipment(settings, wish)}


def to_pickup(settings: ShipEngineSettings, write: OrderCollection) -> dict[str, object]:
    """Return a driver's order."""
    window = {"start_at": write.ready_at.isoformat(), "end_at": write.closes_at.isoformat()}
    contact = settings.contact.model_dump() if settings.contact else {}
    return {"label_ids": list(write.remote_ids), "contact_details": contact, "pickup_window": window}


def to_address(where: Address) -> dict[str, str]:
    """Return an address; what is empty is left out."""
    told = {
        "name": where.name,
        "address_line1": where.street,
        "city_locality": where.city,
        "state_province": where.region,
        "postal_code": where.postal_code,
        "country_code": where.country,
        "phone": where.phone,
    }
    return {field: value for field, value in told.items() if value}


def to_offers(rates: Sequence[wire.Rate], allowed: Sequence[str]) -> tuple[Offer, ...]:
    """Return the offers of the allowed services that are valid, with all that they cost.

    Raises:
        ContractBroken: one has no price of ours.
    """
    named = ((f"{rate.carrier_id}/{rate.service_code}", rate) for rate in rates if not rate.error_messages)
    return tuple(
        Offer(offer_id=rate.rate_id, level=level, cost=_total(_amounts(rate)), days=rate.delivery_days)
        for level, rate in named
        if level in allowed
    )


def from_label(label: wire.Label, paper: Document) -> Confirmed:
    """Return a bought label in our words.

    Raises:
        ContractBroken: it lacks its number or price.
    """
    if label.tracking_number is None or label.shipment_cost is None:
        raise ContractBroken("shipengine-label-without-number", "a label has no tracking number or no cost")
    costs = (label.shipment_cost, *((label.insurance_cost,) if label.insurance_cost else ()))
    return Confirmed(
        remote_id=label.label_id, tracking_number=label.tracking_number, cost=_total(costs), document=paper
    )


def inline_paper(address: str) -> Document | None:
    """Return the paper that an address itself holds; None when it only points to it.

    Raises:
        ContractBroken: it holds something else.
    """
    match = _INLINE.fullmatch(address)
    return decode_paper(match[1]) if match else None


def read_refusal(status: int, body: bytes) -> Rejected:
    """Return why a write was refused, and whether the address is why."""
    try:
        codes = [one.error_code for one in wire.Complaints.model_validate_json(body).errors if one.error_code]
    except ValidationError:
        codes = []
    code = re.sub(r"[^\w.:-]+", "-", codes[0])[:80] if codes else f"http-{status}"
    return Rejected(code=code, undeliverable="invalid_address" in codes)


def _amounts(rate: wire.Rate) -> tuple[wire.Cost, ...]:
    always = (rate.shipping_amount, rate.insurance_amount, rate.confirmation_amount, rate.other_amount)
    return (*always, rate.tax_amount) if rate.tax_amount else always


def _total(costs: Sequence[wire.Cost]) -> Money:
    """Add up; what costs nothing may be told in any currency."""
    told = [cost for cost in costs if cost.amount] or [costs[0]]
    if len({cost.currency.upper() for cost in told}) > 1:
        raise ContractBroken("shipengine-unreadable-price", "one price in several currencies")
    return price(str(sum((cost.amount for cost in told), Decimal(0))), told[0].currency, "shipengine-unreadable-price")
