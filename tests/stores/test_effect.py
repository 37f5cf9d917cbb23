"""The effect ledger, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from domain.effect import Confirmed, EffectKind, EffectState
from domain.errors import NotFound
from domain.ports.stores import Record
from domain.ports.stores.effect import Effect, EffectIntent, Settlement
from domain.values import Document, Money
from tests.builders import NOW, channel_order, intent
from tests.stores.scenes import record_order

DONE = Confirmed(remote_id="rem-1", tracking_number="T-1", cost=Money(amount=490, currency="EUR"))
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
async def order_id(record: Record) -> str:
    return await record_order(record)


async def test_the_first_claim_makes_the_row_before_anything_is_sent(record: Record) -> None:
    effect = await _claim(record)
    assert (effect.state, effect.fresh, effect.same_request) == (EffectState.SENDING, True, True)
    assert (effect.base, effect.kind) == ("label:shop/1001/F1/P1", EffectKind.LABEL)
    assert (effect.order_id, effect.adapter, effect.sent_at) == ("shop/1001", "swift", NOW)
    assert (effect.code, effect.confirmed) == ("", None)
    assert effect.key.startswith(effect.base)
    stored = await _load(record, effect)
    assert (stored.key, stored.token, stored.state) == (effect.key, effect.token, EffectState.SENDING)


@pytest.mark.parametrize("state", [EffectState.SENDING, EffectState.UNKNOWN])
async def test_an_effect_in_doubt_keeps_its_key_and_must_be_looked_up(record: Record, state: EffectState) -> None:
    first = await _claim(record)
    if state is EffectState.UNKNOWN:
        assert await _settle(record, first, state, "timed-out")
    again = await _claim(record, now=LATER)
    assert (again.key, again.state, again.fresh) == (first.key, state, False)
    assert again.token > first.token
    assert again.sent_at == NOW


async def test_an_effect_that_surely_did_not_happen_is_sent_again_under_its_key(record: Record) -> None:
    first = await _claim(record)
    assert await _settle(record, first, EffectState.PLANNED, "http-503")
    again = await _claim(record, now=LATER)
    assert (again.key, again.state, again.fresh) == (first.key, EffectState.SENDING, True)
    assert again.token > first.token


async def test_what_surely_was_not_sent_counts_from_its_new_send_and_may_ask_anew(record: Record) -> None:
    await _settle(record, await _claim(record), EffectState.PLANNED, "http-503")
    again = await _claim(record, intent(request=b"corrected"), LATER)
    assert (again.same_request, again.sent_at) == (True, LATER)
    assert (await _claim(record, intent(request=b"corrected"))).same_request
    assert not (await _claim(record)).same_request


@pytest.mark.parametrize("state", [EffectState.CONFIRMED, EffectState.REJECTED])
async def test_a_decided_effect_is_returned_as_it_is(record: Record, state: EffectState) -> None:
    first = await _claim(record)
    confirmed = DONE if state is EffectState.CONFIRMED else None
    assert await _settle(record, first, state, "code", confirmed)
    again = await _claim(record, now=LATER)
    assert (again.key, again.state, again.fresh, again.code) == (first.key, state, False, "code")
    assert (again.token, again.confirmed) == (first.token, confirmed)


async def test_another_request_under_the_same_business_name_is_noticed(record: Record) -> None:
    assert (await _claim(record)).same_request
    assert not (await _claim(record, intent(request=b'{"other": 1}'))).same_request
    assert (await _claim(record)).same_request


async def test_different_business_names_are_different_effects(record: Record) -> None:
    first = await _claim(record)
    second = await _claim(record, intent("shop/1001/F1/P2"))
    assert (second.fresh, second.key == first.key) == (True, False)


async def test_of_many_claims_at_once_exactly_one_is_fresh(record: Record) -> None:
    claims = await asyncio.gather(*(_claim(record) for _ in range(12)))
    assert sum(claim.fresh for claim in claims) == 1
    assert len({claim.key for claim in claims}) == 1
    assert len({claim.token for claim in claims}) == 12


async def test_an_outcome_is_kept_without_its_document(record: Record) -> None:
    effect = await _claim(record)
    label = DONE.model_copy(update={"document": Document(content=b"%PDF")})
    assert await _settle(record, effect, EffectState.CONFIRMED, "", label)
    stored = await _load(record, effect)
    assert (stored.state, stored.confirmed) == (EffectState.CONFIRMED, DONE)


async def test_a_settle_with_an_older_token_changes_nothing(record: Record) -> None:
    old = await _claim(record)
    new = await _claim(record)
    assert not await _settle(record, old, EffectState.REJECTED, "no")
    assert (await _load(record, new)).state is EffectState.SENDING
    assert await _settle(record, new, EffectState.CONFIRMED, "", DONE)


@pytest.mark.parametrize("late", [EffectState.REJECTED, EffectState.UNKNOWN, EffectState.PLANNED])
async def test_a_confirmation_stands(record: Record, late: EffectState) -> None:
    effect = await _claim(record)
    assert await _settle(record, effect, EffectState.CONFIRMED, "", DONE)
    assert not await _settle(record, effect, late, "late")
    stored = await _load(record, effect)
    assert (stored.state, stored.confirmed) == (EffectState.CONFIRMED, DONE)


async def test_an_unknown_outcome_can_become_certain(record: Record) -> None:
    effect = await _claim(record)
    assert await _settle(record, effect, EffectState.UNKNOWN, "timed-out")
    assert (await _load(record, effect)).code == "timed-out"
    again = await _claim(record)
    assert await _settle(record, again, EffectState.CONFIRMED, "", DONE)
    assert (await _load(record, effect)).state is EffectState.CONFIRMED


async def test_an_unknown_effect_is_not_found(record: Record) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.effects.load("label:nothing#1")


async def test_a_superseded_rejection_is_tried_under_a_new_generation(record: Record) -> None:
    first = await _claim(record)
    await _settle(record, first, EffectState.REJECTED, "bad-address")
    assert await _supersede(record) == 1
    second = await _claim(record, intent(request=b"corrected"), now=LATER)
    assert (second.fresh, second.same_request, second.state) == (True, True, EffectState.SENDING)
    assert (second.base, second.sent_at) == (first.base, LATER)
    assert second.key != first.key
    assert (await _load(record, first)).state is EffectState.REJECTED
    assert await _supersede(record) == 0


async def test_only_rejected_effects_of_the_order_are_superseded(record: Record) -> None:
    await record_order(record, channel_order(channel_order_id="1002"))
    rejected = intent("a"), intent("b"), intent("c", order_id="shop/1002")
    for each in rejected:
        await _settle(record, await _claim(record, each), EffectState.REJECTED, "no")
    await _settle(record, await _claim(record, intent("d")), EffectState.CONFIRMED, "", DONE)
    await _settle(record, await _claim(record, intent("e")), EffectState.UNKNOWN, "timed-out")
    await _claim(record, intent("f"))
    assert await _supersede(record) == 2
    again = {each: (await _claim(record, intent(each, order_id="shop/1001"))).fresh for each in "abdef"}
    assert again == {"a": True, "b": True, "d": False, "e": False, "f": False}
    assert not (await _claim(record, rejected[2])).fresh


async def test_a_new_generation_is_claimed_like_the_first(record: Record) -> None:
    await _settle(record, await _claim(record), EffectState.REJECTED, "no")
    await _supersede(record)
    fresh = [claim.fresh for claim in await asyncio.gather(*(_claim(record) for _ in range(6)))]
    assert sum(fresh) == 1


async def test_an_undone_effect_can_be_done_again_under_a_new_generation(record: Record) -> None:
    first = await _claim(record)
    await _settle(record, first, EffectState.CONFIRMED, "", DONE)
    await _supersede_effect(record, first)
    second = await _claim(record)
    assert second.fresh
    assert second.key != first.key
    assert (await _load(record, first)).confirmed == DONE


async def test_an_effect_in_doubt_is_not_superseded(record: Record) -> None:
    first = await _claim(record)
    await _supersede_effect(record, first)
    again = await _claim(record)
    assert (again.key, again.fresh) == (first.key, False)


@pytest.mark.parametrize("doubt", [EffectState.SENDING, EffectState.UNKNOWN])
async def test_a_person_may_say_that_it_happened(record: Record, doubt: EffectState) -> None:
    effect = await _doubtful(record, doubt)
    assert await _decide(record, effect, EffectState.CONFIRMED, DONE)
    stored = await _load(record, effect)
    assert (stored.state, stored.confirmed) == (EffectState.CONFIRMED, DONE)
    assert not (await _claim(record)).fresh


@pytest.mark.parametrize("doubt", [EffectState.SENDING, EffectState.UNKNOWN])
async def test_a_person_may_say_that_it_did_not_happen(record: Record, doubt: EffectState) -> None:
    effect = await _doubtful(record, doubt)
    assert await _decide(record, effect, EffectState.PLANNED)
    again = await _claim(record)
    assert (again.key, again.fresh) == (effect.key, True)


async def test_a_send_still_under_way_when_a_person_decides_loses_its_claim(record: Record) -> None:
    effect = await _claim(record)
    assert await _decide(record, effect, EffectState.PLANNED)
    assert not await _settle(record, effect, EffectState.UNKNOWN, "timed-out")
    assert (await _load(record, effect)).state is EffectState.PLANNED


async def test_the_latest_generation_is_seen_without_claiming_it(record: Record) -> None:
    assert await _latest(record) is None
    first = await _claim(record)
    for _ in range(2):
        seen = await _latest(record)
        assert seen is not None
        assert (seen.key, seen.token, seen.state) == (first.key, first.token, EffectState.SENDING)
    await _settle(record, first, EffectState.REJECTED, "no")
    await _supersede(record)
    second = await _claim(record)
    seen = await _latest(record)
    assert seen is not None
    assert seen.key == second.key


@pytest.mark.parametrize("act", ["settle", "decide", "supersede"])
async def test_nothing_can_be_done_about_an_effect_that_was_never_begun(record: Record, act: str) -> None:
    unknown = (await _claim(record)).model_copy(update={"key": "label:nothing#1"})
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "settle": lambda: _settle(record, unknown, EffectState.REJECTED, "no"),
        "decide": lambda: _decide(record, unknown, EffectState.CONFIRMED, DONE),
        "supersede": lambda: _supersede_effect(record, unknown),
    }
    with pytest.raises(NotFound):
        await acts[act]()


@pytest.mark.parametrize("state", [EffectState.CONFIRMED, EffectState.REJECTED, EffectState.PLANNED])
async def test_a_person_cannot_decide_what_is_not_in_doubt(record: Record, state: EffectState) -> None:
    effect = await _claim(record)
    await _settle(record, effect, state, "", DONE if state is EffectState.CONFIRMED else None)
    assert not await _decide(record, effect, EffectState.CONFIRMED, Confirmed(remote_id="other"))
    assert (await _load(record, effect)).state is state


async def _claim(record: Record, wanted: EffectIntent | None = None, now: datetime = NOW) -> Effect:
    async with record.begin() as tx:
        return await tx.effects.claim(wanted or intent(), now)


async def _settle(
    record: Record, effect: Effect, state: EffectState, code: str, confirmed: Confirmed | None = None
) -> bool:
    async with record.begin() as tx:
        return await tx.effects.settle(
            effect.key, effect.token, Settlement(state=state, code=code, confirmed=confirmed), LATER
        )


async def _doubtful(record: Record, state: EffectState) -> Effect:
    effect = await _claim(record)
    if state is EffectState.UNKNOWN:
        await _settle(record, effect, state, "timed-out")
    return effect


async def _decide(record: Record, effect: Effect, state: EffectState, confirmed: Confirmed | None = None) -> bool:
    async with record.begin() as tx:
        return await tx.effects.decide(effect.key, state, confirmed, LATER)


async def _load(record: Record, effect: Effect) -> Effect:
    async with record.begin() as tx:
        return await tx.effects.load(effect.key)


async def _supersede(record: Record) -> int:
    async with record.begin() as tx:
        return await tx.effects.supersede("shop/1001")


async def _supersede_effect(record: Record, effect: Effect) -> None:
    async with record.begin() as tx:
        await tx.effects.supersede_effect(effect.key)


async def _latest(record: Record) -> Effect | None:
    async with record.begin() as tx:
        return await tx.effects.latest(intent().base)
