"""Who we are to Amazon: access tokens of Login with Amazon, kept until they are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
from pydantic import BaseModel, Field

from adapters.http import fetch
from adapters.marketplaces.amazon.settings import AmazonSettings
from domain.errors import Refused, Unauthorized

_HEADER = "x-amz-access-token"

Answer = TypeVar("Answer")


class _Granted(BaseModel):
    access_token: str = Field(min_length=1)


class Access:
    """One account's access token; never logged, never shown."""

    def __init__(self, settings: AmazonSettings, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        self._token = ""
        self._turn = asyncio.Lock()

    async def ask(self, exchange: Callable[[httpx.Request], Awaitable[Answer]], request: httpx.Request) -> Answer:
        """Exchange a request for its answer; a token that is refused, as an expired one is, is renewed once.

        Raises:
            Unauthorized: Amazon refuses us, or will not give us a token.
            Unavailable: no token can be got now.
        """
        if token := self._token:
            try:
                return await exchange(_bearing(request, token))
            except Unauthorized:
                pass
        return await exchange(_bearing(request, await self._renew(token)))

    async def renew(self) -> None:
        """Get a token anew; failures as for `ask`."""
        await self._renew(self._token)

    async def _renew(self, refused: str) -> str:
        async with self._turn:
            if self._token == refused:
                self._token = await self._log_in()
            return self._token

    async def _log_in(self) -> str:
        settings = self._settings
        form = {
            "grant_type": "refresh_token",
            "refresh_token": settings.refresh_token.get_secret_value(),
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.get_secret_value(),
        }
        request = self._http.build_request(
            "POST", str(settings.login_url), data=form, extensions={"operation": "login"}
        )
        try:
            return (await fetch(self._http, request, _Granted)).access_token
        except Refused as error:
            raise Unauthorized(
                "amazon-login-refused", "Amazon gives no token: authorise the application anew"
            ) from error


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers[_HEADER] = token
    return request
