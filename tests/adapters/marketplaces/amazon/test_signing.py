"""Signature version 4, held against the vectors that AWS publishes."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from adapters.marketplaces.amazon.signing import sign

_MOMENT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
_KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


@pytest.mark.parametrize(
    ("vector", "method", "signature"),
    [
        ("get-vanilla", "GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("post-vanilla", "POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ],
)
def test_a_request_is_signed_as_in_the_published_suite(vector: str, method: str, signature: str) -> None:
    request = httpx.Request(method, "https://example.amazonaws.com/")
    sign(request, _MOMENT, ("us-east-1", "service"), *_KEY)
    assert request.headers["X-Amz-Date"] == "20150830T123600Z"
    assert request.headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    ), vector


def test_the_body_and_the_action_are_signed_too() -> None:
    def signature(body: bytes, action: str) -> str:
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": action}
        request = httpx.Request("POST", "https://sqs.eu-west-1.amazonaws.com/", content=body, headers=headers)
        sign(request, _MOMENT, ("eu-west-1", "sqs"), *_KEY)
        assert "SignedHeaders=content-type;host;x-amz-date;x-amz-target," in request.headers["Authorization"]
        return request.headers["Authorization"].rpartition("=")[2]

    assert len({signature(b"{}", "A"), signature(b"{ }", "A"), signature(b"{}", "B")}) == 3
