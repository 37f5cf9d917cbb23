"""In an outage orders wait and one probe at a time goes out; when it ends they leave in order of slack, once each."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from activities.money import MoneyActivities
from activities.outage import end_outage
from activities.pull import PullActivities
from activities.steps import PartOf, PullResult
from activities.waking import Waking
from domain.effect import EffectState
from domain.errors import Unavailable
from domain.messages import (
    WOKEN,
    PullStart,
    RefundStart,
    order_workflow_id,
    refund_workflow_id,
    return_workflow_id,
)
from domain.outage import OPENS_AFTER, Outage
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.outage_town import CAUSE, ORDERS, PARTY, WORLD, Town
from tests.builders import ACCOUNT, NOW
from tests.fakes.record import FakeRecord
from tests.stores.scenes import drain, open_causes, record_order, seed_catalog, tellings


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def town(request: pytest.FixtureRequest) -> AsyncGenerator[Town]:
    async with AsyncExitStack() as stack:
        record: Record = FakeRecord()
        if request.param == "postgres":
            engine = create_engine(request.getfixturevalue("database_url"))
            stack.push_async_callback(engine.dispose)
            record = PostgresRecord(engine, Cipher(bytes(32)))
        await seed_catalog(record)
        opened = Town(record)
        stack.push_async_callback(opened.parties.aclose)
        yield opened


async def test_orders_wait_for_the_end_of_an_outage_and_nothing_goes_out_but_probes(town: Town) -> None:
    for order_id in await town.place():
        assert (await town.release(order_id)).cause == CAUSE
    assert town.world.requests == OPENS_AFTER
    assert await town.causes() == {CAUSE}
    assert await town.states() == {EffectState.PLANNED}
    for pause in (5, 10, 20, 40, 60, 60):
        before = town.world.requests
        town.wait(pause / 2)
        assert await town.probe() == []
        town.wait(pause / 2)
        assert len(await town.probe()) == 1
        assert town.world.requests == before + 1
    assert await town.causes() == {CAUSE}


async def test_when_it_is_over_all_leave_by_ship_by_date_and_each_once(town: Town) -> None:
    urgent_first = await town.place()
    for order_id in reversed(urgent_first):
        await town.release(order_id)
    town.world.dead = False
    town.wait(5)
    (prober,) = await town.probe()
    assert prober == urgent_first[0]
    assert await open_causes(town.context.record) == {CAUSE}
    turns = await town.serve()
    assert [order_id for turn in turns for order_id in turn] == urgent_first[1:]
    assert max(map(len, turns)) == 4, "no more at once than the window holds"
    assert list(town.world.works) == [f"{order_id}/F1" for order_id in urgent_first]
    assert len(town.world.references) == len(set(town.world.references)) == ORDERS
    assert await town.causes() == set()
    assert await town.states() == {EffectState.CONFIRMED}


async def test_the_next_ones_wait_until_those_who_were_let_go_are_done(town: Town) -> None:
    for order_id in await town.place():
        await town.release(order_id)
    town.world.dead = False
    town.wait(5)
    await town.probe()
    allocator = Waking(town.context, 4)
    for _ in range(3):
        await allocator.go_round()
    assert len(await tellings(town.context.record)) == 4
    town.wait(61)
    await allocator.go_round()
    assert len(await tellings(town.context.record)) == 8, "who never comes back holds its place for a minute"


async def test_nobody_is_let_go_any_more_when_it_is_out_again(town: Town) -> None:
    for order_id in await town.place():
        await town.release(order_id)
    town.world.dead = False
    town.wait(5)
    await town.probe()
    allocator = Waking(town.context, 4)
    await allocator.go_round()
    town.world.dead = True
    await town.run_told()
    assert await allocator.go_round() == 0
    assert await tellings(town.context.record) == []
    town.world.dead = False
    town.wait(11)
    assert len(await town.probe()) == 1
    await town.serve()
    assert len(town.world.works) == len(set(town.world.references)) == ORDERS


async def test_whoever_comes_just_when_it_ends_does_not_wait_for_ever(town: Town) -> None:
    (order_id, *_) = await town.place()
    await town.release(order_id)
    async with town.context.record.begin() as tx:
        assert await end_outage(tx, PARTY, town.context)
    town.world.dead = False
    assert (await town.release(order_id)).ticket == 0, "refused by what this process knew, it looks and goes"


async def test_an_operator_may_end_it_and_it_is_soon_out_again_while_nothing_answers(town: Town) -> None:
    for order_id in await town.place():
        await town.release(order_id)
    async with town.context.record.begin() as tx:
        assert await end_outage(tx, PARTY, town.context)
        assert not await end_outage(tx, PARTY, town.context)
        town.parties.gates.learn(await tx.outages.known())
    before = town.world.requests
    await town.serve()
    assert town.world.requests == before + OPENS_AFTER
    assert await town.causes() == {CAUSE}


async def test_a_lost_answer_is_looked_up_after_the_outage_and_sent_no_second_time(town: Town) -> None:
    (order_id, *_) = await town.place()
    town.world.dead, town.world.swallows = False, True
    part = PartOf(order_id=order_id, fulfillment_id=f"{order_id}/F1", system=PARTY)
    with pytest.raises(Unavailable):
        await town.steps.release(part)
    town.world.dead, town.world.swallows = True, False
    assert (await town.release(order_id)).cause == CAUSE
    assert await town.states() == {EffectState.UNKNOWN}
    town.world.dead = False
    town.wait(5)
    await town.probe()
    assert await town.states() == {EffectState.CONFIRMED}
    assert len(town.world.works) == 1


async def test_a_pull_skips_a_channel_that_is_out_but_for_the_probe(town: Town) -> None:
    async with town.context.record.begin() as tx:
        settings = json.dumps(WORLD | {"account": ACCOUNT})
        await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="sandbox", settings=settings))
    pulls = PullActivities(town.context)
    for _ in range(OPENS_AFTER - 1):
        with pytest.raises(Unavailable):
            await pulls.pull(PullStart(account=ACCOUNT))
    results = [await pulls.pull(PullStart(account=ACCOUNT)) for _ in range(4)]
    assert results == [PullResult(out=True)] * 4
    assert town.world.requests == OPENS_AFTER
    town.world.dead = False
    town.wait(5)
    assert await pulls.pull(PullStart(account=ACCOUNT)) == PullResult()
    async with town.context.record.begin() as tx:
        assert await tx.outages.known() == ()


async def test_the_workflow_that_waits_is_the_one_that_is_told(town: Town) -> None:
    order_id = await record_order(town.context.record)
    out = Outage(party=PARTY, failures=9, failed_at=NOW, opened_at=NOW, probe_at=NOW)
    async with town.context.record.begin() as tx:
        back = await tx.money.reserve_refund(order_id, f"return:{order_id}/R1", 100, "returned", {})
        alone = await tx.money.reserve_refund(order_id, "goodwill", 100, "goodwill", {})
        assert back
        assert alone
        scopes = {
            "/acknowledge": order_workflow_id(order_id),
            f"{order_id}/F1/step": order_workflow_id(order_id),
            f"{order_id}/R1/step": return_workflow_id(order_id, f"{order_id}/R1"),
            back.refund_id: return_workflow_id(order_id, f"{order_id}/R1"),
            alone.refund_id: refund_workflow_id(order_id, 2),
        }
        for scope in scopes:
            await tx.waits.rewrite(order_id, scope, {CAUSE: "no-answer"}, NOW)
        await tx.outages.lock(PARTY)
        await tx.outages.keep(out)
        await tx.outages.end(PARTY, NOW)
    await drain(town.context.record)
    await Waking(town.context, 9).go_round()
    told = [telling.workflow_id for telling in await tellings(town.context.record) if telling.signal == WOKEN]
    assert sorted(told) == sorted(scopes.values())


async def test_a_refund_waits_for_the_channel_under_its_own_name(town: Town) -> None:
    order_id = await record_order(town.context.record)
    async with town.context.record.begin() as tx:
        settings = json.dumps(WORLD | {"account": ACCOUNT})
        await tx.catalog.save_channel(Channel(account=ACCOUNT, adapter="sandbox", settings=settings))
        refund = await tx.money.reserve_refund(order_id, "goodwill", 100, "goodwill", {})
        assert refund
        await tx.outages.keep(
            Outage(party=ACCOUNT, failures=9, failed_at=NOW, opened_at=NOW, probe_at=NOW + timedelta(seconds=5))
        )
    start = RefundStart(order_id=order_id, refund_id=refund.refund_id, account=ACCOUNT)
    result = await MoneyActivities(town.context).send(start)
    assert (result.cause, result.done) == (f"outage:{ACCOUNT}", False)
    async with town.context.record.begin() as tx:
        (wait,) = await tx.waits.of_order(order_id)
    assert (wait.scope, wait.code) == (refund.refund_id, "no-answer")
    assert town.world.requests == 0
