"""A plain GraphQL caller for tests and the demo: it asks, and says loudly when the shop refuses."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from infra.vendure.install import StoreError

TOKEN_HEADER = "vendure-auth-token"  # noqa: S105  a header's name
Answer = TypeVar("Answer")
_ANSWERS = TypeAdapter(dict[str, Any])


class Words(BaseModel):
    """What the shop says, with its camelCase names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Caller:
    """One session with one of the shop's two APIs; the shop recognises it by the token it gave."""

    def __init__(self, http: httpx.AsyncClient, address: str) -> None:
        self._http = http
        self._address = address

    async def ask(self, document: str, read_as: type[Answer], **variables: object) -> Answer:
        """Run a document and return its first field.

        Raises:
            StoreError: the shop did not answer, or answered with an error, or with something else than `read_as`.
        """
        try:
            response = await self._http.post(self._address, json={"query": document, "variables": variables})
            answer = _ANSWERS.validate_json(response.content)
        except (httpx.HTTPError, ValidationError) as error:
            raise StoreError(f"{self._address} did not answer: {error!r}") from error
        if token := response.headers.get(TOKEN_HEADER):
            self._http.headers["Authorization"] = f"Bearer {token}"
        return _first_field(answer, read_as)


@asynccontextmanager
async def calling(address: str) -> AsyncGenerator[Caller]:
    """Open a session with the API at this address."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        yield Caller(http, address)


def _first_field(answer: Mapping[str, Any], read_as: type[Answer]) -> Answer:
    if answer.get("errors") or not answer.get("data"):
        raise StoreError(f"the shop refused: {answer}")
    fields = list(answer["data"].values())
    if any(_is_refusal(field) for field in fields):
        raise StoreError(f"the shop refused: {fields}")
    try:
        return TypeAdapter(read_as).validate_python(fields[0])
    except ValidationError as error:
        raise StoreError(f"the shop answered something else: {error}") from error


def _is_refusal(field: object) -> bool:
    return isinstance(field, dict) and "errorCode" in field
