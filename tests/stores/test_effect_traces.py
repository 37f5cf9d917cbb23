"""What an attempt left with the other side, as the effect ledger keeps it."""

from __future__ import annotations

import pytest

from domain.effect import EffectState
from domain.ports.stores import Record
from domain.ports.stores.effect import Effect, Settlement
from tests.builders import NOW, intent
from tests.stores.scenes import record_order


@pytest.fixture(autouse=True)
async def order_id(record: Record) -> str:
    return await record_order(record)


async def test_the_trace_of_a_send_is_kept_by_the_latest_claim_alone(record: Record) -> None:
    first, latest = await claim(record), await claim(record)
    assert not await keep(record, first, "overtaken")
    assert await keep(record, latest, "draft-1")
    await settle(record, latest, Settlement(state=EffectState.UNKNOWN, code="timed-out"))
    assert not await keep(record, latest, "no longer under way")
    assert (await claim(record)).trace == "draft-1"


async def test_a_trace_that_an_outcome_brings_is_kept(record: Record) -> None:
    first = await claim(record)
    await settle(record, first, Settlement(state=EffectState.UNKNOWN, code="queued", trace="job-7"))
    assert (await claim(record)).trace == "job-7"


async def test_what_is_asked_for_anew_forgets_its_trace_unless_it_is_the_same(record: Record) -> None:
    planned = Settlement(state=EffectState.PLANNED, trace="draft-1")
    await settle(record, await claim(record), planned)
    again = await claim(record)
    assert (again.fresh, again.trace) == (True, "draft-1")
    await settle(record, again, planned)
    assert (await claim(record, b"corrected")).trace == ""


async def claim(record: Record, request: bytes = b"label please") -> Effect:
    async with record.begin() as tx:
        return await tx.effects.claim(intent(request=request), NOW)


async def settle(record: Record, effect: Effect, settlement: Settlement) -> None:
    async with record.begin() as tx:
        assert await tx.effects.settle(effect.key, effect.token, settlement, NOW)


async def keep(record: Record, effect: Effect, trace: str) -> bool:
    async with record.begin() as tx:
        return await tx.effects.keep_trace(effect.key, effect.token, trace)
