"""How a shop knows us: by key and secret over https, by a one-legged OAuth 1.0a signature (RFC 5849) over http."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

import httpx

from adapters.marketplaces.woocommerce.settings import WooCommerceSettings


def make_auth(settings: WooCommerceSettings) -> httpx.Auth:
    """Return what proves who we are."""
    key, secret = settings.consumer_key.get_secret_value(), settings.consumer_secret.get_secret_value()
    return httpx.BasicAuth(key, secret) if settings.base_url.scheme == "https" else OneLegged(key, secret)


class OneLegged(httpx.Auth):
    """Signs method, address and parameters; WordPress reads the signature from the query only."""

    def __init__(
        self,
        key: str,
        secret: str,
        clock: Callable[[], float] = time.time,  # noqa: TID251  a signature carries its own moment
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._key, self._secret, self._clock, self._nonce = key, secret, clock, nonce

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # pyright: ignore[reportIncompatibleMethodOverride] - nothing is sent back into it
        """Add the signature to the query."""
        told = {
            "oauth_consumer_key": self._key,
            "oauth_nonce": self._nonce(),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(self._clock())),
        }
        url = request.url.copy_merge_params(told)
        signature = sign(base_string(request.method, url.copy_with(query=None), url.params.multi_items()), self._secret)
        request.url = url.copy_merge_params({"oauth_signature": signature})
        yield request


def base_string(method: str, url: httpx.URL | str, params: Iterable[tuple[str, str]]) -> str:
    """Return what is signed: method, address and sorted parameters, each escaped."""
    escaped = sorted((_escape(name), _escape(value)) for name, value in params)
    return "&".join(_escape(part) for part in (method, str(url), "&".join(f"{name}={told}" for name, told in escaped)))


def sign(text: str, secret: str, token_secret: str = "", digest: str = "sha256") -> str:
    """Return the signature in base64."""
    key = f"{_escape(secret)}&{_escape(token_secret)}"
    return b64encode(hmac.new(key.encode(), text.encode(), getattr(hashlib, digest)).digest()).decode()


def _escape(text: str) -> str:
    return quote(text, safe="~")
