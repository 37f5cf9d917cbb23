"""A scan that comes at the very moment at which its label is kept is never lost."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.context import Context
from activities.fact import apply_message
from activities.shipment import ShipmentActivities
from activities.steps import PartOf
from domain.facts import ParcelScanned
from domain.fulfillment import Stage
from domain.policy import Policy
from domain.ports.stores import Record, Transaction
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.shipment import TrackingEvent, TrackingStatus
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.stage_parties import StageParties, Truth
from tests.activities.turnstile import Turnstile
from tests.builders import NOW, channel_order, fulfillment, received
from tests.stores.scenes import add_part, receive, record_order, seed_catalog, walk

pytestmark = pytest.mark.stack

SOLD = channel_order()
KEEPS_THE_LABEL, CATCHES_UP = 2, 3


class InterruptedRecord:
    """A record in which something happens just before the n-th transaction commits."""

    def __init__(self, inner: Record, number: int, interrupt: Callable[[], Awaitable[None]]) -> None:
        self._inner, self._left, self._interrupt = inner, number, interrupt

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction."""
        self._left -= 1
        is_it = self._left == 0
        async with self._inner.begin() as tx:
            yield tx
            if is_it:
                await self._interrupt()


@pytest.fixture
async def engine(database_url: str) -> AsyncGenerator[AsyncEngine]:
    made = create_engine(database_url)
    yield made
    await made.dispose()


@pytest.mark.parametrize("number", [KEEPS_THE_LABEL, CATCHES_UP])
async def test_a_scan_beside_the_keeping_of_its_label_is_followed(number: int, engine: AsyncEngine) -> None:
    record, truth = PostgresRecord(engine, Cipher(bytes(32))), Truth()
    parties = StageParties(truth, Turnstile(), SOLD)
    context = Context(record, parties, Policy(), lambda: NOW)
    part = await prepare(record)

    async def scan() -> None:
        (tracking_number,) = truth.labels
        moment = NOW - timedelta(minutes=1)
        event = TrackingEvent(tracking_number=tracking_number, status=TrackingStatus.DELIVERED, occurred_at=moment)
        parties.facts[b"scan"] = ParcelScanned(scan=event)
        message = received(b"scan", source="hook")
        async with record.begin() as tx:
            (inbox_id,) = await tx.inbox.store((message,), NOW)
        assert inbox_id
        await apply_message(context, InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW))

    interrupted = Context(InterruptedRecord(record, number, scan), parties, Policy(), lambda: NOW)
    await ShipmentActivities(interrupted).buy_label(part)
    async with record.begin() as tx:
        assert (await tx.fulfillments.load(part.fulfillment_id)).stage is Stage.DELIVERED


async def prepare(record: Record) -> PartOf:
    """Bring an order to where its label is the next step."""
    await seed_catalog(record)
    await receive(record, 1)
    order_id = await record_order(record, SOLD)
    part_id = await add_part(record, fulfillment(order_id), reserve=True)
    await walk(record, part_id, Stage.PICKED)
    return PartOf(order_id=order_id, fulfillment_id=part_id)
