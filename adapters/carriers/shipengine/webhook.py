"""The signature of webhooks: RSA with SHA-256 over their moment and body, by a key that ShipEngine publishes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from adapters.carriers.shipengine.settings import PublicKey
from adapters.signature import FRESH

_PREFIX = "x-shipengine-"


def is_genuine(keys: Sequence[PublicKey], headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Tell whether a webhook was signed by one of these keys not longer ago than `FRESH`; names are lower case."""
    told, shown, kid = (
        headers.get(_PREFIX + name, "") for name in ("timestamp", "rsa-sha256-signature", "rsa-sha256-key-id")
    )
    key = next((one for one in keys if one.kid == kid), None)
    if key is None or not _is_fresh(told, now):
        return False
    try:
        signature = base64.b64decode(shown, validate=True)
        public = rsa.RSAPublicNumbers(_number(key.e), _number(key.n)).public_key()
        public.verify(signature, told.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _is_fresh(told: str, now: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(told)
        return abs(now - moment) <= FRESH
    except (ValueError, TypeError, OverflowError):
        return False


def _number(told: str) -> int:
    """Read a number of a published key: base64 for addresses, without its padding."""
    return int.from_bytes(base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)), "big")
