"""Collections, in both records: each parcel goes with one driver at a time."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from domain.collection import Collection, CollectionState, CollectionWish
from domain.effect import Confirmed
from domain.errors import NotFound
from domain.fulfillment import Stage
from domain.messages import COLLECTION_WORKFLOW
from domain.ports.stores import Record
from tests.builders import BERLIN, MUNICH, NOW, channel_order, fulfillment
from tests.stores.scenes import add_part, record_order, tellings, walk

CARRIER = "swift"
WISH = CollectionWish(
    location=BERLIN, carrier=CARRIER, day=date(2026, 1, 5), ready_at=NOW, closes_at=NOW + timedelta(hours=2)
)
FIRST = f"{BERLIN}/{CARRIER}/2026-01-05/1"


async def label(record: Record, number: str, *, place: str = BERLIN, carrier: str = CARRIER) -> str:
    """Let a parcel wait with its label; return its id."""
    order_id = await record_order(record, channel_order(channel_order_id=number, number=number))
    part = await add_part(record, fulfillment(order_id, place=place))
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(part, carrier, NOW)
        sold = Confirmed(remote_id=f"remote-{number}", tracking_number=f"T-{number}")
        await tx.shipments.keep_label(parcel.parcel_id, sold, NOW)
    await walk(record, part, Stage.LABELLED)
    return parcel.parcel_id


async def plan(record: Record, wish: CollectionWish = WISH, late: timedelta = timedelta()) -> Collection | None:
    async with record.begin() as tx:
        return await tx.collections.plan(wish, NOW + late)


async def planned(record: Record) -> Collection:
    collection = await plan(record)
    assert collection
    return collection


async def settle(record: Record, state: CollectionState, **what: str) -> Collection:
    async with record.begin() as tx:
        await tx.collections.settle(FIRST, state, NOW, **what)
        return await tx.collections.load(FIRST)


async def test_all_parcels_of_a_carrier_that_wait_at_a_location_go_together(record: Record) -> None:
    mine = [await label(record, "1"), await label(record, "2")]
    await label(record, "3", place=MUNICH)
    await label(record, "4", carrier="blind")
    gone = await label(record, "5")
    await walk(record, gone.removesuffix("/P1"), Stage.HANDED_OVER)
    collection = await planned(record)
    assert collection.collection_id == FIRST
    assert [(one.parcel_id, one.remote_id) for one in collection.parcels] == [
        (mine[0], "remote-1"), (mine[1], "remote-2"),
    ]  # fmt: skip
    assert (collection.state, collection.ready_at, collection.day) == (CollectionState.ORDERING, NOW, WISH.day)
    assert [one.workflow_id for one in await tellings(record) if one.workflow == COLLECTION_WORKFLOW] == [
        f"collection/{FIRST}"
    ]


async def test_nothing_is_planned_where_nothing_waits(record: Record) -> None:
    assert await plan(record) is None
    assert [one for one in await tellings(record) if one.workflow == COLLECTION_WORKFLOW] == []


async def test_whoever_plans_at_the_same_time_finds_nothing_left(record: Record) -> None:
    await label(record, "1")
    made = await asyncio.gather(*(plan(record) for _ in range(5)))
    assert sum(one is not None for one in made) == 1


async def test_a_parcel_labelled_later_goes_with_another_driver(record: Record) -> None:
    await label(record, "1")
    await planned(record)
    later = await label(record, "2")
    second = await planned(record)
    assert second.collection_id.endswith("/2")
    assert [one.parcel_id for one in second.parcels] == [later]


async def test_the_parcels_of_a_refused_driver_may_have_another(record: Record) -> None:
    await label(record, "1")
    await planned(record)
    refused = await settle(record, CollectionState.REFUSED, code="no-driver")
    assert (refused.state, refused.code) == (CollectionState.REFUSED, "no-driver")
    assert (await planned(record)).collection_id.endswith("/2")


async def test_parcels_that_a_driver_left_behind_may_have_another(record: Record) -> None:
    await label(record, "1")
    await planned(record)
    assert (await settle(record, CollectionState.ORDERED, remote_id="PU-1")).remote_id == "PU-1"
    assert await plan(record, late=timedelta(hours=1)) is None
    assert await plan(record, late=timedelta(hours=2)) is not None


async def test_what_was_settled_stays(record: Record) -> None:
    await label(record, "1")
    await planned(record)
    await settle(record, CollectionState.ORDERED, remote_id="PU-1")
    after = await settle(record, CollectionState.REFUSED, code="late")
    async with record.begin() as tx:
        await tx.collections.note(FIRST, "too late")
        assert await tx.collections.load(FIRST, lock=True) == after
    assert (after.state, after.remote_id) == (CollectionState.ORDERED, "PU-1")
    assert await plan(record) is None


async def test_drivers_that_may_still_come_are_told_apart_from_those_who_were_there(record: Record) -> None:
    await label(record, "1")
    first = await planned(record)
    async with record.begin() as tx:
        await tx.collections.note(FIRST, "no-answer")
        assert [one.code for one in await tx.collections.due(BERLIN, CARRIER, NOW + timedelta(days=9))] == ["no-answer"]
        await tx.collections.settle(FIRST, CollectionState.ORDERED, NOW)
        assert len(await tx.collections.due(BERLIN, CARRIER, NOW)) == 1
        assert await tx.collections.due(BERLIN, CARRIER, first.closes_at) == ()
        assert await tx.collections.due(MUNICH, CARRIER, NOW) == ()


async def test_the_newest_are_listed_first(record: Record) -> None:
    await label(record, "1")
    await planned(record)
    await label(record, "2")
    await plan(record, late=timedelta(minutes=1))
    async with record.begin() as tx:
        assert [one.collection_id[-1] for one in await tx.collections.newest("", 10)] == ["2", "1"]
        assert [one.collection_id[-1] for one in await tx.collections.newest(BERLIN, 1)] == ["2"]
        assert await tx.collections.newest(MUNICH, 10) == ()


async def test_a_collection_waits_as_long_as_one_of_its_parcels_does(record: Record) -> None:
    parcel = await label(record, "1")
    await planned(record)
    async with record.begin() as tx:
        assert await tx.collections.still_waits(FIRST)
        await tx.shipments.void(parcel, NOW)
        assert not await tx.collections.still_waits(FIRST)


async def test_what_does_not_exist_is_not_found(record: Record) -> None:
    nowhere = WISH.model_copy(update={"location": "NOWHERE"})
    with pytest.raises(NotFound):
        await plan(record, nowhere)
    with pytest.raises(NotFound):
        await settle(record, CollectionState.ORDERED)
    async with record.begin() as tx:
        with pytest.raises(NotFound):
            await tx.collections.begin("NOWHERE/swift/2026-01-05/1")
        with pytest.raises(NotFound):
            await tx.collections.note("NOWHERE/swift/2026-01-05/1", "why")
