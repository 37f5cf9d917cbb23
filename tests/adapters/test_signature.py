"""Only what was signed with our secret, lately, is genuine."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from adapters.signature import is_genuine

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BODY = b'{"id": 1}'


def signed(key: str = "s", moment: datetime = NOW, body: bytes = BODY) -> dict[str, str]:
    timestamp = str(int(moment.timestamp()))
    digest = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-crossdock-timestamp": timestamp, "x-crossdock-signature": f"v1={digest}"}


def test_a_fresh_signature_with_our_secret_is_genuine() -> None:
    assert is_genuine("s", signed(), BODY, NOW)
    assert is_genuine("s", signed(moment=NOW - timedelta(minutes=4)), BODY, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed("other"),
        signed(body=b"{}"),
        signed(moment=NOW - timedelta(minutes=6)),
        signed(moment=NOW + timedelta(minutes=6)),
        signed() | {"x-crossdock-timestamp": "now"},
        signed() | {"x-crossdock-timestamp": "٣"},
        signed() | {"x-crossdock-timestamp": "9" * 400},
        signed() | {"x-crossdock-signature": "v1="},
        signed() | {"x-crossdock-signature": "v1=ü"},
    ],
)
def test_anything_else_is_not(headers: dict[str, str]) -> None:
    assert not is_genuine("s", headers, BODY, NOW)


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not is_genuine("", signed(""), BODY, NOW)
