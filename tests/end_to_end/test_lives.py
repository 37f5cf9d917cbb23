"""Whole lives of orders, on a real Temporal server, a real PostgreSQL and the sandbox world over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.client import Client

from domain.errors import NotFound
from domain.order import OrderState
from infra.database.invariants import violations
from tests.end_to_end.town import ACCOUNT, UNHURRIED_BUYERS, Town, eventually, open_town

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

ENDS = {
    "ship": OrderState.DELIVERED,
    "ship_two_lines": OrderState.DELIVERED,
    "ship_by_staff": OrderState.DELIVERED,
    "ship_yen": OrderState.DELIVERED,
    "split_three": OrderState.DELIVERED,
    "pickup": OrderState.COLLECTED,
    "pickup_wrong_pin": OrderState.COLLECTED,
    "pickup_never": OrderState.CANCELLED,
    "hold_payment": OrderState.DELIVERED,
    "hold_fraud": OrderState.DELIVERED,
    "cancel_early": OrderState.CANCELLED,
    "staff_rejects": OrderState.DELIVERED,
    "staff_rejects_one_line": OrderState.DELIVERED,
    "lost": OrderState.LOST,
    "refused": OrderState.SENT_BACK,
    "unclaimed": OrderState.SENT_BACK,
    "return_by_label": OrderState.DELIVERED,
    "return_in_store": OrderState.DELIVERED,
    "hand_refund": OrderState.DELIVERED,
    "hand_refund_then_return": OrderState.DELIVERED,
    "hand_cancel": OrderState.CANCELLED,
    "test_order": OrderState.TEST,
    "external": OrderState.EXTERNAL,
}


@pytest.fixture
async def town(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Town]:
    async with open_town(tmp_path, database_url, temporal_client, UNHURRIED_BUYERS, pace=0.15) as opened:
        yield opened


async def test_every_life_that_needs_no_operator_comes_to_its_own_end(town: Town) -> None:
    placed = {script: str(town.visitor.order(script)["id"]) for script in ENDS}
    found: dict[str, OrderState] = {}

    async def all_at_rest() -> bool:
        await town.pull()
        await asyncio.sleep(0.3)
        for script in placed.keys() - found.keys():
            try:
                order = await town.order(placed[script])
            except NotFound:
                continue
            if order.state is not OrderState.OPEN:
                found[script] = order.state
        return len(found) == len(placed)

    await eventually(all_at_rest, 250, lambda: f"still open: {sorted(placed.keys() - found.keys())}")
    assert found == ENDS
    await eventually(lambda: _money_and_returns_are_settled(town))
    assert await violations(town.house.engine) == []
    _expect_a_clean_witness(town.visitor.get("/witness"))
    asked = {entry["subject"] for entry in town.visitor.journal("return.requested")}
    assert {entry["subject"] for entry in town.visitor.journal("return.granted")} == asked


async def test_a_backorder_is_freed_by_goods_and_an_unmapped_listing_by_its_mapping(town: Town) -> None:
    short = str(town.visitor.order("short_stock")["id"])
    unmapped = town.visitor.order("unmapped")
    await town.pull()
    await eventually(lambda: town.is_waiting(short, f"stock:{_sku(short, town)}"))
    listing = unmapped["lines"][0]["listing_id"]
    await eventually(lambda: town.is_waiting(str(unmapped["id"]), f"sku:{ACCOUNT}:{listing}"))
    await town.receive(_sku(short, town), "WH-AUTO", 50)
    await town.map_listing(listing, "MUG-BLUE")
    assert (await town.until_closed(short, 60)).state is OrderState.DELIVERED
    assert (await town.until_closed(str(unmapped["id"]), 60)).state is OrderState.DELIVERED


async def test_malformed_orders_are_set_aside_and_block_nobody(town: Town) -> None:
    for script in ("malformed_total", "malformed_quantity", "malformed_currency", "malformed_address"):
        town.visitor.order(script)
    good = str(town.visitor.order("ship")["id"])
    await town.pull()
    assert (await town.until_closed(good, 60)).state is OrderState.DELIVERED
    assert await _count(town, "SELECT count(*) FROM inbox WHERE state = 'QUARANTINED'") >= 4
    assert await _count(town, "SELECT count(*) FROM orders") == 1


async def test_pulling_the_same_orders_again_changes_nothing(town: Town) -> None:
    for _ in range(3):
        town.visitor.order("test_order")
    await town.pull()
    await eventually(lambda: _quiet(town))
    known = await _count(town, "SELECT count(*) FROM inbox")
    for _ in range(3):
        await town.pull()
    assert await _count(town, "SELECT count(*) FROM orders") == 3
    assert await _count(town, "SELECT count(*) FROM inbox") == known


async def _quiet(town: Town) -> bool:
    hooks = await _count(town, "SELECT count(*) FROM inbox WHERE source = 'hook'")
    return hooks == 3 and await _count(town, "SELECT count(*) FROM inbox WHERE state = 'NEW'") == 0


async def _money_and_returns_are_settled(town: Town) -> bool:
    open_refunds = await _count(town, "SELECT count(*) FROM refunds WHERE state = 'RESERVED'")
    open_returns = await _count(
        town, "SELECT count(*) FROM returns WHERE state NOT IN ('REFUNDED', 'DECLINED', 'EXPIRED')"
    )
    return open_refunds + open_returns == 0


async def _count(town: Town, query: str) -> int:
    async with town.house.engine.connect() as connection:
        return int((await connection.execute(text(query))).scalar_one())


def _sku(channel_order_id: str, town: Town) -> str:
    return str(town.visitor.get(f"/marketplace/{ACCOUNT}/orders/{channel_order_id}")["lines"][0]["sku"])


def _expect_a_clean_witness(witness: dict[str, int]) -> None:
    for wrong in (
        "parcels_with_two_live_labels", "refunds_over_captured", "units_oversold", "silent_cancellations",
        "units_sent_and_cancelled", "duplicate_effects",
    ):  # fmt: skip
        assert witness[wrong] == 0, (wrong, witness)
    assert witness["labels_live"] == witness["parcels_handed_over"] == witness["tracking_pushed"], witness
