"""A client is closed when nobody uses it any more: not before, and not only when the process ends."""

from __future__ import annotations

import asyncio
import gc
import json
from datetime import datetime

import httpx
import pytest

from domain.ports.stores.catalog import Channel
from tests.builders import ACCOUNT, NOW
from tests.fakes.record import FakeRecord
from workers.lines import Lines
from workers.parties import FRESH, ConfiguredParties, PartiesFile


class Network(httpx.AsyncBaseTransport):
    """A network whose requests end when they are let go, and that knows who hung up."""

    def __init__(self) -> None:
        self.is_open = True
        self.under_way, self.let_go = asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.under_way.set()
        await self.let_go.wait()
        assert self.is_open, "hung up under a request"
        return httpx.Response(200, request=request)

    async def aclose(self) -> None:
        self.is_open = False


async def settle() -> None:
    """Let what is scheduled happen."""
    gc.collect()
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_client_that_nobody_holds_is_closed() -> None:
    lines, network = Lines(), Network()
    client = httpx.AsyncClient(transport=network)
    lines.keep(client)
    await settle()
    assert network.is_open
    del client
    await settle()
    assert not network.is_open


async def test_a_request_under_way_is_not_cut_off() -> None:
    lines, network = Lines(), Network()
    client = httpx.AsyncClient(transport=network)
    lines.keep(client)
    asking = asyncio.create_task(client.get("https://there.example/"))
    await network.under_way.wait()
    del client
    await settle()
    assert network.is_open
    network.let_go.set()
    assert (await asking).status_code == 200
    del asking
    await settle()
    assert not network.is_open


async def test_all_that_are_left_are_closed_with_the_process() -> None:
    lines, network = Lines(), Network()
    client = httpx.AsyncClient(transport=network)
    lines.keep(client)
    await lines.aclose()
    assert client.is_closed
    assert not network.is_open


async def test_rotated_credentials_let_the_line_of_the_old_ones_go(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = NOW
    networks: list[Network] = []

    def open_network(*, allow_private: bool) -> Network:
        del allow_private
        networks.append(Network())
        return networks[-1]

    def now() -> datetime:
        return moment

    monkeypatch.setattr("adapters.http.client.open_network", open_network)
    parties = ConfiguredParties(FakeRecord(), PartiesFile(), now)
    for token in ("first", "second"):
        async with parties.record.begin() as tx:
            settings = json.dumps({"base_url": "https://there.example", "account": ACCOUNT, "token": token})
            await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="sandbox", settings=settings))
        moment += FRESH
        in_use = await parties.marketplace(ACCOUNT)
        await settle()
    assert [network.is_open for network in networks] == [False, True]
    assert in_use is await parties.marketplace(ACCOUNT)
    await parties.aclose()
    assert [network.is_open for network in networks] == [False, False]
