"""One exchange, in our words: what was asked, what was answered, and what surely did not happen.

what went wrong                            on a read        on a write
no connection, 429, 503 with Retry-After   Unavailable      Unavailable   surely not executed
401, 403                                   Unauthorized     Unauthorized  surely not executed
any other 4xx, 501                         Refused, 404     Rejected      understood, and said no
                                           NotFound
no answer in time, connection lost, 5xx    Unavailable      Unknown       perhaps executed
HTML, broken JSON, too large, a redirect   ContractBroken   Unknown       perhaps executed
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeVar

import httpx
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from adapters.http.capped import TooLarge
from domain.effect import Rejected, Unknown
from domain.errors import ContractBroken, CrossdockError, NotFound, Refused, Unauthorized, Unavailable

_LONGEST_PAUSE = 3600.0
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_ANYTHING: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_NOT_IN_SLUG = re.compile(r"[^A-Za-z0-9_.:-]+")

M = TypeVar("M", bound=BaseModel)


class Raw(BaseModel):
    """An answer as it came and unread: it has no body, or one of another kind than JSON."""

    content: bytes


_SLUGS: dict[type[httpx.RequestError], str] = {
    httpx.ConnectError: "no-connection",
    httpx.ConnectTimeout: "no-connection",
    httpx.PoolTimeout: "too-busy-here",
    httpx.ReadTimeout: "no-answer-in-time",
    TooLarge: "too-large",
}


async def fetch(
    client: httpx.AsyncClient,
    request: httpx.Request,
    model: type[M],
    read_refusal: Callable[[int, bytes], CrossdockError] | None = None,
) -> M:
    """Send a read and return its answer.

    Args:
        client: from `make_client`.
        request: built by the same client.
        model: the shape of an answer.
        read_refusal: reads status and body of a 4xx that is about the request itself, where its code says more.

    Raises:
        Unavailable: no answer now.
        Unauthorized: our credentials are refused.
        NotFound: there is no such thing.
        Refused: the other side says no.
        ContractBroken: the answer is not JSON of this shape.
    """
    return parse(await _read(client, request, read_refusal), model)


async def fetch_headed(
    client: httpx.AsyncClient, request: httpx.Request, model: type[M]
) -> tuple[M, Mapping[str, str]]:
    """Send a read and return its answer with its headers, by lower case names; failures as for `fetch`."""
    response = await _read(client, request)
    return parse(response, model), dict(response.headers)


async def fetch_bytes(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    """Send a read and return what its answer holds, such as a paper; failures as for `fetch`."""
    return (await fetch(client, request, Raw)).content


async def send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    model: type[M],
    read_refusal: Callable[[int, bytes], Rejected] | None = None,
    read_failure: Callable[[int, bytes], Rejected | None] | None = None,
) -> M | Rejected | Unknown:
    """Send a write and return its answer, that it was rejected, or that nobody knows.

    Args:
        client: from `make_client`.
        request: built by the same client.
        model: the shape of an answer that says it was done.
        read_refusal: reads status and body of a 4xx that is about the request itself.
        read_failure: the same of a 5xx, for parties that refuse with one; None when it is no refusal.

    Raises:
        Unavailable: surely not executed, and may be tried again.
        Unauthorized: surely not executed; our credentials are refused.
    """
    try:
        response = await client.send(request)
    except _UNSENT as error:
        raise Unavailable(_slug(error)) from error
    except httpx.RequestError as error:
        return Unknown(code=_slug(error))
    refusal = _refusal(response)
    if refusal is not None:
        raise refusal
    if response.status_code == HTTPStatus.NOT_IMPLEMENTED or response.is_client_error:
        plain = Rejected(code=f"http-{response.status_code}")
        return read_refusal(response.status_code, response.content) if read_refusal else plain
    if read_failure and response.is_server_error and (told := read_failure(response.status_code, response.content)):
        return told
    try:
        return parse(response, model)
    except CrossdockError as error:
        return Unknown(code=error.code)


def parse(response: httpx.Response, model: type[M]) -> M:
    """Read a successful answer; what it holds never reaches the error.

    Raises:
        ContractBroken: it is no success, not JSON, or not of this shape.
    """
    if not response.is_success:
        raise ContractBroken(f"http-{response.status_code}")
    if issubclass(model, Raw):
        return model(content=response.content)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise ContractBroken("not-json", f"the answer is {kind or 'untyped'}")
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise ContractBroken("unexpected-shape", complaints(error)) from None


def code_at(body: bytes, *path: str) -> str:
    """Return the word at this place of a JSON answer, as a slug; empty when there is none."""
    try:
        found: JsonValue = _ANYTHING.validate_json(body)
    except ValidationError:
        return ""
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return _NOT_IN_SLUG.sub("-", found)[:80] if isinstance(found, str) else ""


def complaints(error: ValidationError) -> str:
    """Return which fields are wrong and how, without what they hold."""
    told = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in told)[:500]


async def _read(
    client: httpx.AsyncClient,
    request: httpx.Request,
    read_refusal: Callable[[int, bytes], CrossdockError] | None = None,
) -> httpx.Response:
    try:
        response = await client.send(request)
    except TooLarge as error:
        raise ContractBroken("too-large") from error
    except httpx.RequestError as error:
        raise Unavailable(_slug(error)) from error
    refusal = _refusal(response)
    if refusal is None and read_refusal and response.is_client_error:
        refusal = read_refusal(response.status_code, response.content)
    if refusal := refusal or _read_refusal(response):
        raise refusal
    return response


def _refusal(response: httpx.Response) -> CrossdockError | None:
    """Return what surely means that nothing was executed, whatever was asked."""
    status = response.status_code
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Unauthorized(f"http-{status}")
    retry_after = _retry_after(response)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and retry_after is not None):
        return Unavailable(f"http-{status}", retry_after=retry_after)
    return None


def _read_refusal(response: httpx.Response) -> CrossdockError | None:
    status = response.status_code
    if status == HTTPStatus.NOT_FOUND:
        return NotFound("http-404")
    if status == HTTPStatus.NOT_IMPLEMENTED or response.is_client_error:
        return Refused(f"http-{status}")
    return Unavailable(f"http-{status}") if response.is_server_error else None


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of a Retry-After header; a date is not believed, since it depends on two clocks."""
    told = response.headers.get("Retry-After", "")
    return min(float(told), _LONGEST_PAUSE) if told.isascii() and told.isdigit() else None


def _slug(error: httpx.RequestError) -> str:
    return next((slug for kind, slug in _SLUGS.items() if isinstance(error, kind)), "connection-lost")
