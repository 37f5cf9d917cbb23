"""Decisions that are opened again: found by their order, they share the places and the policy of their time."""

from __future__ import annotations

import re

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.decision import Decision
from domain.fulfillment_plan import NOTHING_PLANNED
from domain.snapshot import DEFAULT_POLICY, Snapshot
from infra.database.record import PostgresRecord
from infra.database.sourcing import opened, packed
from tests.builders import NOW, location
from tests.statements import watch_statements


def test_decisions_of_one_time_share_their_places_so_that_their_ground_is_laid_once() -> None:
    places = {3: (location("BER"), location("MUC"))}
    snapshot = Snapshot(delivery="ship", pickup_location=None, demands=(), locations=places[3], stock={})
    decision = Decision(
        order_id="shop/1", number=1, decided_at=NOW, places_version=3, snapshot=snapshot, plan=NOTHING_PLANNED
    )
    kept, plan = packed(decision)
    row = {
        "order_id": "shop/1", "number": 1, "decided_at": NOW, "places_version": 3, "policy_version": 0,
        "snapshot": kept, "plan": plan,
    }  # fmt: skip
    decisions = [opened(row, places, {0: DEFAULT_POLICY}) for _ in range(2)]
    assert decisions == [decision, decision]
    assert all(each.snapshot.locations is places[3] for each in decisions)
    assert all(each.snapshot.policy is DEFAULT_POLICY for each in decisions)


async def test_the_decisions_of_an_order_are_found_by_its_name(record: PostgresRecord, engine: AsyncEngine) -> None:
    sent = watch_statements(engine)
    async with record.begin() as tx:
        assert await tx.sourcing.decisions("shop/1") == ()
    (asked,) = [each for each in sent if "FROM decisions" in each]
    async with engine.connect() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        statement = re.sub(r"%\(order_id\)s(::\w+)?", "'shop/1'", asked)
        statement = re.sub(r"%\(limit\)s(::\w+)?", "1000", statement)
        plan = "\n".join((await connection.execute(text(f"EXPLAIN {statement}"))).scalars())
    assert "Index Cond: (order_id = 'shop/1'::text)" in plan
