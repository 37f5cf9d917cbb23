"""The Admin API as we use it: reads that fail in our words, and writes whose outcome has three values."""

from __future__ import annotations

from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from adapters.http import fetch, send
from adapters.lenient import reading
from adapters.marketplaces.shopify import wire
from adapters.marketplaces.shopify.answer import Answer, slug
from adapters.marketplaces.shopify.documents import Document
from adapters.marketplaces.shopify.settings import ShopifySettings
from adapters.onward import onward
from domain.effect import Rejected, Unknown
from domain.errors import ContractBroken, Unavailable

VERSION = "2026-07"
POINTS = "points"
"""All operations of an app at a store draw on one bucket of points."""

_REFUSALS = frozenset({"MAX_COST_EXCEEDED", "BAD_REQUEST", "NOT_FOUND"})
_UNDER_KEY = {
    "currently in progress": "IDEMPOTENCY_CONCURRENT_REQUEST",
    "different operation parameters": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
    "idempotency key failed": "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
}
"""What is said in words where a refusal has no code."""

# Another attempt under the same key is at work, or was: only a look-up tells what became of it.
_PERHAPS = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "INTERNAL_ERROR"})

Shape = TypeVar("Shape")


def gid(kind: str, number: str) -> str:
    """Return the global id of a thing that is known by its number.

    >>> gid("Order", "1001")
    'gid://shopify/Order/1001'
    """
    return f"gid://shopify/{kind}/{number}"


def number_of(told: str) -> str:
    """Return the number in a global id.

    >>> number_of("gid://shopify/Order/1001")
    '1001'
    """
    return told.rpartition("/")[2]


class AdminApi:
    """One app's access to one store."""

    def __init__(self, settings: ShopifySettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http

    async def read(self, document: Document, shape: type[Shape], **variables: object) -> Shape:
        """Return the field that the document asks for.

        Raises:
            Unavailable: Shopify does not answer, or we asked for more points than there are.
            Unauthorized: the token or one of its access scopes is missing; the code names the scope.
            ContractBroken: the answer is not of this shape, or the document is not of this version.
        """
        return _as(shape, await self._ask(document, variables))

    async def read_one(self, document: Document, shape: type[Shape], **variables: object) -> Shape | None:
        """Return the one thing that the document asks for, or None where there is none. Raises as `read`."""
        told = await self._ask(document, variables)
        return None if told is None else _as(shape, told)

    async def write(self, document: Document, **variables: object) -> wire.Made | Rejected | Unknown:
        """Run a mutation.

        Raises:
            Unavailable: it was surely not executed.
            Unauthorized: it was surely not executed; we may not do this.
        """
        answer = await send(self._http, self._request(document, variables), Answer)
        if not isinstance(answer, Answer):
            return answer
        if answer.errors:
            return _verdict(answer)
        try:
            made = wire.Made.model_validate(answer.told)
        except ValidationError:
            return Unknown(code="shopify-unexpected-shape")
        return _refusal(made.errors[0]) if made.errors else made

    async def write_on(self, document: Document, **variables: object) -> wire.Made | Unknown:
        """Run a later mutation of a write whose first was executed, as `onward` says."""
        return await onward(self.write(document, **variables))

    async def _ask(self, document: Document, variables: dict[str, Any]) -> object:
        answer = await fetch(self._http, self._request(document, variables), Answer)
        failure = answer.failure()
        if failure is not None:
            raise failure
        if "told" not in (answer.fields or {}):
            raise ContractBroken("shopify-no-answer")
        return answer.told

    def _request(self, document: Document, variables: dict[str, Any]) -> httpx.Request:
        return self._http.build_request(
            "POST",
            f"https://{self._settings.shop}/admin/api/{VERSION}/graphql.json",
            json={"query": document.text, "variables": variables},
            headers={"X-Shopify-Access-Token": self._settings.access_token.get_secret_value()},
            extensions={"operation": POINTS, "cost": document.points},
        )


def _as(shape: type[Shape], told: object) -> Shape:
    with reading("shopify-unexpected-shape"):
        return TypeAdapter(shape).validate_python(told)


def _verdict(answer: Answer) -> Rejected | Unknown:
    """Return what errors beside or instead of an answer mean for a write.

    Raises:
        Unavailable: it was surely not executed.
        Unauthorized: it was surely not executed; we may not do this.
    """
    failure = answer.failure()
    if answer.told is not None or failure is None:
        return Unknown(code=slug(answer.code))
    if answer.code == "THROTTLED" or not isinstance(failure, Unavailable | ContractBroken):
        raise failure
    # Codes in camel case come from checking the document against the schema, before anything runs.
    checked = answer.fields is None and answer.code[:1].islower()
    return (Rejected if checked or answer.code in _REFUSALS else Unknown)(code=slug(answer.code))


def _refusal(error: wire.UserError) -> Rejected | Unknown:
    message = error.message.lower()
    code = error.code or next((code for words, code in _UNDER_KEY.items() if words in message), "")
    if code:
        return (Unknown if code in _PERHAPS else Rejected)(code=slug(code))
    return Rejected(code=slug(f"refused {(error.path or ('',))[-1]}"))
