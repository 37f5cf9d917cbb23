"""The protocol of waits against its one law: at rest nobody waits for what is there, and nobody was forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities import promise
from activities import review as review_module
from activities.context import Context
from activities.planning import Proposal
from activities.promise import PromiseActivities
from activities.review import review
from activities.steps import ReviewRequest
from domain.inventory import Claim
from domain.messages import WOKEN, Woken, order_workflow_id
from domain.order import ChannelLine, OrderState
from domain.ports.stores import Record
from domain.sourcing import SourcingPolicy, SourcingRule
from domain.waits import SOURCING_POLICY, date_cause
from tests.activities.turnstile import SteppedRecord, Turnstile
from tests.builders import BERLIN, MUG, MUNICH, NOW, TEA, channel_line, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, receive, record_order, seed_catalog, tellings
from tests.stores.waiting_room import DiedError, MortalRecord, arrive, context_of, map_listing, serve, woken

ORDERS = 6


@dataclass
class Town:
    """Orders that come in, goods that arrive, a listing that is mapped, and allocators of which some die."""

    record: Record
    chance: Random
    tickets: dict[str, int] = field(default_factory=dict[str, int])

    async def prepare(self) -> None:
        """Record orders of one or two lines; of some nobody knows what they mean."""
        await seed_catalog(self.record)
        for number in range(ORDERS):
            lines = [self._line("a", TEA), self._line("b", MUG)][: self.chance.randint(1, 2)]
            await record_order(self.record, channel_order(*lines, channel_order_id=str(number)), match=False)

    def actors(self, record: Record) -> Mapping[str, Coroutine[None, None, None]]:
        """Return everybody who acts at the same time."""
        context = context_of(record)
        acts = {f"order {number}": self._live(context, f"shop/{number}") for number in range(ORDERS)}
        acts |= {f"goods {number}": self._bring(context) for number in range(4)}
        mortal = [self.chance.randint(1, 15), self.chance.randint(1, 15)]
        acts |= {f"mortal {place}": _die(MortalRecord(record, commits)) for place, commits in enumerate(mortal)}
        return acts | {"mapping": map_listing(context, "new"), "allocator": serve(context)}

    async def check(self) -> None:
        """Let the last allocator do what is left, then look."""
        context = context_of(self.record)
        await serve(context)
        told = await self._told()
        for order_id, ticket in self.tickets.items():
            async with self.record.begin() as tx:
                waits = [wait for wait in await tx.waits.of_order(order_id) if not wait.scope]
            assert waits or told.get(order_id, 0) >= ticket, f"{order_id} was served and never told"
        for number in range(ORDERS):
            again = await review(context, ReviewRequest(order_id=f"shop/{number}"))
            assert not again.planned, f"shop/{number} waited for what was there"
            assert (await load(self.record, f"shop/{number}")).state is OrderState.OPEN

    def _line(self, line_id: str, sku: str) -> ChannelLine:
        known = self.chance.random() < 0.7
        about = {} if known else {"listing_id": "new", "sku": ""}
        return channel_line(line_id, self.chance.randint(1, 3), **({"sku": sku} | about))

    async def _live(self, context: Context, order_id: str) -> None:
        """Be the workflow of an order: it reviews, and waits under the ticket it is given."""
        self.tickets[order_id] = (await review(context, ReviewRequest(order_id=order_id))).ticket

    async def _bring(self, context: Context) -> None:
        await arrive(context, self.chance.randint(1, 4), self.chance.choice([TEA, MUG]))

    async def _told(self) -> dict[str, int]:
        told: dict[str, int] = {}
        for telling in await tellings(self.record):
            if telling.signal == WOKEN:
                order_id = telling.workflow_id.removeprefix(order_workflow_id(""))
                told[order_id] = max(told.get(order_id, 0), Woken.model_validate_json(telling.payload).ticket)
        return told


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_nobody_waits_for_what_is_there_however_the_steps_fall(seed: int) -> None:
    asyncio.run(_play(Random(seed)))  # noqa: S311 - reproducible, not secret


@pytest.mark.stack
@pytest.mark.parametrize("seed", range(5))
async def test_nobody_waits_for_what_is_there_when_all_act_at_once(postgres_record: Record, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - reproducible, not secret
    town = Town(postgres_record, chance)
    await town.prepare()
    acts = list(town.actors(postgres_record).values())
    chance.shuffle(acts)
    await asyncio.gather(*(_after(chance.random() / 20, act) for act in acts))
    await town.check()


@pytest.mark.stack
async def test_goods_that_arrive_between_looking_and_waiting_are_seen(
    postgres_record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seed_catalog(postgres_record)
    context = context_of(postgres_record)
    order_id = await record_order(postgres_record, match=False)
    propose = review_module.propose
    looked: list[Proposal] = []

    async def look(*given: Any, **how: Any) -> Proposal:
        looked.append(await propose(*given, **how))
        if len(looked) == 1:
            await arrive(context, 1)
        return looked[-1]

    monkeypatch.setattr(review_module, "propose", look)
    assert (await review(context, ReviewRequest(order_id=order_id))).planned == 1


@pytest.mark.stack
async def test_a_policy_that_is_loaded_between_a_lost_race_and_waiting_is_seen(
    postgres_record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seed_catalog(postgres_record)
    context = context_of(postgres_record)
    only_berlin = SourcingPolicy(rules=(SourcingRule(name="north", only=(BERLIN,)),))
    async with postgres_record.begin() as tx:
        await tx.sourcing.add_policy(only_berlin, "ops", "", NOW)
    await receive(postgres_record, 1)
    await receive(postgres_record, 1, place=MUNICH)
    order_id = await record_order(postgres_record, match=False)
    propose = review_module.propose
    looked: list[Proposal] = []

    async def look(*given: Any, **how: Any) -> Proposal:
        looked.append(await propose(*given, **how))
        if len(looked) < 3:
            async with postgres_record.begin() as tx:
                if len(looked) == 1:
                    assert await tx.stock.reserve("soft:other", (Claim(sku=TEA, location=BERLIN, quantity=1),))
                else:
                    await tx.waits.clear(SOURCING_POLICY, NOW)
                    await tx.sourcing.add_policy(SourcingPolicy(), "ops", "", NOW)
        return looked[-1]

    monkeypatch.setattr(review_module, "propose", look)
    assert (await review(context, ReviewRequest(order_id=order_id))).planned == 1
    assert set(looked[1].lacks) == {SOURCING_POLICY, f"stock:{TEA}"}


async def test_an_order_that_loses_every_race_looks_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    record = FakeRecord()
    await seed_catalog(record)
    context = context_of(record)
    await receive(record, 5)
    order_id = await record_order(record)

    async def lose(*_: Any) -> None:
        raise review_module._RacedError  # pyright: ignore[reportPrivateUsage] - as others were faster

    with monkeypatch.context() as losing:
        losing.setattr(review_module, "_reserve", lose)
        waiting = await review(context, ReviewRequest(order_id=order_id))
    assert (waiting.planned, waiting.waits_for) == (0, (date_cause(NOW), f"stock:{TEA}"))
    assert await PromiseActivities(context).clear_dates() == 1
    await serve(context)
    assert await woken(context) == [order_id]


async def test_all_dates_that_have_come_are_cleared_however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promise, "_DATES", 2)
    record = FakeRecord()
    await seed_catalog(record)
    dates = [NOW + timedelta(days=days) for days in range(1, 6)]
    await record_order(record, channel_order(*(channel_line(str(date.day), not_before=date) for date in dates)))
    await review(context_of(record), ReviewRequest(order_id="shop/1001"))
    assert await PromiseActivities(context_of(record, lambda: dates[3])).clear_dates() == 4


async def _play(chance: Random) -> None:
    record, turnstile = FakeRecord(), Turnstile()
    town = Town(record, chance)
    await town.prepare()

    async def nothing() -> bool:
        return False

    left = await turnstile.play(town.actors(SteppedRecord(record, turnstile)), chance.choice, nothing, nothing)
    assert not left
    await town.check()


async def _die(record: Record) -> None:
    with suppress(DiedError):
        await serve(context_of(record))


async def _after(seconds: float, act: Coroutine[None, None, None]) -> None:
    await asyncio.sleep(seconds)
    await act
