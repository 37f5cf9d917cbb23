"""Reviews and declarations at the same moment: no line is left waiting for what was declared meanwhile."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.review import review_in
from activities.steps import ReviewRequest
from domain.listing import Alias
from domain.policy import Policy
from infra.database.invariants import violations
from infra.database.record import PostgresRecord
from tests.builders import ACCOUNT, NOW, TEA, channel_line, channel_order
from tests.stores.scenes import load, open_causes, receive, record_order

pytestmark = pytest.mark.stack

ORDERS = 12


@pytest.mark.parametrize("declared_after", [0.0, 0.01, 0.03, 0.08])
async def test_an_alias_that_is_declared_while_its_orders_are_reviewed_reaches_all_of_them(
    record: PostgresRecord, engine: AsyncEngine, declared_after: float
) -> None:
    await receive(record, ORDERS)
    orders = [
        await record_order(
            record,
            channel_order(channel_line(sku="OLD", listing_id=f"L-{number}"), channel_order_id=str(number)),
            match=False,
        )
        for number in range(ORDERS)
    ]

    async def review(order_id: str) -> None:
        async with record.begin() as tx:
            await review_in(tx, ReviewRequest(order_id=order_id), Policy(), NOW)

    async def declare() -> None:
        await asyncio.sleep(declared_after)
        async with record.begin() as tx:
            await tx.listings.save_alias(Alias(code="OLD", sku=TEA), "kim", NOW)
            await tx.listings.wake(NOW)

    await asyncio.gather(declare(), *(review(order_id) for order_id in orders))
    cleared = await open_causes(record)
    for number, order_id in enumerate(orders):
        kept = await load(record, order_id)
        assert kept.lines[0].planned == 1 or f"sku:{ACCOUNT}:L-{number}" in cleared
    await asyncio.gather(*(review(order_id) for order_id in orders))
    assert [(await load(record, order_id)).lines[0].planned for order_id in orders] == [1] * ORDERS
    assert await violations(engine) == []
