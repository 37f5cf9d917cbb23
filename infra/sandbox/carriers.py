"""Who sells labels, as their APIs show it: two carriers, of which one cannot be asked by our reference, and accounts.

The marketplace sells labels for orders of an account to whoever asks it, beside the carriers and as if it were one.
"""

from __future__ import annotations

import base64
import re
from typing import Literal

from pydantic import BaseModel, Field, JsonValue
from starlette.routing import Route

from infra.sandbox import parcels
from infra.sandbox.catalog import NOWHERE_TO_GO, Carrier
from infra.sandbox.endpoint import Answer, Call, RefusedRequest, dump, found, route
from infra.sandbox.marketplace import account_of
from infra.sandbox.paper import print_label
from infra.sandbox.records import Address, Label, LineQuantity, Wish

_MAX_WEIGHT = 30_000
_GRAMS_A_STEP = 1_000
_CENTS_A_STEP = 80
_OWN_PRICE = 390
"""What a label of the marketplace itself costs at least."""

_SURCHARGE = {"standard": 0, "express": 500}
"""What a level of speed costs above the ordinary one."""
_GENERATION = re.compile(r"[:#]\d+$")
"""What distinguishes a second label for a parcel from the first, at the end of a reference."""


class LabelWish(Wish):
    """A parcel to be carried.

    Attributes:
        reference: the sender's own, printed on the label; not checked for repeats, so a repeat buys again.
        location: the code of the location at the seller's end: where it leaves from, or where a return goes to.
        address: where it goes to; on a return label, as the sender likes.
        order: the marketplace's id of the order, and `lines` what of it is in the parcel; only the marketplace asks.
    """

    reference: str = Field(min_length=1, max_length=300)
    kind: Literal["outbound", "return"] = "outbound"
    location: str
    address: Address
    weight_grams: int = Field(gt=0)
    level: Literal["standard", "express"] = "standard"
    order: str = ""
    lines: list[LineQuantity] = Field(default_factory=list[LineQuantity])


class Sold(BaseModel):
    """A label as its buyer gets it; `document` is base64, `cost` minor units of `currency`."""

    label_id: str
    tracking_number: str
    reference: str
    kind: str
    status: str
    cost: int
    currency: str
    document: str
    media_type: str = "application/pdf"


class RateWish(Wish):
    """What a label would cost."""

    country: str
    weight_grams: int = Field(gt=0)


def ask_rates(call: Call) -> Answer:
    """Answer the price of each level of speed."""
    carrier, wish = _carrier(call), call.read(RateWish)
    return 200, {
        "rates": [
            {"level": level, "cost": _price(carrier, wish.weight_grams, level), "currency": "EUR"}
            for level in _SURCHARGE
        ]
    }


def buy_label(call: Call) -> Answer:
    """Sell a label; every request buys one, also with a reference that was there before."""
    carrier, wish, world = _carrier(call), call.read(LabelWish), call.world
    if wish.address.postal_code == NOWHERE_TO_GO or not wish.address.postal_code.strip():
        raise RefusedRequest(422, "undeliverable-address", "the postal code is not served")
    if wish.weight_grams > _MAX_WEIGHT:
        raise RefusedRequest(422, "too-heavy", f"at most {_MAX_WEIGHT} g")
    if world.catalog.location(wish.location) is None:
        raise RefusedRequest(422, "unknown-location", wish.location)
    order_id = _ordered(call, wish) if "account" in call.path else world.order_in(wish.reference)
    label = Label(
        id=f"{'SW' if carrier.lookup else 'BL'}{world.new_number():010d}",
        carrier=carrier.name, reference=wish.reference, parcel=_GENERATION.sub("", wish.reference),
        kind=wish.kind, order_id=order_id, location=wish.location,
        fate=parcels.fate_of(world, order_id) if wish.kind == "outbound" else "delivered",
        weight_grams=wish.weight_grams, level=wish.level, cost=_price(carrier, wish.weight_grams, wish.level),
        currency="EUR",
        printed=[wish.reference, wish.address.name, wish.address.line1, wish.address.city],
    )  # fmt: skip
    world.record(
        "label.bought", "crossdock", label, subject=label.id, tracking_number=label.id, order_id=label.order_id,
        carrier=label.carrier, reference=label.reference, parcel=label.parcel, location=wish.location,
        detail=label.kind, amount=label.cost, currency=label.currency,
    )  # fmt: skip
    return 201, _shown(label)


