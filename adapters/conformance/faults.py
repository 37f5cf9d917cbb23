"""Everything that can go wrong between an adapter and its vendor, injected in one place for all adapters."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

import httpx

from adapters.http import MAX_BYTES

Play = Callable[[httpx.Request, httpx.AsyncBaseTransport], Awaitable[httpx.Response]]

_PAGE = b"<!doctype html><html><body><h1>Please stand by</h1></body></html>"
_PIECE = 256 * 1024


@dataclass(frozen=True)
class Fault:
    """One way to fail.

    Attributes:
        words: what happens.
        play: answers a request instead of the vendor, or spoils what the vendor answered.
    """

    words: str
    play: Play


class FaultyTransport(httpx.AsyncBaseTransport):
    """Stands before a vendor's world, counts what is asked, and lets a fault strike where it is told to.

    Attributes:
        requests: all that were sent, those that were struck included.
        struck: how many of them a fault has met since the last `strike`.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._fault: Fault | None = None
        self._strikes = range(0)
        self.requests: list[httpx.Request] = []
        self.struck = 0

    def strike(self, fault: Fault, at: int = 0, times: int = 1_000) -> None:
        """Let a fault meet the request number `at` from now, and those that follow, so many times."""
        first = len(self.requests) + at
        self._fault, self._strikes, self.struck = fault, range(first, first + times), 0

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._fault = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, or let it fail."""
        await request.aread()
        number = len(self.requests)
        self.requests.append(request)
        if self._fault is None or number not in self._strikes:
            return await self._inner.handle_async_request(request)
        self.struck += 1
        return await self._fault.play(request, self._inner)


class _Flood(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(MAX_BYTES // _PIECE + 1):
            yield b" " * _PIECE


class _Stalling(httpx.AsyncByteStream):
    """An answer that begins, and then so slowly goes on that its reader gives up."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"'
        raise httpx.ReadTimeout("nothing more came in time")


def _raising(error: type[httpx.RequestError], *, executed: bool) -> Play:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("injected", request=request)

    return answering(fail, executed=executed)


def answering(make: Callable[[httpx.Request], httpx.Response], *, executed: bool) -> Play:
    """Return a fault that gives this answer, after the vendor has executed the request or instead of it."""

    async def play(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        if executed:
            await (await vendor.handle_async_request(request)).aread()
        return make(request)

    return play


def _answer(status: int, content: bytes = b"{}", **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    shown = {"content-type": "application/json"} | {name.replace("_", "-"): told for name, told in headers.items()}
    return lambda request: httpx.Response(status, content=content, headers=shown, request=request)


def _streaming(stream: type[httpx.AsyncByteStream]) -> Callable[[httpx.Request], httpx.Response]:
    shown = {"content-type": "application/json"}
    return lambda request: httpx.Response(HTTPStatus.OK, stream=stream(), headers=shown, request=request)


def _bomb(request: httpx.Request) -> httpx.Response:
    shown = {"content-type": "application/json", "content-encoding": "gzip"}
    return httpx.Response(HTTPStatus.OK, stream=httpx.ByteStream(_unfolding()), headers=shown, request=request)


def _spoiling(spoil: Callable[[httpx.Response, bytes], httpx.Response]) -> Play:
    async def play(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        answer = await vendor.handle_async_request(request)
        return spoil(answer, await answer.aread())

    return play


def _truncated(answer: httpx.Response, body: bytes) -> httpx.Response:
    return httpx.Response(answer.status_code, content=body[: len(body) // 2] or b"{", headers=kind_of(answer))


def _mislabelled(answer: httpx.Response, body: bytes) -> httpx.Response:
    return httpx.Response(answer.status_code, content=body, headers={"content-type": "text/html; charset=utf-8"})


@cache
def _unfolding() -> bytes:
    return gzip.compress(b" " * (2 * MAX_BYTES), compresslevel=1)


class Keeping:
    """A fault that spoils nothing, but keeps what was answered, and to which method."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, bytes]] = []

    @property
    def body(self) -> bytes:
        """The last answer's."""
        return self.answers[-1][1] if self.answers else b"{}"

    async def play(self, request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        """Let the vendor answer."""
        answer = await vendor.handle_async_request(request)
        self.answers.append((request.method, await answer.aread()))
        return httpx.Response(answer.status_code, content=self.body, headers=kind_of(answer), request=request)


def as_json(body: bytes) -> Callable[[httpx.Request], httpx.Response]:
    """Return what answers every request with this body."""
    return _answer(HTTPStatus.OK, body)


def kind_of(answer: httpx.Response) -> dict[str, str]:
    """Return the header that says of what type an answer is."""
    return {"content-type": answer.headers.get("content-type", "application/json")}


_AWAY = "http://169.254.169.254/latest/meta-data"

UNSENT = (
    Fault("the connection is refused", _raising(httpx.ConnectError, executed=False)),
    Fault("connecting takes too long", _raising(httpx.ConnectTimeout, executed=False)),
    Fault("429 with Retry-After", answering(_answer(429, retry_after="3"), executed=False)),
    Fault("503 with Retry-After", answering(_answer(503, retry_after="3"), executed=False)),
    Fault("401", answering(_answer(401), executed=False)),
    Fault("403", answering(_answer(403), executed=False)),
)
"""The request was surely not executed."""

OUTAGES = (
    Fault("no answer comes", _raising(httpx.ReadTimeout, executed=False)),
    Fault("the connection is reset", _raising(httpx.RemoteProtocolError, executed=False)),
    Fault("500 without execution", answering(_answer(500), executed=False)),
    Fault("502 of a gateway", answering(_answer(502, _PAGE, content_type="text/html"), executed=False)),
    Fault("503 without Retry-After", answering(_answer(503), executed=False)),
)
"""The request was not executed, but nobody can tell that from outside."""

LOST = (
    Fault("the answer is lost", _raising(httpx.ReadTimeout, executed=True)),
    Fault("the connection is reset after the execution", _raising(httpx.ReadError, executed=True)),
    Fault("500 after the execution", answering(_answer(500), executed=True)),
    Fault("504 after the execution", answering(_answer(504, _PAGE, content_type="text/html"), executed=True)),
)
"""The request was executed, and its answer did not come."""

SPOILT = (
    Fault("HTML with status 200", answering(_answer(200, _PAGE, content_type="text/html"), executed=True)),
    Fault("truncated JSON", _spoiling(_truncated)),
    Fault("another content type", _spoiling(_mislabelled)),
    Fault("another type at the top", answering(_answer(200, b'["surprise"]'), executed=True)),
    Fault("a redirect", answering(_answer(302, b"", location=_AWAY), executed=True)),
    Fault("a compressed answer that unfolds", answering(_bomb, executed=True)),
    Fault("more than 10 MB", answering(_streaming(_Flood), executed=True)),
)
"""The request was executed, and its answer is not what was agreed."""

SLOW = Fault("the answer stalls half-way", answering(_streaming(_Stalling), executed=True))

EVERY = (*UNSENT, *OUTAGES, *LOST, *SPOILT, SLOW)
