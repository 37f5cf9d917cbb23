"""A driver is ordered once: whoever wishes for one, how often, and wherever a process dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from activities.collection import plan_collection
from adapters.carriers.sandbox.adapter import CAPABILITIES
from domain.collection import CollectionState
from domain.effect import SEND_DEADLINE, Dedupe, DedupeClass, EffectKind
from domain.errors import Conflict, NotFound, Refused, Unavailable
from domain.fulfillment import Stage
from domain.ports.stores import Record
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.mortal import Died, MortalRecord
from tests.activities.yard import SWIFT, WHO, Yard
from tests.builders import BERLIN, MUNICH, NOW, location
from tests.fakes.record import FakeRecord
from tests.stores.scenes import seed_catalog, tellings, walk
from tests.stores.test_collection import label


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def yard(request: pytest.FixtureRequest) -> AsyncGenerator[Yard]:
    async with AsyncExitStack() as stack:
        record: Record = FakeRecord()
        if request.param == "postgres":
            engine = create_engine(request.getfixturevalue("database_url"))
            stack.push_async_callback(engine.dispose)
            record = PostgresRecord(engine, Cipher(bytes(32)))
        await seed_catalog(record)
        yield Yard(record)


async def test_a_driver_is_ordered_for_all_parcels_that_wait(yard: Yard) -> None:
    await label(yard.record, "1")
    await label(yard.record, "2")
    planned = await yard.plan()
    (collection,) = planned.collections
    assert planned.fresh
    assert await yard.order(collection) is CollectionState.ORDERED
    (asked,) = yard.depot.asked
    assert asked.remote_ids == ("remote-1", "remote-2")
    assert (asked.origin, asked.ready_at, asked.closes_at) == (BERLIN, collection.ready_at, collection.closes_at)
    assert asked.reference == f"collection:{collection.collection_id}#1"
    assert (await yard.load(collection)).remote_id == "DR-1"


async def test_the_carrier_that_collects_there_is_asked_unless_another_is_named(yard: Yard) -> None:
    async with yard.record.begin() as tx:
        await tx.catalog.save_location(location(BERLIN, carrier="swift"))
        await tx.catalog.save_location(location(MUNICH, carrier=""))
    await label(yard.record, "1")
    await label(yard.record, "2", carrier="blind")
    assert (await yard.plan(carrier="")).collections[0].carrier == "swift"
    assert (await yard.plan(carrier="blind")).collections[0].carrier == "blind"
    with pytest.raises(NotFound, match="--carrier"):
        await yard.plan(place=MUNICH, carrier="")


async def test_whoever_wishes_again_or_at_the_same_time_gets_the_same_driver(yard: Yard) -> None:
    await label(yard.record, "1")
    wishes = await asyncio.gather(*(yard.plan() for _ in range(4)))
    assert sorted(wish.fresh for wish in wishes) == [False, False, False, True]
    assert len({wish.collections for wish in wishes}) == 1
    await asyncio.gather(*(yard.order(wishes[0].collections[0]) for _ in range(3)), return_exceptions=True)
    yard.now += SEND_DEADLINE
    assert await yard.order(wishes[0].collections[0]) is CollectionState.ORDERED
    assert not (await yard.plan()).fresh
    assert len(yard.depot.drivers) == 1


async def test_where_nothing_waits_no_driver_is_ordered(yard: Yard) -> None:
    with pytest.raises(NotFound, match="buy labels first"):
        await yard.plan()


async def test_what_does_not_exist_is_named(yard: Yard) -> None:
    with pytest.raises(NotFound, match="NOWHERE"):
        await yard.plan(place="NOWHERE")
    with pytest.raises(NotFound, match="nobody"):
        await yard.plan(carrier="nobody")


async def test_a_carrier_that_sends_no_drivers_is_not_asked(yard: Yard) -> None:
    await label(yard.record, "1")
    yard.depot.capability = CAPABILITIES["sandbox-blind"]
    with pytest.raises(Refused, match="sends no drivers"):
        await yard.plan()


@pytest.mark.parametrize(("begins", "ends"), [(2, 1), (1, 1), (-2, -1)])
async def test_a_window_that_cannot_be_is_refused(yard: Yard, begins: int, ends: int) -> None:
    await label(yard.record, "1")
    window = (NOW + timedelta(hours=begins), NOW + timedelta(hours=ends))
    with pytest.raises(Refused, match="begins before it ends"):
        await plan_collection(yard.context(), BERLIN, "swift", window, WHO)


async def test_what_the_carrier_refuses_says_why_and_may_be_ordered_anew(yard: Yard) -> None:
    collection = await yard.planned()
    yard.depot.goes = ["no"]
    assert await yard.order(collection) is CollectionState.REFUSED
    assert (await yard.load(collection)).code == "no-driver-today"
    second = await yard.plan()
    assert (second.fresh, await yard.order(second.collections[0])) == (True, CollectionState.ORDERED)


async def test_a_lost_answer_is_looked_up_and_no_second_driver_comes(yard: Yard) -> None:
    collection = await yard.planned()
    yard.depot.goes = ["lost"]
    with pytest.raises(Unavailable, match="looked up"):
        await yard.order(collection)
    assert await yard.order(collection) is CollectionState.ORDERED
    assert len(yard.depot.drivers) == 1


async def test_what_cannot_be_looked_up_waits_for_a_person(yard: Yard) -> None:
    capability = SWIFT.model_copy(update={"dedupe": {EffectKind.COLLECTION: DedupeClass(dedupe=Dedupe.NONE)}})
    yard.depot.capability, yard.depot.goes = capability, ["lost"]
    collection = await yard.planned()
    assert await yard.order(collection) is CollectionState.ORDERING
    assert (await yard.load(collection)).code == "unknown-read-timeout"
    assert await yard.order(collection) is CollectionState.ORDERING
    assert await yard.retry(collection, happened=True, remote_id="PU-9")
    assert await yard.order(collection) is CollectionState.ORDERED
    assert (await yard.load(collection)).remote_id == "PU-9"
    assert len(yard.depot.drivers) == 1
    assert not await yard.retry(collection), "it is over"


async def test_a_driver_who_was_surely_not_ordered_is_ordered_by_a_persons_word(yard: Yard) -> None:
    capability = SWIFT.model_copy(update={"dedupe": {EffectKind.COLLECTION: DedupeClass(dedupe=Dedupe.NONE)}})
    yard.depot.capability, yard.depot.goes = capability, ["lost"]
    collection = await yard.planned()
    assert not await yard.retry(collection, happened=False), "nothing is in doubt yet"
    await yard.order(collection)
    assert await yard.retry(collection, happened=False)
    assert await yard.order(collection) is CollectionState.ORDERED
    assert len({write.reference for write in yard.depot.asked}) == 1


async def test_a_carrier_that_is_away_is_asked_again_until_the_window_is_over(yard: Yard) -> None:
    collection = await yard.planned()
    yard.depot.goes = ["away", "away"]
    for _ in range(2):
        with pytest.raises(Unavailable):
            await yard.order(collection)
    yard.now = collection.closes_at
    assert await yard.order(collection) is CollectionState.REFUSED
    assert ((await yard.load(collection)).code, yard.depot.drivers) == ("window-over", [])


async def test_no_driver_comes_for_parcels_that_have_left_meanwhile(yard: Yard) -> None:
    collection = await yard.planned()
    await walk(yard.record, collection.parcels[0].parcel_id.removesuffix("/P1"), Stage.HANDED_OVER)
    assert await yard.order(collection) is CollectionState.REFUSED
    assert ((await yard.load(collection)).code, yard.depot.asked) == ("nothing-left", [])


async def test_a_driver_of_whom_the_carrier_may_know_is_looked_up_also_when_all_is_over(yard: Yard) -> None:
    collection = await yard.planned()
    yard.depot.goes = ["dies"]
    with pytest.raises(Died):
        await yard.order(collection)
    yard.now = collection.closes_at
    assert await yard.order(collection) is CollectionState.ORDERED


async def test_a_wish_made_again_begins_a_workflow_anew_that_was_lost(yard: Yard) -> None:
    await yard.planned()
    before = len(await tellings(yard.record))
    await yard.plan()
    assert len(await tellings(yard.record)) == before + 1


@pytest.mark.parametrize("after", [False, True])
async def test_one_driver_comes_wherever_a_process_dies(yard: Yard, *, after: bool) -> None:
    await label(yard.record, "1")
    deaths = 0
    for transaction in range(1, 4):
        for answer in ("well", "dies"):
            yard.depot.goes = [answer] if not yard.depot.asked else []
            try:
                planned = await yard.plan(MortalRecord(yard.record, transaction, after=after))
                await yard.order(planned.collections[0], MortalRecord(yard.record, transaction, after=after))
            except Died:
                deaths += 1
            except (Unavailable, Conflict):
                pass
            yard.now += SEND_DEADLINE
    (collection,) = (await yard.plan()).collections
    state = await yard.order(collection)
    if state is CollectionState.ORDERING:
        state = await yard.order(collection)
    assert (state, len(yard.depot.drivers), deaths >= 2) == (CollectionState.ORDERED, 1, True)


async def test_who_ordered_is_in_the_audit(yard: Yard) -> None:
    collection = await yard.planned()
    await yard.retry(collection)
    async with yard.record.begin() as tx:
        again = await tx.collections.load(collection.collection_id)
    assert again.state is CollectionState.ORDERING
    if isinstance(yard.record, FakeRecord):
        lines = [(line.order_id, line.verb, line.actor) for line in yard.record.state.audit.values()]
        assert lines == [(collection.ledger_id, "order", "ada"), (collection.ledger_id, "retry", "ada")]
