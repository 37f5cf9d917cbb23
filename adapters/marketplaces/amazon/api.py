"""The Selling Partner API as we use it: reads, what prepares a write, and writes whose outcome has three values."""

from __future__ import annotations

import re
from functools import partial
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from adapters.http import Raw, fetch, fetch_bytes, send
from adapters.marketplaces.amazon import wire
from adapters.marketplaces.amazon.auth import Access
from adapters.marketplaces.amazon.settings import AmazonSettings
from domain.effect import Rejected, Unknown
from domain.errors import ContractBroken, NotFound, Refused, Unauthorized, Unavailable

_NOT_IN_SLUG = re.compile(r"[^A-Za-z0-9_.:-]+")

M = TypeVar("M", bound=BaseModel)


def slug(word: str) -> str:
    """Return one of Amazon's codes as one of ours."""
    return f"amazon-{_NOT_IN_SLUG.sub('-', word)[:60]}"


class SellerApi:
    """One account's access to one region."""

    def __init__(self, settings: AmazonSettings, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self._http = http
        self._access = Access(settings, http)
        self._root = str(settings.base_url).rstrip("/")

    async def log_in(self) -> None:
        """Get a token anew.

        Raises:
            Unauthorized: Amazon gives none.
        """
        await self._access.renew()

    def request(self, method: str, operation: str, path: str, **parts: object) -> httpx.Request:
        """Build a request that names the operation whose limit it counts against."""
        extensions = {"operation": operation}
        return self._http.build_request(method, self._root + path, extensions=extensions, **parts)  # pyright: ignore[reportArgumentType] - params or json

    async def read(self, request: httpx.Request, model: type[M]) -> M:
        """Send a read; failures as for `adapters.http.fetch`."""
        return await self._access.ask(lambda known: fetch(self._http, known, model), request)

    async def prepare(self, request: httpx.Request, model: type[M]) -> M | Rejected:
        """Send what comes before a write and changes nothing that counts: whatever fails, nothing was done.

        Raises:
            Unavailable: it may be tried again.
            Unauthorized: Amazon refuses us.
        """
        try:
            return await self.read(request, model)
        except (NotFound, Refused) as error:
            return Rejected(code=error.code)
        except ContractBroken as error:
            raise Unavailable(error.code) from error

    async def write(self, request: httpx.Request, model: type[M]) -> M | Rejected | Unknown:
        """Send a write; failures as for `adapters.http.send`."""
        exchange = partial(self._send, model=model)
        try:
            return await self._access.ask(exchange, request)
        except (ContractBroken, NotFound) as error:
            # Only logging in can fail so: the write itself was not sent.
            raise Unavailable(error.code) from error

    async def upload(self, url: str, media_type: str, content: bytes) -> None:
        """Put a document where Amazon wants it; nobody acts on it before a feed names it.

        Raises:
            Unavailable: it is not there, and may be tried again.
        """
        try:
            request = self._outside("PUT", url, headers={"Content-Type": media_type}, content=content)
            put = await send(self._http, request, Raw)
        except (Unauthorized, Refused, ContractBroken) as error:
            raise Unavailable("amazon-upload-refused") from error
        if not isinstance(put, Raw) or put.content:
            raise Unavailable("amazon-upload-failed")

    async def download(self, url: str) -> bytes:
        """Fetch a document that lies with Amazon.

        Raises:
            Unavailable: not now, or its address has expired and has to be asked for again.
            ContractBroken: it is too large, or its address is none.
        """
        try:
            return await fetch_bytes(self._http, self._outside("GET", url))
        except (Unauthorized, NotFound, Refused) as error:
            raise Unavailable("amazon-document-expired") from error

    def _outside(self, method: str, url: str, **parts: object) -> httpx.Request:
        """Build a request to an address that Amazon named; it is signed in itself, and our token stays here."""
        try:
            return self._http.build_request(method, url, extensions={"operation": "document"}, **parts)  # pyright: ignore[reportArgumentType] - headers and content
        except httpx.InvalidURL as error:
            raise ContractBroken("amazon-bad-document-address") from error

    async def _send(self, request: httpx.Request, model: type[M]) -> M | Rejected | Unknown:
        return await send(self._http, request, model, _read_refusal)


def _read_refusal(status: int, body: bytes) -> Rejected:
    try:
        errors = wire.Errors.model_validate_json(body).errors
    except ValidationError:
        errors = []
    return Rejected(code=slug(errors[0].code) if errors else f"http-{status}")
