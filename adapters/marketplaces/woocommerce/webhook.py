"""What the shop's webhooks say: which order changed. They tell the state at their delivery, so they are only a hint."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping

from adapters.lenient import Id, Loose, fields, loads, reading
from domain.facts import Fact, OrderChanged

_OTHERS = frozenset({"permalink", "username", "discount_type", "action"})
"""What only products, people, coupons and actions have."""


class _Told(Loose):
    id: Id


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether the body was signed with the secret; the ping that a new webhook begins with is not."""
    expected = b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    shown = headers.get("x-wc-webhook-signature", "").encode(errors="replace")
    return bool(secret) and hmac.compare_digest(expected, shown)


def read(body: bytes) -> tuple[Fact, ...]:
    """Read the order that changed; what is about products, coupons or people means nothing to us.

    Raises:
        ContractBroken: it is not what a shop sends.
    """
    told = fields(loads(body))
    # A deleted order is nothing but its id.
    if not _OTHERS.isdisjoint(told):
        return ()
    with reading("woocommerce-unreadable-webhook"):
        return (OrderChanged(channel_order_id=_Told.model_validate(told).id),)
