"""Whoever waits is woken when its cause is cleared: exactly those who are served, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from temporalio.client import Client

from domain.messages import PLACE_HOLD, RELEASE_HOLD, PlaceHold, ReleaseHold
from domain.order import HoldReason, OrderState
from infra.database.invariants import violations
from tests.end_to_end.outpost import open_outpost
from tests.end_to_end.temporal_hand import ask, until_quiet, workflow_of
from tests.end_to_end.town import Town, eventually, open_town
from tests.stores.scenes import open_causes

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

SKU, LISTING, PLACE = "CLOCK-RARE", "LST-CLOCK-RARE", "WH-AUTO"
WAITING, SERVED, BATCHES = 30, 10, 3
MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
async def town(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Town]:
    async with open_town(tmp_path, database_url, temporal_client) as opened:
        yield opened


async def test_goods_for_ten_wake_the_ten_most_urgent_and_nobody_else(town: Town) -> None:
    urgent_first = await place_backorders(town)
    await until_all_wait(town, urgent_first)
    lengths = {placed: await length_of(town, placed) for placed in urgent_first}
    await deliver(town, SERVED)
    for placed in urgent_first[:SERVED]:
        assert (await town.until_closed(placed, 60)).state is OrderState.DELIVERED
    assert await open_causes(town.context.record) == set(), "events are left over"
    for placed in urgent_first[SERVED:]:
        assert await length_of(town, placed) == lengths[placed], f"{placed} was woken in vain"
        assert (await town.order(placed)).fulfillments == ()
    assert await violations(town.house.engine) == []


async def test_a_mapped_listing_frees_exactly_those_who_waited_for_it(town: Town) -> None:
    (known,) = town.visitor.order(lines=[{"listing_id": "LST-TEAPOT", "quantity": 1}])["lines"]
    waiting: list[str] = []
    for listing in ("LST-NEW-A", "LST-NEW-A", "LST-NEW-B"):
        told = {"lines": [known | {"listing_id": listing, "sku": "", "gtin": ""}]}
        lines = [{"listing_id": "LST-TEAPOT", "quantity": 1}]
        waiting.append(town.visitor.order(lines=lines, overrides=told)["id"])
    await town.pull()
    await until_all_wait(town, waiting, "sku:")
    untouched = await length_of(town, waiting[2])
    await town.map_listing("LST-NEW-A", "TEAPOT")
    for placed in waiting[:2]:
        assert (await town.until_closed(placed, 60)).state is OrderState.DELIVERED
    assert await length_of(town, waiting[2]) == untouched


async def test_a_released_hold_frees_its_order_at_once_and_no_other(town: Town) -> None:
    town.visitor.put("/pace", paused=True)
    held = [str(town.visitor.order("ship_by_staff")["id"]) for _ in range(2)]
    await town.pull()
    await until_all_wait(town, held, "staff:")
    for placed in held:
        assert (await ask(town, placed, PLACE_HOLD, PlaceHold(actor="boss", reason="a question"))).done
    for work in town.visitor.journal("work.accepted"):
        town.visitor.post("/deeds", deed="staff.pick", args={"work": work["subject"]})
    await until_all_wait(town, held, "hold:")
    untouched = await length_of(town, held[1])
    town.visitor.put("/pace", paused=False)
    verb = ReleaseHold(actor="boss", reason="answered", hold=HoldReason.OPERATOR)
    assert (await ask(town, held[0], RELEASE_HOLD, verb)).done
    assert (await town.until_closed(held[0], 60)).state is OrderState.DELIVERED
    assert await length_of(town, held[1]) == untouched


async def test_nobody_sleeps_on_though_the_worker_is_killed_again_and_again(
    tmp_path: Path, database_url: str, temporal_client: Client
) -> None:
    chance = Random(11)  # noqa: S311 - reproducible, not secret
    async with open_outpost(tmp_path, database_url, temporal_client) as (town, program):
        waiting = await place_backorders(town)
        await until_all_wait(town, waiting)
        for batch in range(BATCHES):
            await deliver(town, WAITING // BATCHES)
            planned = batch * WAITING // BATCHES + chance.randint(1, WAITING // BATCHES - 1)
            await eventually(lambda wanted=planned: are_planned(town, wanted), 60)
            program.kill()
            program.start()
        for placed in waiting:
            assert (await town.until_closed(placed, 90)).state is OrderState.DELIVERED
        assert town.visitor.get("/witness")["duplicate_effects"] == 0
        assert await violations(town.house.engine) == []


async def are_planned(town: Town, wanted: int) -> bool:
    """Tell whether goods were granted to so many orders; asked in one go, so that the kill comes in the middle."""
    async with town.house.engine.connect() as connection:
        planned = await connection.scalar(text("SELECT count(*) FROM fulfillment_orders"))
    return int(planned or 0) >= wanted


async def place_backorders(town: Town) -> list[str]:
    """Sell one unit each of what nobody has; return the orders, those to be shipped first at the front."""
    urgency = Random(5).sample(range(WAITING), WAITING)  # noqa: S311 - reproducible, not secret
    placed: dict[int, str] = {}
    for hours in urgency:
        lines = [{"listing_id": LISTING, "quantity": 1}]
        ship_by = (MORNING + timedelta(hours=hours)).isoformat()
        placed[hours] = town.visitor.order(lines=lines, overrides={"ship_by": ship_by})["id"]
    await town.pull()
    return [placed[hours] for hours in sorted(placed)]


async def deliver(town: Town, units: int) -> None:
    """Let goods arrive, in the world and in the record."""
    town.visitor.post(f"/locations/{PLACE}/deliveries", sku=SKU, quantity=units)
    await town.receive(SKU, PLACE, units)


async def until_all_wait(town: Town, placed: Iterable[str], cause: str = "stock:") -> None:
    for one in placed:
        await eventually(lambda order=one: town.is_waiting(order, cause))
    for one in placed:
        await until_quiet(workflow_of(town, one))


async def length_of(town: Town, placed: str) -> int:
    return (await workflow_of(town, placed).describe()).history_length
