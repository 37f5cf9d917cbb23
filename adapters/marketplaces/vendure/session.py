"""A session with the Admin API: GraphQL over HTTP, logged in when needed, and again when the shop has forgotten us."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, Field

from adapters.http import fetch_headed
from adapters.marketplaces.vendure.documents import LOG_IN
from adapters.marketplaces.vendure.settings import VendureSettings
from domain.errors import ContractBroken, NotFound, Refused, Unauthorized, Unavailable

_TOKEN = "vendure-auth-token"  # noqa: S105  a header's name
_CHANNEL = "vendure-token"

Verdict = TypeVar("Verdict")


class _Extensions(BaseModel):
    code: str = "failed-inside"


class _Complaint(BaseModel):
    extensions: _Extensions = _Extensions()


class Answer(BaseModel):
    """What GraphQL answers, with HTTP 200 also when it failed."""

    fields: dict[str, Any] | None = Field(default=None, alias="data")
    errors: tuple[_Complaint, ...] = ()

    @property
    def code(self) -> str:
        """The code of what went wrong, or nothing."""
        return self.errors[0].extensions.code if self.errors else ""

    @property
    def has_field(self) -> bool:
        """Whether what the document asked for was answered, if only with null."""
        return "field" in (self.fields or {})

    @property
    def field(self) -> Any:  # noqa: ANN401  JSON, read by whoever asked
        """What the document asked for, or None."""
        return (self.fields or {}).get("field")


class Session:
    """The administrator's token, kept between requests."""

    def __init__(self, settings: VendureSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._token = ""

    async def ask(
        self,
        exchange: Callable[[httpx.AsyncClient, httpx.Request, type[Answer]], Awaitable[Answer | Verdict]],
        document: str,
        variables: dict[str, object],
    ) -> Answer | Verdict:
        """Exchange a document for an answer, by `fetch` or `send`.

        Raises:
            Unauthorized: the shop refuses the name and password, or what we ask is not allowed to us.
            Unavailable: the shop cannot answer the login; the document was not sent.
        """
        if not self._token:
            await self._log_in()
        answer = await exchange(self._http, self._request(document, variables), Answer)
        if _is_forbidden(answer):
            # The shop looks at the session before it runs anything, so nothing was executed.
            await self._log_in()
            answer = await exchange(self._http, self._request(document, variables), Answer)
            if _is_forbidden(answer):
                raise Unauthorized("vendure-forbidden", "the administrator may not do this, or not in this channel")
        return answer

    async def _log_in(self) -> None:
        told = {"username": self._settings.username, "password": self._settings.password.get_secret_value()}
        self._token = ""
        try:
            _, headers = await fetch_headed(self._http, self._request(LOG_IN, told), Answer)
        except (ContractBroken, NotFound, Refused) as error:
            raise Unavailable("vendure-no-login") from error
        self._token = headers.get(_TOKEN, "")
        if not self._token:
            raise Unauthorized("vendure-login-refused", "the shop refuses the administrator's name and password")

    def _request(self, document: str, variables: dict[str, object] | dict[str, str]) -> httpx.Request:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if self._settings.channel_token:
            headers[_CHANNEL] = self._settings.channel_token
        told = {"query": document, "variables": variables}
        return self._http.build_request("POST", str(self._settings.admin_api), json=told, headers=headers)


def _is_forbidden(answer: object) -> bool:
    return isinstance(answer, Answer) and answer.code == "FORBIDDEN"