def find_labels(call: Call) -> Answer:
    """Answer the labels bought under a reference, where the carrier keeps references."""
    carrier = _carrier(call)
    if not carrier.lookup:
        raise RefusedRequest(501, "no-lookup", f"{carrier.name} cannot be asked by reference")
    reference = call.query.get("reference", "")
    mine = [one for one in call.world.labels.values() if one.carrier == carrier.name and one.reference == reference]
    return 200, {"labels": [_shown(label) for label in mine]}


def void_label(call: Call) -> Answer:
    """Take a label back for its price, as long as nobody has the parcel; a repeat changes nothing."""
    label = _label(call)
    if label.status not in {"bought", "voided"}:
        raise RefusedRequest(409, "in-our-hands", f"the parcel is {label.status}")
    if label.status == "bought":
        label.status = "voided"
        call.world.record(
            "label.voided", "crossdock", label, subject=label.id, tracking_number=label.id, order_id=label.order_id,
            carrier=label.carrier, reference=label.reference, parcel=label.parcel, detail=label.kind,
        )  # fmt: skip
    return 200, _tracked(label)


def intercept(call: Call) -> Answer:
    """Turn a parcel round, as soon as it is there, until it is out for delivery; a repeat changes nothing."""
    carrier, label = _carrier(call), _label(call)
    if not carrier.intercept:
        raise RefusedRequest(501, "no-intercept", f"{carrier.name} cannot turn a parcel round")
    if label.fate != "intercepted":
        if label.status not in {"bought", "accepted", "in_transit"}:
            raise RefusedRequest(409, "cannot-intercept", f"the parcel is {label.status}")
        label.fate = "intercepted"
        call.world.record(
            "label.intercepted", "crossdock", label, subject=label.id, tracking_number=label.id,
            order_id=label.order_id, carrier=label.carrier, reference=label.reference,
        )  # fmt: skip
    return 200, _tracked(label)


def _carrier(call: Call) -> Carrier:
    if "account" in call.path:
        return Carrier(name=account_of(call), lookup=True, void=True, intercept=False, collects=False, price=_OWN_PRICE)
    return found(call.world.catalog.carrier(call.path["carrier"]), "carrier")


def _ordered(call: Call, wish: LabelWish) -> str:
    """Return the order that a label of the marketplace is for: one of the account, with these lines."""
    order = call.world.orders.get(wish.order)
    if order is None or order.account != account_of(call):
        raise RefusedRequest(422, "unknown-order", wish.order)
    if not {line.line_id for line in wish.lines} <= {line.id for line in order.lines}:
        raise RefusedRequest(422, "unknown-line", "a line that the order has not")
    return order.id


def _label(call: Call) -> Label:
    label = call.world.labels.get(call.path["tracking"])
    return found(label if label and label.carrier == _carrier(call).name else None, "label")


def _price(carrier: Carrier, grams: int, level: str) -> int:
    return carrier.price + _SURCHARGE[level] + _CENTS_A_STEP * (grams // _GRAMS_A_STEP)


def _shown(label: Label) -> JsonValue:
    content = base64.b64encode(print_label(label.carrier, label.id, *label.printed)).decode()
    known = label.model_dump(include={"reference", "kind", "cost", "currency", "status"})
    return dump(Sold(label_id=label.id, tracking_number=label.id, document=content, **known))


def _tracked(label: Label) -> JsonValue:
    turned = label.fate == "intercepted"
    scans: list[JsonValue] = [dump(scan) for scan in label.scans]
    return {"tracking_number": label.id, "status": label.status, "intercepted": turned, "scans": scans}


def routes() -> list[Route]:
    """Return what a sender may ask of a carrier, and of the marketplace in its place."""
    return [*_routes("/carriers/{carrier}", "carrier"), *_routes("/marketplace/{account}", "marketplace")]


def _routes(whose: str, name: str) -> list[Route]:
    one = f"{whose}/labels/{{tracking}}"
    return [
        route("POST", f"{whose}/rates", f"{name}.rates", ask_rates),
        route("POST", f"{whose}/labels", f"{name}.labels.buy", buy_label),
        route("GET", f"{whose}/labels", f"{name}.labels.find", find_labels),
        route("POST", f"{one}/void", f"{name}.labels.void", void_label),
        route("POST", f"{one}/intercept", f"{name}.labels.intercept", intercept),
        route("GET", one, f"{name}.labels.track", lambda call: (200, _tracked(_label(call)))),
    ]
