"""A location system is out: its orders wait where everybody sees it, then all leave, once each."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.client import Client

from domain.order import OrderState
from infra.database.invariants import violations
from infra.temporal import OMS_WAITS_FOR
from tests.end_to_end.temporal_hand import workflow_of
from tests.end_to_end.town import ACCOUNT, Town, eventually, open_town

pytestmark = [pytest.mark.stack, pytest.mark.timeout(200)]

ORDERS = 6
MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)
OUT = {"operation": "location.work.*", "kind": "error_500", "status": 503, "before": True, "times": None, "seconds": 1}


@pytest.fixture
async def town(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Town]:
    async with open_town(tmp_path, database_url, temporal_client) as opened:
        yield opened


async def test_an_outage_delays_orders_and_does_nothing_else(town: Town) -> None:
    town.visitor.post("/faults", **OUT)
    placed = [order(town, hours) for hours in (5, 2, 4, 1, 3, 6)]
    await town.pull()
    await eventually(lambda: all_wait(town), 60)
    await eventually(lambda: says_why(town, placed[0]))
    refused = len(town.visitor.journal("fault.played"))
    assert refused < 5 * ORDERS, "not every order tried five times"
    town.visitor.http.delete("/faults")
    for one in placed:
        assert (await town.until_closed(one, 60)).state is OrderState.DELIVERED
    taken = [entry["subject"] for entry in town.visitor.journal("work.accepted")]
    assert len(taken) == len(set(taken)) == ORDERS
    assert town.visitor.get("/witness")["duplicate_effects"] == 0
    assert await count(town, "SELECT count(*) FROM outages") == 0
    assert await count(town, "SELECT count(*) FROM cause_events") == 0
    assert await violations(town.house.engine) == []


def order(town: Town, hours: int) -> str:
    ship_by = (MORNING + timedelta(hours=hours)).isoformat()
    lines = [{"listing_id": "LST-KETTLE", "quantity": 1}]
    return str(town.visitor.order(lines=lines, overrides={"ship_by": ship_by})["id"])


async def all_wait(town: Town) -> bool:
    sql = f"SELECT count(DISTINCT order_id) FROM waits WHERE cause = 'outage:sandbox' AND order_id LIKE '{ACCOUNT}/%'"  # noqa: S608 - a constant
    return await count(town, sql) == ORDERS


async def says_why(town: Town, placed: str) -> bool:
    """Tell whether the Temporal UI shows what the order waits for."""
    found = (await workflow_of(town, placed).describe()).typed_search_attributes.get(OMS_WAITS_FOR)
    return found == "outage:sandbox"


async def count(town: Town, sql: str) -> int:
    async with town.house.engine.connect() as connection:
        return int(await connection.scalar(text(sql)) or 0)
