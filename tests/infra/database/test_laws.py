"""The laws that the schema itself keeps, whatever a program does."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.fulfillment import NEXT
from infra.database.record import PostgresRecord
from tests.builders import NOW

pytestmark = pytest.mark.stack

_MOVED = "INSERT INTO stock_movements (key, kind, sku, location, delta, held, reason, actor, at) VALUES"
BROKEN = {
    "more reserved than on hand": "UPDATE inventory_levels SET reserved = on_hand + 1",
    "less than nothing reserved": "UPDATE inventory_levels SET reserved = -1",
    "more given back than captured": "UPDATE orders SET refunding = captured + 1",
    "less than nothing given back": "UPDATE orders SET refunding = -1",
    "more cancelled than bought": "UPDATE order_lines SET cancelled = 2, by_hand = 1",
    "more told cancelled than bought": "UPDATE order_lines SET told_cancelled = 3",
    "a negative price": "UPDATE order_lines SET unit_price = -1",
    "a currency that is none": "UPDATE orders SET currency = 'euro'",
    "a stage that is none": "UPDATE fulfillment_orders SET stage = 'GONE'",
    "a closed order that is open": "UPDATE orders SET closed_at = now()",
    "a second parcel that is due": """
        INSERT INTO parcels (parcel_id, shipment_id, fulfillment_id, number, carrier, state, planned_at)
        SELECT 'other', shipment_id, fulfillment_id, 2, carrier, 'PLANNED', now() FROM parcels""",
    "less than nothing kept for an owner": "UPDATE reservations SET quantity = -1",
    "a movement of a kind that is none": f"{_MOVED} ('x', 'gift', 'A', 'B', 1, 0, '', '', now())",
    "a receipt that reserves": f"{_MOVED} ('x', 'receive', 'A', 'B', 1, 1, '', '', now())",
    "a reservation of nothing": f"{_MOVED} ('x', 'reserve', 'A', 'B', 0, 0, '', '', now())",
    "a release that reserves": f"{_MOVED} ('x', 'release', 'A', 'B', 0, 1, '', '', now())",
    "a shipment of what was not reserved": f"{_MOVED} ('x', 'ship', 'A', 'B', -2, -1, '', '', now())",
    "a movement that is changed": "UPDATE stock_movements SET delta = 1",
    "a movement that is deleted": "DELETE FROM stock_movements",
    "money that is changed": "UPDATE money_entries SET amount = 1",
    "money that is deleted": "DELETE FROM money_entries",
    "an effect that is deleted": "DELETE FROM effects",
    "a confirmed effect that is taken back": "UPDATE effects SET state = 'PLANNED'",
    "a confirmed effect that says something else": """UPDATE effects SET confirmed = '{"remote_id": "other"}'""",
    "the audit changed": "UPDATE audit SET actor = 'somebody else'",
    "the audit deleted": "DELETE FROM audit",
}


@pytest.mark.parametrize("law", BROKEN)
async def test_the_database_refuses(law: str, shipped: PostgresRecord, engine: AsyncEngine) -> None:
    async with shipped.begin() as tx:
        await tx.audit.note("shop/1001", "retry", "ops", "because", NOW)
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await connection.execute(text(BROKEN[law]))


async def test_the_edges_are_those_of_the_domain(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        edges = {(row.before, row.after) for row in await connection.execute(text("SELECT * FROM stage_edges"))}
    assert edges == {(before.value, after.value) for before, ways in NEXT.items() for after in ways}


@pytest.mark.parametrize("stage", ["PLANNED", "LABELLED", "HANDED_OVER", "COLLECTED"])
async def test_a_stage_never_goes_back_or_aside(stage: str, shipped: PostgresRecord, engine: AsyncEngine) -> None:
    del shipped
    with pytest.raises(IntegrityError, match="may not go from IN_TRANSIT"):
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE fulfillment_orders SET stage = :stage"), {"stage": stage})
