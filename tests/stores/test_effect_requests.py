"""What an effect asked for can be read again while it was perhaps done."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.effect import Confirmed, EffectState
from domain.ports.stores import Record
from domain.ports.stores.effect import Effect, EffectIntent, Settlement
from domain.values import Money
from tests.builders import NOW, intent
from tests.stores.scenes import record_order

DONE = Confirmed(remote_id="rem-1", tracking_number="T-1", cost=Money(amount=490, currency="EUR"))


@pytest.fixture(autouse=True)
async def order_id(record: Record) -> str:
    return await record_order(record)


@pytest.mark.parametrize("state", [EffectState.SENDING, EffectState.UNKNOWN, EffectState.CONFIRMED])
async def test_what_was_perhaps_asked_for_can_be_read_again(record: Record, state: EffectState) -> None:
    first = await _claim(record, intent(request=b"first"))
    if state is not EffectState.SENDING:
        await _settle(record, first, state, "", DONE if state is EffectState.CONFIRMED else None)
    await _claim(record, intent(request=b"second"))
    assert await _request(record) == b"first"


@pytest.mark.parametrize("state", [None, EffectState.PLANNED, EffectState.REJECTED])
async def test_what_was_surely_not_done_asks_for_nothing(record: Record, state: EffectState | None) -> None:
    if state is not None:
        await _settle(record, await _claim(record), state, "code")
    assert await _request(record) is None


async def test_an_effect_that_was_undone_asks_for_nothing(record: Record) -> None:
    first = await _claim(record)
    await _settle(record, first, EffectState.CONFIRMED, "", DONE)
    async with record.begin() as tx:
        await tx.effects.supersede_effect(first.key)
    assert await _request(record) is None


async def _request(record: Record) -> bytes | None:
    async with record.begin() as tx:
        return await tx.effects.request(intent().base)


async def _claim(record: Record, wanted: EffectIntent | None = None, now: datetime = NOW) -> Effect:
    async with record.begin() as tx:
        return await tx.effects.claim(wanted or intent(), now)


async def _settle(
    record: Record, effect: Effect, state: EffectState, code: str, confirmed: Confirmed | None = None
) -> bool:
    async with record.begin() as tx:
        return await tx.effects.settle(
            effect.key, effect.token, Settlement(state=state, code=code, confirmed=confirmed), NOW
        )
