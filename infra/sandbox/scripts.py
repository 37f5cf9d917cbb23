"""What can befall an order: one script each, played by the marketplace, the carriers, the staff and the buyer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Script:
    """The traits of an order's story; what is not told goes well.

    Attributes:
        shelves: for each line, the locations at exactly which its SKU is stocked.
        quantity: units of each line at most.
        fate: the journey of its parcels, a key of `JOURNEYS`.
        collects: whether the buyer comes with the PIN, first with a wrong one, or never.
        cancels: when the buyer asks to cancel: soon after ordering, or once the parcel is under way.
        returns: how the buyer gives one unit back after delivery.
        hand: what a person does on the marketplace behind Crossdock's back.
        hand_waits: they do it only when everything has left: before, it would be held for a person to decide.
        spoils: what the marketplace says wrongly about the order until it is corrected.
        cause: what an operator has to clear before it can go on.
        weight: how often it is dealt.
    """

    shelves: tuple[tuple[str, ...], ...] = (("WH-AUTO",),)
    quantity: int = 3
    pickup: bool = False
    fate: str = "delivered"
    collects: Literal["right", "wrong_first", "never"] = "right"
    cancels: Literal["", "early", "late"] = ""
    returns: Literal["", "label", "store"] = ""
    hold: Literal["", "payment_pending", "fraud_review"] = ""
    hand: Literal["", "refund_part", "refund_all", "cancel", "ship"] = ""
    hand_waits: bool = False
    spoils: Literal["", "total", "quantity", "currency", "address"] = ""
    cause: Literal["", "stock", "sku", "address", "malformed"] = ""
    rejects: bool = False
    test: bool = False
    external: bool = False
    yen: bool = False
    weight: int = 1


_AUTO, _ONE, _TWO = ("WH-AUTO",), ("STORE-1",), ("STORE-2",)
_STORES, _ANYWHERE, _NOWHERE = ("STORE-1", "STORE-2"), ("WH-AUTO", "STORE-1", "STORE-2"), ("WH-AUTO", "STORE-1")

SCRIPTS: dict[str, Script] = {
    "ship": Script(weight=8),
    "ship_two_lines": Script(shelves=(_AUTO, _AUTO), weight=3),
    "ship_by_staff": Script(shelves=(_ONE,), weight=4),
    "ship_from_anywhere": Script(shelves=(_ANYWHERE,), weight=2),
    "ship_yen": Script(yen=True),
    "split": Script(shelves=(_AUTO, _ONE), weight=2),
    "split_three": Script(shelves=(_AUTO, _ONE, _TWO)),
    "pickup": Script(shelves=(_ONE,), pickup=True, weight=3),
    "pickup_wrong_pin": Script(shelves=(_TWO,), pickup=True, collects="wrong_first"),
    "pickup_never": Script(shelves=(_ONE,), pickup=True, collects="never"),
    "hold_payment": Script(hold="payment_pending"),
    "hold_fraud": Script(hold="fraud_review", shelves=(_ONE,)),
    "cancel_early": Script(cancels="early", shelves=(_ONE,), weight=2),
    "cancel_early_automated": Script(cancels="early"),
    "cancel_late": Script(cancels="late"),
    "cancel_late_staff": Script(cancels="late", shelves=(_TWO,)),
    "short_stock": Script(shelves=(_NOWHERE,), cause="stock"),
    "unmapped": Script(cause="sku"),
    "bad_address": Script(cause="address"),
    "malformed_total": Script(spoils="total", cause="malformed"),
    "malformed_quantity": Script(spoils="quantity", cause="malformed"),
    "malformed_currency": Script(spoils="currency", cause="malformed"),
    "malformed_address": Script(spoils="address", cause="malformed"),
    "staff_rejects": Script(shelves=(_STORES,), rejects=True),
    "staff_rejects_one_line": Script(shelves=(_STORES, _STORES), rejects=True),
    "lost": Script(fate="lost"),
    "refused": Script(fate="refused", shelves=(_ONE,)),
    "unclaimed": Script(fate="unclaimed"),
    "return_by_label": Script(returns="label", weight=2),
    "return_in_store": Script(returns="store", shelves=(_ONE,)),
    "hand_refund": Script(hand="refund_part"),
    "hand_refund_then_return": Script(hand="refund_all", hand_waits=True, returns="label"),
    "hand_cancel": Script(hand="cancel", shelves=(_TWO,)),
    "test_order": Script(test=True),
    "external": Script(external=True),
}
"""Every story there is, by name. `hand: ship` is left to tests: it makes two parcels unless it comes first."""
