"""A prober that is killed takes nothing along: another worker probes after it, and the orders leave, once each."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.client import Client

from infra.database.invariants import violations
from tests.end_to_end.outpost import WorkerProgram, open_outpost
from tests.end_to_end.test_outage import OUT
from tests.end_to_end.town import Town, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

ORDERS = 3
WITHIN = 90
DEATHS = (
    ("prober", "after the commit"),
    ("probe", "before the call"),
    ("outage", "before its end"),
)
"""Who called another to probe dies, then who was about to ask, then who had the answer and was about to say so."""


@pytest.fixture
async def outpost(
    tmp_path: Path, database_url: str, temporal_client: Client
) -> AsyncGenerator[tuple[Town, WorkerProgram]]:
    async with open_outpost(tmp_path, database_url, temporal_client) as opened:
        yield opened


async def test_an_outage_ends_though_every_prober_is_killed(outpost: tuple[Town, WorkerProgram]) -> None:
    town, program = outpost
    town.visitor.post("/faults", **OUT)
    for _ in range(ORDERS):
        town.visitor.order(lines=[{"listing_id": "LST-KETTLE", "quantity": 1}])
    await town.pull()
    await eventually(lambda: is_out(town), WITHIN)
    for death in DEATHS:
        program.condemn(*death)
        if death == DEATHS[-1]:
            town.visitor.http.delete("/faults")
        program.start()
        await program.until_dead(WITHIN)
    program.start()
    await eventually(lambda: all_left(town), WITHIN)
    taken = [entry["subject"] for entry in town.visitor.journal("work.accepted")]
    assert len(taken) == len(set(taken)) == ORDERS
    assert town.visitor.get("/witness")["duplicate_effects"] == 0
    assert await count(town, "SELECT count(*) FROM outages") == 0
    assert await violations(town.house.engine) == []


async def is_out(town: Town) -> bool:
    sql = "SELECT count(*) FROM waits JOIN outages ON cause = 'outage:' || party WHERE opened_at IS NOT NULL"
    return await count(town, sql) > 0


async def all_left(town: Town) -> bool:
    return len(town.visitor.journal("work.accepted")) >= ORDERS


async def count(town: Town, sql: str) -> int:
    async with town.house.engine.connect() as connection:
        return int(await connection.scalar(text(sql)) or 0)
