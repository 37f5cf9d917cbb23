"""Allowances, on both records: buckets that never give more than the party allows."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.ports.stores import Record
from domain.ports.stores.allowance import Draw, Grant
from tests.builders import NOW

DRAW = Draw(party="shop", operation="list", rate=1, burst=10, cost=1, most=1, patience=2)


async def take(record: Record, draw: Draw = DRAW, seconds: float = 0) -> Grant:
    async with record.begin() as tx:
        return await tx.allowances.take(draw, NOW + timedelta(seconds=seconds))


async def lower(record: Record, seconds: float = 0, **told: float) -> None:
    pause = told.pop("pause", None)
    until = None if pause is None else NOW + timedelta(seconds=pause)
    async with record.begin() as tx:
        await tx.allowances.lower("shop", "list", NOW + timedelta(seconds=seconds), not_before=until, **told)


async def test_a_bucket_gives_what_it_holds_and_then_what_comes(record: Record) -> None:
    assert [(await take(record)).wait for _ in range(10)] == [0] * 10
    assert await take(record) == Grant(granted=1, wait=1)
    assert await take(record) == Grant(granted=1, wait=2)
    assert await take(record) == Grant(granted=0, wait=3), "too long: nothing is kept for it"
    assert await take(record, seconds=3) == Grant(granted=1, wait=0)


async def test_a_bucket_holds_no_more_than_its_burst(record: Record) -> None:
    await take(record)
    grants = [await take(record, seconds=3600) for _ in range(11)]
    assert [grant.wait for grant in grants] == [0] * 10 + [1]


async def test_more_than_one_request_needs_may_be_taken_at_once(record: Record) -> None:
    assert await take(record, DRAW.model_copy(update={"most": 4})) == Grant(granted=4, wait=0)
    assert await take(record, DRAW.model_copy(update={"most": 40})) == Grant(granted=6, wait=0)


async def test_each_operation_of_each_party_has_a_bucket_of_its_own(record: Record) -> None:
    await take(record, DRAW.model_copy(update={"cost": 10}))
    assert (await take(record)).wait == 1
    assert (await take(record, DRAW.model_copy(update={"operation": "other"}))).wait == 0
    assert (await take(record, DRAW.model_copy(update={"party": "other"}))).wait == 0


@pytest.mark.parametrize("workers", [12])
async def test_all_workers_together_get_no_more_than_there_is(record: Record, workers: int) -> None:
    grants = await asyncio.gather(*(take(record) for _ in range(workers)))
    assert sum(grant.wait == 0 for grant in grants) == 10
    assert sorted(grant.wait for grant in grants)[-2:] == [1, 2], "those who wait have a turn of their own each"


async def test_what_the_party_says_is_left_is_believed(record: Record) -> None:
    await take(record)
    await lower(record, left=2)
    assert [(await take(record)).wait for _ in range(3)] == [0, 0, 1]


async def test_what_the_party_says_is_left_never_adds_to_a_bucket(record: Record) -> None:
    await take(record, DRAW.model_copy(update={"cost": 10}))
    await lower(record, left=10)
    assert (await take(record)).wait == 1


async def test_another_rate_of_the_party_holds_for_all(record: Record) -> None:
    await take(record, DRAW.model_copy(update={"cost": 10}))
    await lower(record, rate=0.5)
    assert (await take(record)).wait == 2


async def test_a_pause_of_the_party_holds_for_all_and_ends(record: Record) -> None:
    await take(record)
    await lower(record, pause=30)
    await lower(record, pause=10)
    assert await take(record, seconds=1) == Grant(granted=0, wait=29)
    assert (await take(record, seconds=30)).wait == 0


async def test_a_hint_for_a_bucket_that_nobody_used_is_nothing(record: Record) -> None:
    await lower(record, left=0)
    assert (await take(record)).wait == 0
