"""The bench's town: a real Temporal server and PostgreSQL, one worker, and parties that answer at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.context import Context
from activities.intake import receive_orders
from domain.inventory import MovementKind
from domain.listing import Listing
from domain.location import Location
from domain.policy import Policy
from domain.ports.marketplace import RawOrder
from domain.ports.stores.catalog import Channel
from domain.ports.stores.inbox import Received
from domain.ports.stores.inventory import Movement
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.bench.instant import Instant
from tests.builders import channel_line, channel_order
from tests.statements import watch_statements
from workers.parties import PartiesFile
from workers.wiring import utc_now
from workers.worker import run_worker

ACCOUNT = "bench"


@dataclass
class BenchTown:
    """What a measurement needs."""

    client: Client
    context: Context
    instant: Instant
    statements: list[str]
    engine: AsyncEngine

    async def place(self, number: int) -> str:
        """Let one order arrive from the channel, as a pull would bring it; return its id."""
        name = f"B{number}"
        order = channel_order(channel_line(listing_id="L1", sku="MUG"), channel_order_id=name)
        body = order.model_dump_json().encode()
        self.instant.orders[name] = self.instant.orders.get(name) or raw_order(name, body)
        await receive_orders(self.context, ACCOUNT, (Received(party=ACCOUNT, source="pull", subject=name, body=body),))
        return f"{ACCOUNT}/{name}"


def raw_order(name: str, body: bytes) -> RawOrder:
    """Return an order as its channel has it."""
    return RawOrder(channel_order_id=name, body=body)


@contextlib.asynccontextmanager
async def open_bench(
    client: Client, url: str, *, needs_hand: bool = True, pause: float = 0.0
) -> AsyncGenerator[BenchTown]:
    """Open a town with one location and plenty of stock."""
    engine = create_engine(url)
    instant = Instant(pause=pause, by_hand=needs_hand)
    record = PostgresRecord(engine, Cipher(bytes(32)))
    context = Context(record, instant, Policy(probe_after=timedelta(seconds=5)), utc_now)
    instant.report_to(context)
    async with record.begin() as tx:
        await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="sandbox", settings="{}"))
        rank = 1 if needs_hand else 0
        code = "S1" if needs_hand else "S0"
        place = Location(code=code, name=code, system="place", needs_hand=needs_hand, carrier="swift", rank=rank,
                         time_zone="Europe/Berlin", country="DE")  # fmt: skip
        await tx.catalog.save_location(place)
        await tx.catalog.save_sku("MUG", "Mug", 400)
        await tx.listings.save(ACCOUNT, [Listing(listing_id="L1", sku="MUG")], "bench", utc_now())
        goods = Movement(key=code, kind=MovementKind.COUNT, sku="MUG", location=code, delta=1_000_000, reason="bench")
        await tx.stock.move(goods, utc_now())
    statements = watch_statements(engine)
    file = PartiesFile.model_validate(
        {"carriers": {"swift": {"adapter": "sandbox"}}, "locations": {"place": {"adapter": "sandbox"}}}
    )
    working = asyncio.create_task(run_worker(client, context, file, url))
    await asyncio.sleep(1.5)
    try:
        yield BenchTown(client, context, instant, statements, engine)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        await engine.dispose()
