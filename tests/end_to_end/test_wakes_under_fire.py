"""Whatever the cause was, whoever waited for it moves when it is cleared, though the worker is killed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.client import Client

from domain.messages import PLACE_HOLD, RELEASE_HOLD, PlaceHold, ReleaseHold
from domain.order import HoldReason, OrderState
from domain.sourcing import SourcingPolicy, SourcingRule
from domain.waits import SOURCING_POLICY
from infra.database.invariants import violations
from tests.end_to_end.outpost import WorkerProgram, open_outpost
from tests.end_to_end.temporal_hand import ask
from tests.end_to_end.test_wakes import LISTING, PLACE, SKU, are_planned, deliver, until_all_wait
from tests.end_to_end.town import Town, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

WAITING, PLANNED_AT_THE_KILL = 10, 3
NEVER_THERE = SourcingPolicy(rules=(SourcingRule(name="closed for us", never=(PLACE,)),))


@dataclass(frozen=True)
class Kind:
    """One kind of cause: how it comes to be, what the orders look like that wait for it, and how it is cleared."""

    cause: str
    block: Callable[[Town], Awaitable[None]]
    clear: Callable[[Town], Awaitable[None]]
    listing: str = LISTING


async def _bring_goods(town: Town) -> None:
    """Let enough arrive for everybody, and for the order whose line the others are made after."""
    await deliver(town, WAITING + 1)


async def _map(town: Town) -> None:
    await town.map_listing("LST-NEW", SKU)


async def _close(town: Town) -> None:
    await _bring_goods(town)
    await _open(town, is_open=False)


async def _reopen(town: Town) -> None:
    await _open(town, is_open=True)


async def _open(town: Town, *, is_open: bool) -> None:
    async with town.context.record.begin() as tx:
        await tx.catalog.change_locations(
            lambda known: [known[PLACE].model_copy(update={"open": is_open})], town.context.now()
        )


async def _forbid(town: Town) -> None:
    await _bring_goods(town)
    await _load(town, NEVER_THERE)


async def _allow(town: Town) -> None:
    await _load(town, SourcingPolicy())


async def _load(town: Town, policy: SourcingPolicy) -> None:
    async with town.context.record.begin() as tx:
        await tx.waits.clear(SOURCING_POLICY, town.context.now())
        await tx.sourcing.add_policy(policy, "test", "", town.context.now())


async def _nothing(_town: Town) -> None:
    """Nobody has the goods yet."""


KINDS = (
    Kind("sku:", _bring_goods, _map, "LST-NEW"),
    Kind("stock:", _nothing, _bring_goods),
    Kind("location:", _close, _reopen),
    Kind("policy:", _forbid, _allow),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.cause.strip(":"))
async def test_a_cleared_cause_moves_all_its_orders_though_the_worker_is_killed(
    tmp_path: Path, database_url: str, temporal_client: Client, kind: Kind
) -> None:
    async with open_outpost(tmp_path, database_url, temporal_client) as (town, program):
        await kind.block(town)
        placed = await _place(town, kind.listing)
        await until_all_wait(town, placed, kind.cause)
        await kind.clear(town)
        await _kill_when(program, lambda: are_planned(town, PLANNED_AT_THE_KILL))
        await _until_all_are_delivered(town, placed)


async def test_a_released_hold_moves_its_order_though_the_worker_is_killed_over_it(
    tmp_path: Path, database_url: str, temporal_client: Client
) -> None:
    async with open_outpost(tmp_path, database_url, temporal_client) as (town, program):
        placed = await _place(town, LISTING)
        await until_all_wait(town, placed)
        for one in placed:
            verb = PlaceHold(actor="boss", reason="a question", hold=HoldReason.OPERATOR)
            assert (await ask(town, one, PLACE_HOLD, verb)).done
        await _bring_goods(town)
        await until_all_wait(town, placed, "hold:")
        release = ReleaseHold(actor="boss", reason="answered", hold=HoldReason.OPERATOR)
        asked = [asyncio.create_task(ask(town, one, RELEASE_HOLD, release)) for one in placed]
        await _kill_when(program, lambda: _are_released(town, PLANNED_AT_THE_KILL))
        await asyncio.gather(*asked)
        await _until_all_are_delivered(town, placed)


async def _place(town: Town, listing: str) -> list[str]:
    (known,) = town.visitor.order(lines=[{"listing_id": LISTING, "quantity": 1}])["lines"]
    lines: list[dict[str, Any]] = [known | {"listing_id": listing, "sku": "", "gtin": ""}]
    told = {} if listing == LISTING else {"lines": lines}
    wanted = [{"listing_id": LISTING, "quantity": 1}]
    placed = [str(town.visitor.order(lines=wanted, overrides=told)["id"]) for _ in range(WAITING)]
    await town.pull()
    return placed


async def _kill_when(program: WorkerProgram, moment: Callable[[], Awaitable[bool]]) -> None:
    await eventually(moment, 60)
    program.kill()
    program.start()


async def _are_released(town: Town, wanted: int) -> bool:
    async with town.house.engine.connect() as connection:
        released = await connection.scalar(text("SELECT count(*) FROM holds WHERE released_at IS NOT NULL"))
    return int(released or 0) >= wanted


async def _until_all_are_delivered(town: Town, placed: list[str]) -> None:
    for one in placed:
        assert (await town.until_closed(one, 150)).state is OrderState.DELIVERED
    assert town.visitor.get("/witness")["duplicate_effects"] == 0
    assert await violations(town.house.engine) == []
