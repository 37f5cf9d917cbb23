"""A whole town in one test: the sandbox world as a process, the gateway over HTTP, and a worker on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from google.protobuf.duration_pb2 import Duration
from pydantic import HttpUrl, SecretStr
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.context import Context
from activities.pull import PullActivities
from domain.inventory import MovementKind
from domain.listing import Listing
from domain.messages import PullStart, order_workflow_id
from domain.order import OrderState
from domain.policy import DEMO_POLICY, Policy
from domain.ports.stores.inventory import Movement
from domain.ports.stores.order import KeptOrder
from infra.settings import Settings
from infra.stack.ports import pick_free
from infra.temporal import ensure_namespace_ready
from tests.sandbox_world import SandboxWorld, Visitor
from workers.gateway import Gateway
from workers.sandbox import sandbox_parties
from workers.seeding import seed_from_sandbox
from workers.wiring import House, open_house
from workers.worker import run_worker, sandboxed

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ACCOUNT = "sandbox-eu"
PATIENCE = 60.0
"""How many seconds a test waits for what comes at once on a machine that has nothing else to do."""

UNHURRIED_BUYERS = DEMO_POLICY.model_copy(
    update={"pickup_reminder_after": timedelta(seconds=12), "pickup_expires_after": timedelta(seconds=24)}
)
"""For tests in which a pickup is collected: not expired first, however slowly the buyer's steps come."""

_numbers = itertools.count(1)


@dataclass
class Town:
    """Everything a test of a whole life needs."""

    house: House
    client: Client
    visitor: Visitor
    world: SandboxWorld

    @property
    def context(self) -> Context:
        return self.house.context

    async def pull(self) -> None:
        """Pull the channel once."""
        await PullActivities(self.context).pull(PullStart(account=ACCOUNT))

    async def order(self, channel_order_id: str) -> KeptOrder:
        async with self.context.record.begin() as tx:
            return await tx.orders.load(f"{ACCOUNT}/{channel_order_id}")

    async def receive(self, sku: str, location: str, units: int) -> None:
        """Let goods arrive, as an operator books them."""
        now = self.context.now()
        key = f"receive:{sku}:{now.isoformat()}"
        goods = Movement(key=key, kind=MovementKind.RECEIVE, sku=sku, location=location, delta=units, reason="test")
        async with self.context.record.begin() as tx:
            await tx.waits.clear(f"stock:{sku}", now)
            await tx.stock.move(goods, now)

    async def map_listing(self, listing_id: str, sku: str) -> None:
        """Map a listing, as an operator does."""
        now = self.context.now()
        async with self.context.record.begin() as tx:
            await tx.listings.save(ACCOUNT, [Listing(listing_id=listing_id, sku=sku)], "test", now)

    async def is_waiting(self, channel_order_id: str, cause: str = "") -> bool:
        """Tell whether an order waits for a cause that begins so, or for any."""
        async with self.context.record.begin() as tx:
            waits = await tx.waits.of_order(f"{ACCOUNT}/{channel_order_id}")
        return any(wait.cause.startswith(cause) for wait in waits)

    async def pending(self, channel_order_id: str) -> str:
        """Say what the order's workflow is busy with, for the message of a failure."""
        handle = self.client.get_workflow_handle(order_workflow_id(f"{ACCOUNT}/{channel_order_id}"))
        described = (await handle.describe()).raw_description
        waits = "; ".join(
            f"{activity.activity_type.name} {activity.state} {activity.attempt}: {activity.last_failure.message}"
            for activity in described.pending_activities
        )
        return f"{described.workflow_execution_info.history_length} events; {described.pending_workflow_task}; {waits}"

    async def until_closed(self, channel_order_id: str, within: float = PATIENCE) -> KeptOrder:
        """Wait until an order is at rest."""
        order: KeptOrder | None = None

        async def closed() -> bool:
            nonlocal order
            order = await self.order(channel_order_id)
            return order.state is not OrderState.OPEN

        try:
            await eventually(closed, within)
        except AssertionError:
            raise AssertionError(f"{await self.pending(channel_order_id)}\n{order}") from None
        assert order is not None
        return order


async def _own_namespace(client: Client) -> Client:
    """Return a client of a namespace of its own: every town's order SX-1001 is another one."""
    host, name = client.service_client.config.target_host, f"town-{os.getpid()}-{next(_numbers)}"
    retention = Duration(seconds=30 * 86_400)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=retention)
    )
    own = await Client.connect(host, namespace=name, data_converter=pydantic_data_converter)
    await ensure_namespace_ready(own)
    return own


async def eventually(
    condition: Callable[[], Awaitable[bool]],
    within: float = PATIENCE,
    why: Callable[[], str] = lambda: "never came true",
) -> None:
    """Wait for a condition, bounded."""
    deadline = asyncio.get_running_loop().time() + within
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, why()
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def open_town(
    folder: Path, database_url: str, client: Client, policy: Policy = DEMO_POLICY, *, pace: float = 0.05, **options: Any
) -> AsyncGenerator[Town]:
    """Open a town and close it again."""
    client = await _own_namespace(client)
    (port,) = pick_free(1)
    world = SandboxWorld(folder, "--gateway", f"http://127.0.0.1:{port}", "--pace", str(pace)).start()
    settings = Settings(
        data_dir=folder,
        database_url=database_url,
        vault_key=SecretStr(KEY),
        sandbox_url=HttpUrl(world.url),
        gateway_port=port,
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(world.stop)
        house = await stack.enter_async_context(open_house(settings))
        context = Context(house.context.record, house.context.parties, policy, house.context.now)
        house = House(settings, house.url, house.engine, context)
        await seed_from_sandbox(house)
        server = await _serve(house, port)
        parties = sandbox_parties(settings)
        working = asyncio.create_task(run_worker(client, context, parties, house.url, runner=sandboxed(), **options))
        visitor = Visitor(world.url)
        try:
            yield Town(house, client, visitor, world)
        finally:
            visitor.http.close()
            working.cancel()
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await working
            finally:
                server.should_exit = True
                await server.done


class _Server(uvicorn.Server):
    done: asyncio.Task[None]

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


async def _started(server: _Server) -> bool:
    return server.started


async def _serve(house: House, port: int) -> _Server:
    config = uvicorn.Config(Gateway(house.context).app(), port=port, log_level="warning", ws="none", lifespan="off")
    server = _Server(config)
    server.done = asyncio.create_task(server.serve())
    await eventually(lambda: _started(server))
    return server
