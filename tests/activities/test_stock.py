"""Reservations that nobody owns are found and given back, and those who wait for them hear of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from activities.context import Context
from activities.stock import StockActivities, expire_soft_once, prove_stock
from domain.fulfillment import Stage
from domain.inventory import Claim
from domain.policy import Policy
from domain.ports.stores.reservation import SoftReservation, Suspicion
from tests.builders import ACCOUNT, BERLIN, NOW, TEA, channel_line, channel_order, fulfillment
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, open_causes, quantities_of, receive, record_order, seed_catalog, walk

PARTIES: Any = None


@pytest.fixture
async def record() -> FakeRecord:
    """A record in which two of ten units are held for an order that gave them up."""
    record = FakeRecord()
    await seed_catalog(record)
    await receive(record, 10)
    order_id = await record_order(record, channel_order(channel_line(quantity=2)))
    part = await add_part(record, fulfillment(order_id, quantities={"1": 2}), reserve=True)
    await walk(record, part, Stage.CANCELLED)
    return record


@pytest.fixture
def context(record: FakeRecord) -> Context:
    return Context(record, PARTIES, Policy(), lambda: NOW)


async def test_a_proof_only_shows_what_it_finds(context: Context, record: FakeRecord) -> None:
    proof = await prove_stock(context, release=False)
    assert ([row.suspicion for row in proof.suspects], proof.released) == ([Suspicion.OWNERLESS], 0)
    assert await quantities_of(record) == (10, 2)


async def test_the_nightly_proof_gives_back_what_is_nobodys(context: Context, record: FakeRecord) -> None:
    assert await StockActivities(context).prove() == {"ownerless": 1, "left": 0, "late": 0, "released": 1}
    assert await quantities_of(record) == (10, 0)
    assert await open_causes(record) == {f"stock:{TEA}"}
    assert (await prove_stock(context, release=True)).suspects == ()


async def test_what_has_left_is_never_given_back(context: Context, record: FakeRecord) -> None:
    order_id = await record_order(record, channel_order(channel_order_id="2"))
    part = await add_part(record, fulfillment(order_id), reserve=True)
    await walk(record, part, Stage.DELIVERED)
    found = await StockActivities(context).prove()
    assert (found["left"], found["released"]) == (1, 1)
    assert await quantities_of(record) == (10, 1)


async def test_a_soft_reservation_ends_by_itself_and_wakes_who_waits(context: Context, record: FakeRecord) -> None:
    for owner, minutes in (("soft:over", -1), ("soft:alive", 5)):
        soft = SoftReservation(
            owner=owner, account=ACCOUNT, until=NOW + timedelta(minutes=minutes), actor="till", reason="phone"
        )
        async with record.begin() as tx:
            await tx.reservations.add(soft)
            assert await tx.stock.reserve(owner, (Claim(sku=TEA, location=BERLIN, quantity=3),))
    assert await expire_soft_once(context) == 1
    assert await expire_soft_once(context) == 0
    assert await quantities_of(record) == (10, 5)
    assert await open_causes(record) == {f"stock:{TEA}"}
