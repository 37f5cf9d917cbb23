"""One mapping of failures into our words, for every adapter."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from pydantic import BaseModel

from adapters.http import Raw, code_at, fetch, make_client, send
from adapters.http import client as http
from domain.effect import Rejected, Unknown
from domain.errors import ContractBroken, CrossdockError, NotFound, Refused, Unauthorized, Unavailable

Answer = Callable[[httpx.Request], httpx.Response]


class Thing(BaseModel):
    name: str


class Flood(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(http.MAX_BYTES // 100_000 + 1):
            yield b"x" * 100_000


def flood(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, stream=Flood(), headers={"content-type": "application/json"})


def answer(status: int, body: bytes = b'{"name": "kettle"}', **headers: str) -> Answer:
    kept = {"content-type": "application/json"} | {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda _request: httpx.Response(status, content=body, headers=kept)


def fail(error: type[httpx.RequestError]) -> Answer:
    def raise_it(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return raise_it


async def read(network: Answer) -> Thing:
    async with make_client(httpx.MockTransport(network)) as client:
        return await fetch(client, client.build_request("GET", "http://there/thing"), Thing)


async def write(network: Answer) -> Thing | Rejected | Unknown:
    async with make_client(httpx.MockTransport(network)) as client:
        request = client.build_request("POST", "http://there/thing", json={})
        return await send(client, request, Thing, lambda _status, body: Rejected(code=code_at(body, "error", "code")))


async def test_a_good_answer_is_read() -> None:
    assert await read(answer(200)) == Thing(name="kettle")
    assert await write(answer(201)) == Thing(name="kettle")


@pytest.mark.parametrize(
    ("network", "error", "code"),
    [
        (fail(httpx.ConnectError), Unavailable, "no-connection"),
        (fail(httpx.ReadTimeout), Unavailable, "no-answer-in-time"),
        (fail(httpx.ReadError), Unavailable, "connection-lost"),
        (answer(429), Unavailable, "http-429"),
        (answer(500), Unavailable, "http-500"),
        (answer(401), Unauthorized, "http-401"),
        (answer(403), Unauthorized, "http-403"),
        (answer(404), NotFound, "http-404"),
        (answer(422), Refused, "http-422"),
        (answer(501), Refused, "http-501"),
        (answer(302, location="http://169.254.169.254/"), ContractBroken, "http-302"),
        (answer(200, b"<html>", content_type="text/html"), ContractBroken, "not-json"),
        (answer(200, b'{"name": "ket'), ContractBroken, "unexpected-shape"),
        (answer(200, b'{"name": 5}'), ContractBroken, "unexpected-shape"),
        (flood, ContractBroken, "too-large"),
        (answer(200, b"", content_encoding="gzip"), ContractBroken, "too-large"),
    ],
)
async def test_a_read_that_fails_says_so_in_our_words(network: Answer, error: type[CrossdockError], code: str) -> None:
    with pytest.raises(error) as caught:
        await read(network)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("network", "error"),
    [
        (fail(httpx.ConnectError), Unavailable),
        (fail(httpx.ConnectTimeout), Unavailable),
        (fail(httpx.PoolTimeout), Unavailable),
        (answer(429), Unavailable),
        (answer(503, retry_after="3"), Unavailable),
        (answer(401), Unauthorized),
        (answer(403), Unauthorized),
    ],
)
async def test_a_write_that_surely_was_not_executed_raises(network: Answer, error: type[CrossdockError]) -> None:
    with pytest.raises(error):
        await write(network)


@pytest.mark.parametrize(
    ("network", "code"),
    [
        (fail(httpx.ReadTimeout), "no-answer-in-time"),
        (fail(httpx.ReadError), "connection-lost"),
        (fail(httpx.WriteError), "connection-lost"),
        (fail(httpx.RemoteProtocolError), "connection-lost"),
        (answer(500), "http-500"),
        (answer(503), "http-503"),
        (answer(302), "http-302"),
        (answer(200, b"<html>", content_type="text/html"), "not-json"),
        (answer(201, b'{"name": "ket'), "unexpected-shape"),
        (flood, "too-large"),
    ],
)
async def test_a_write_that_was_perhaps_executed_is_unknown(network: Answer, code: str) -> None:
    assert await write(network) == Unknown(code=code)


@pytest.mark.parametrize("status", [400, 404, 409, 422, 501])
async def test_a_write_that_was_understood_and_refused_is_rejected(status: int) -> None:
    outcome = await write(answer(status, b'{"error": {"code": "no such thing!"}}'))
    assert outcome == Rejected(code="no-such-thing-")


@pytest.mark.parametrize(("told", "seconds"), [("7", 7.0), ("999999", 3600.0), ("Wed, 21 Oct", None), ("-1", None)])
async def test_when_to_come_back_is_believed_within_bounds(told: str, seconds: float | None) -> None:
    with pytest.raises(Unavailable) as caught:
        await write(answer(429, retry_after=told))
    assert caught.value.retry_after == seconds


async def test_an_answer_that_trickles_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0.01)

    def begin(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Trickle(), headers={"content-type": "application/json"})

    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.1)
    assert await write(begin) == Unknown(code="no-answer-in-time")


async def test_an_answer_of_which_only_the_status_counts_is_taken_as_it_came() -> None:
    for status, body in ((204, b""), (200, b"<done/>")):
        async with make_client(httpx.MockTransport(answer(status, body, content_type="text/xml"))) as client:
            assert await send(client, client.build_request("POST", "http://there/thing"), Raw) == Raw(content=body)


async def test_errors_never_hold_what_was_said() -> None:
    with pytest.raises(ContractBroken) as caught:
        await read(answer(200, b'{"name": ["Ada Koch"]}'))
    assert "Ada" not in str(caught.value)
    assert "name" in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 5}', b'{"error": {"code": 5}}'])
def test_a_code_that_is_not_there_is_empty(body: bytes) -> None:
    assert code_at(body, "error", "code") == ""


async def test_the_environment_cannot_send_us_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with make_client() as client:
        with pytest.raises(Unavailable):
            await fetch(client, client.build_request("GET", "http://127.0.0.1:1/"), Thing)
        assert not client.trust_env
