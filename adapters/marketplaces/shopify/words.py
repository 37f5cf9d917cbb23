"""Shopify's closed lists of words, each with what it means to us. A word that is not here is refused."""

from __future__ import annotations

from collections.abc import Collection

from domain.errors import ContractBroken
from domain.order import HoldReason

PAID: dict[str, tuple[HoldReason, ...]] = {
    "AUTHORIZED": (HoldReason.PAYMENT,),
    "EXPIRED": (HoldReason.PAYMENT,),
    "PARTIALLY_PAID": (HoldReason.PAYMENT,),
    "PENDING": (HoldReason.PAYMENT,),
    "VOIDED": (HoldReason.PAYMENT,),
    "PAID": (),
    "PARTIALLY_REFUNDED": (),
    "REFUNDED": (),
}
"""The financial status, and what keeps an order of it from starting."""

HELD: dict[str, HoldReason] = {
    "AWAITING_PAYMENT": HoldReason.PAYMENT,
    "HIGH_RISK_OF_FRAUD": HoldReason.FRAUD,
    "INCORRECT_ADDRESS": HoldReason.ADDRESS,
}
"""Reasons of holds that have a word of ours; any other one waits for an operator."""

NOTE_LENGTH = 255
"""Characters that a note keeps."""

LIVE_PARTS = frozenset({"OPEN", "IN_PROGRESS", "SCHEDULED", "ON_HOLD", "INCOMPLETE"})
SENDABLE_PARTS = frozenset({"OPEN", "IN_PROGRESS"})
ENDED_PARTS = frozenset({"CANCELLED", "CLOSED"})

LIVE_FULFILLMENTS = frozenset({"SUCCESS", "OPEN", "PENDING"})
DEAD_FULFILLMENTS = frozenset({"CANCELLED", "ERROR", "FAILURE"})

PICKUP = "PICK_UP"
SENT_METHODS = frozenset({"SHIPPING", "LOCAL", "PICKUP_POINT", ""})
UNSENT_METHODS = frozenset({"NONE", "RETAIL"})


def require_known(word: str, *known: Collection[str]) -> str:
    """Return a word that stands in one of the lists.

    Raises:
        ContractBroken: nobody knows it.
    """
    if not any(word in each for each in known):
        raise ContractBroken("shopify-unknown-status", f"nobody knows the word {word[:40]!r}")
    return word
