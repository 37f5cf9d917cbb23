"""Where the requests of one party may go: to the addresses of its settings, and to the hosts its adapter names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import httpx
from pydantic import AnyUrl, BaseModel

from domain.errors import Refused

_HTTPS = 443
_PORTS = {"https": _HTTPS, "http": 80}


@dataclass(frozen=True)
class Reach:
    """The addresses of one party.

    Attributes:
        origins: scheme, host and port as the operator gave them, such as ``https://shop.example:443``.
        hosts: hosts that the adapter names, reached by HTTPS; ``*.vendor.example`` stands for every name below it.
        allow_private: the operator lets this party be on a private address, and without TLS.
    """

    origins: frozenset[str] = frozenset()
    hosts: tuple[str, ...] = ()
    allow_private: bool = False

    def holds(self, url: httpx.URL) -> bool:
        """Tell whether a request may go there."""
        if url.scheme != "https" and not (url.scheme == "http" and self.allow_private):
            return False
        port = url.port or _PORTS[url.scheme]
        if f"{url.scheme}://{url.host}:{port}" in self.origins:
            return True
        return url.scheme == "https" and port == _HTTPS and any(_matches(url.host, one) for one in self.hosts)


class ReachTransport(httpx.AsyncBaseTransport):
    """Refuses what is addressed to anybody else: surely not executed."""

    def __init__(self, inner: httpx.AsyncBaseTransport, party: str, reach: Reach) -> None:
        self._inner, self._party, self._reach = inner, party, reach

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises Refused."""
        if not self._reach.holds(request.url):
            told = f"{request.url.scheme}://{request.url.host}"
            raise Refused(
                "address-not-allowed",
                f"{self._party} may not be reached at {told}: name it in the settings, or in the adapter's hosts "
                "(without TLS only with allow_private)",
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def reach_of(settings: BaseModel, hosts: Iterable[str] = (), *, allow_private: bool = False) -> Reach:
    """Return the reach of a party: every address in its settings, and what its adapter names."""
    origins = frozenset(
        f"{url.scheme}://{(url.host or '').lower()}:{url.port}" for url in _addresses(settings) if url.host
    )
    return Reach(origins, tuple(hosts), allow_private)


def _addresses(value: object) -> Iterator[AnyUrl]:
    if isinstance(value, AnyUrl):
        yield value
    elif isinstance(value, BaseModel):
        yield from _addresses([getattr(value, name) for name in type(value).model_fields])
    elif isinstance(value, Mapping):
        yield from _addresses(list(value.values()))  # pyright: ignore[reportUnknownArgumentType] - any settings
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:  # pyright: ignore[reportUnknownVariableType] - any settings
            yield from _addresses(one)  # pyright: ignore[reportUnknownArgumentType] - any settings


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
