"""Where connections may go: the address that is connected to is the one that was looked at."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import httpcore
import httpx
import pytest

from adapters.http.network import PublicOnly, is_public, open_network
from domain.errors import Refused


@pytest.fixture
async def listener() -> AsyncGenerator[tuple[int, list[bytes]]]:
    """A server on loopback that keeps what it hears."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


async def ask(url: str, *, allow_private: bool) -> int:
    network = open_network(allow_private=allow_private)
    async with httpx.AsyncClient(transport=network, trust_env=False, timeout=5) as client:
        return (await client.get(url)).status_code


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0.0.0.0", "[::ffff:127.0.0.1]"]  # noqa: S104 - what is refused
)  # fmt: skip
async def test_loopback_is_refused_however_it_is_written(listener: tuple[int, list[bytes]], host: str) -> None:
    port, heard = listener
    with pytest.raises(Refused) as caught:
        await ask(f"http://{host}:{port}/", allow_private=False)
    assert caught.value.code == "private-address"
    assert "allow_private" in str(caught.value)
    assert heard == []


async def test_loopback_is_reached_where_the_operator_allows_it(listener: tuple[int, list[bytes]]) -> None:
    assert await ask(f"http://127.0.0.1:{listener[0]}/", allow_private=True) == 204


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.2", "0.0.0.0", "224.0.0.1",  # noqa: S104 - what is refused
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_an_address_of_somebody_s_own_network_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822", "2002:5db8:d822::"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


class Wire(httpcore.AsyncNetworkBackend):
    """Keeps where it was told to connect to; some addresses do not answer."""

    def __init__(self, deaf: tuple[str, ...] = ()) -> None:
        self.tried: list[str] = []
        self._deaf = deaf

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ASYNC109 - the library's
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        del port, timeout, local_address, socket_options
        self.tried.append(host)
        if host in self._deaf:
            raise httpcore.ConnectError("deaf")
        return httpcore.AsyncMockStream([])


class Names:
    """What names mean; a name may mean something else each time it is asked."""

    def __init__(self, patch: pytest.MonkeyPatch, *meanings: tuple[str, ...]) -> None:
        self._meanings = list(meanings)
        patch.setattr(asyncio.get_running_loop(), "getaddrinfo", self.getaddrinfo)

    async def getaddrinfo(self, host: str, port: int, **_kind: object) -> list[tuple[object, ...]]:
        if not self._meanings:
            raise socket.gaierror(host)
        meaning = self._meanings.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in meaning]


async def test_a_name_that_means_something_else_a_moment_later_gets_nobody_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = Wire()
    Names(monkeypatch, ("93.184.216.34",), ("127.0.0.1",))
    backend = PublicOnly(wire)
    await backend.connect_tcp("shop.example", 443)
    assert wire.tried == ["93.184.216.34"], "not the name: it would be resolved once more"
    with pytest.raises(Refused):
        await backend.connect_tcp("shop.example", 443)
    assert wire.tried == ["93.184.216.34"]


async def test_a_name_that_means_two_things_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire()
    Names(monkeypatch, ("93.184.216.34", "10.0.0.1"))
    with pytest.raises(Refused):
        await PublicOnly(wire).connect_tcp("shop.example", 443)
    assert wire.tried == []


async def test_the_next_address_is_tried_where_the_first_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(deaf=("93.184.216.34",))
    Names(monkeypatch, ("93.184.216.34", "93.184.216.35"))
    await PublicOnly(wire).connect_tcp("shop.example", 443)
    assert wire.tried == ["93.184.216.34", "93.184.216.35"]


@pytest.mark.parametrize("meanings", [(), (("93.184.216.34",),)])
async def test_a_name_that_leads_nowhere_is_no_connection(
    monkeypatch: pytest.MonkeyPatch, meanings: tuple[tuple[str, ...], ...]
) -> None:
    Names(monkeypatch, *meanings)
    with pytest.raises(httpcore.ConnectError):
        await PublicOnly(Wire(deaf=("93.184.216.34",))).connect_tcp("shop.example", 443)


async def test_a_name_that_takes_too_long_is_no_connection_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_asked: object, **_kind: object) -> list[object]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    with pytest.raises(httpcore.ConnectTimeout):
        await PublicOnly(Wire()).connect_tcp("shop.example", 443, timeout=0.01)
