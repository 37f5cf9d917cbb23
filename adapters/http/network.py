"""The network: connections to public addresses only, unless the operator allowed others.

The address that is connected to is the one that was looked at: a name that means something else a moment later, or
means two things at once, gets nobody further.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from domain.errors import Refused

_CONNECTIONS, _IDLE_CONNECTIONS, _IDLE_SECONDS = 50, 20, 5.0
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def open_network(*, allow_private: bool) -> httpx.AsyncBaseTransport:
    """Return a transport of the real network."""
    return _Network(None if allow_private else PublicOnly())


def is_public(address: Address) -> bool:
    """Tell whether an address is on the public internet, also when it is written inside another one.

    >>> is_public(ipaddress.ip_address("::ffff:169.254.169.254"))
    False
    """
    inner = _inside(address) if isinstance(address, ipaddress.IPv6Address) else None
    return address.is_global and not address.is_multicast if inner is None else is_public(inner)


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects by name, but to public addresses only."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._inner: httpcore.AsyncNetworkBackend = inner or httpcore.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue] - its stand-in where anyio is missing

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, look at every address, and connect to the first that answers.

        Raises:
            Refused: the name means, perhaps among others, an address that is not public.
        """
        options = None if socket_options is None else list(socket_options)
        failure: Exception = httpcore.ConnectError("no address")
        try:
            async with asyncio.timeout(timeout):
                for address in await _resolve(host, port):
                    try:
                        return await self._inner.connect_tcp(str(address), port, timeout, local_address, options)
                    except httpcore.ConnectError as error:
                        failure = error
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("it took too long") from error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """See base class."""
        await self._inner.sleep(seconds)


async def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError("no such name") from error
    addresses = [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
    if not all(map(is_public, addresses)):
        raise Refused("private-address", f"{host} is a private address: allow_private lets this party use one")
    return addresses


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that this one only wraps: mapped, 6to4, Teredo or translated."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


@cache
def _tls() -> SSLContext:
    """Return the trust that all clients share: reading the authorities takes longer than a handshake."""
    return httpx.create_ssl_context(trust_env=False)


class _Network(httpx.AsyncHTTPTransport):
    """The library's transport on a pool of our own making: it offers no other way to choose how to connect."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend | None) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=backend,
        )
