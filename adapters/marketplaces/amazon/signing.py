"""Signature version 4 of Amazon Web Services, for requests that have a body and no query."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

import httpx

_ALGORITHM = "AWS4-HMAC-SHA256"


def sign(request: httpx.Request, moment: datetime, scope: tuple[str, str], key_id: str, secret: str) -> None:
    """Add the headers that sign a request.

    Args:
        request: with all other headers that are to be signed: `Host`, `Content-Type` and those of Amazon.
        moment: in UTC; Amazon refuses one that is more than some minutes off.
        scope: region and name of what is asked, such as ("eu-west-1", "sqs").
        key_id: whose key it is.
        secret: the key.
    """
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = stamp
    signed = {name: value for name, value in request.headers.items() if _is_signed(name)}
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        (
            request.method,
            request.url.raw_path.decode(),
            "",
            *(f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)),
            "",
            names,
            hashlib.sha256(request.content).hexdigest(),
        )
    )
    place = "/".join((stamp[:8], *scope, "aws4_request"))
    text = "\n".join((_ALGORITHM, stamp, place, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{secret}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    request.headers["Authorization"] = (
        f"{_ALGORITHM} Credential={key_id}/{place}, SignedHeaders={names}, Signature={signature}"
    )


def _is_signed(name: str) -> bool:
    return name in {"host", "content-type"} or name.startswith("x-amz-")
