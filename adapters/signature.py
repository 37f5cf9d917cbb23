"""The signature of webhooks that come from our own plugins and from the sandbox: HMAC over time and body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

FRESH = timedelta(minutes=5)


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Tell whether `X-Crossdock-Signature` was made with the secret over a fresh `X-Crossdock-Timestamp` and the body.

    Header names are lower case. Without a secret nothing is genuine.
    """
    timestamp, shown = headers.get("x-crossdock-timestamp", ""), headers.get("x-crossdock-signature", "")
    if not secret or not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > len("9999999999"):
        return False
    expected = "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    genuine = hmac.compare_digest(expected.encode(), shown.encode())
    return genuine and abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()
