"""Clients: patient for so long and no longer, never redirected, deaf to the proxies of the environment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from adapters.http.breaker import BreakingTransport, Gates
from adapters.http.capped import CappedTransport
from adapters.http.limiter import LimitingTransport
from adapters.http.network import open_network
from adapters.http.reach import Reach, ReachTransport
from adapters.manifest import Limit
from domain.effect import SEND_DEADLINE

MAX_BYTES = 10 * 1024 * 1024
TOTAL_SECONDS = SEND_DEADLINE.total_seconds() - 5
"""An exchange as a whole; below the deadline after which the ledger believes that a send is over."""

_TIMEOUT = httpx.Timeout(connect=5, read=20, write=10, pool=5)


class PatientClient(httpx.AsyncClient):
    """A client that gives up on an exchange as a whole, however slowly its bytes trickle in."""

    async def send(self, request: httpx.Request, **options: object) -> httpx.Response:
        """Send a request and read its answer within `TOTAL_SECONDS`."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await super().send(request, **options)  # pyright: ignore[reportArgumentType] - passed on as they came
        except TimeoutError as error:
            raise httpx.ReadTimeout("the exchange took too long", request=request) from error


@dataclass(frozen=True)
class PartyLine:
    """What is agreed with one party: its name, where its requests may go, and how fast by operation."""

    party: str
    reach: Reach
    limits: Mapping[str, Limit] = field(default_factory=dict[str, Limit])


def make_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return a client without an account; `transport` replaces the network in tests."""
    return _patient(CappedTransport(transport or open_network(allow_private=True), MAX_BYTES))


def make_party_client(
    line: PartyLine, gates: Gates, network: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return the client of one account, which keeps to what is agreed; `network` replaces the network in tests."""
    capped = CappedTransport(network or open_network(allow_private=line.reach.allow_private), MAX_BYTES)
    breaking = BreakingTransport(capped, line.party, gates)
    limiting = LimitingTransport(breaking, line.party, line.limits, gates.record, gates.now)
    return _patient(ReachTransport(limiting, line.party, line.reach))


def _patient(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    return PatientClient(
        transport=transport, timeout=_TIMEOUT, follow_redirects=False, trust_env=False,
        headers={"User-Agent": "crossdock"},
    )  # fmt: skip
