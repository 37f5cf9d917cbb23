"""A message of several facts: each is applied once, whatever becomes of the others and wherever its process dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import cast

import pytest

from activities.context import Context
from activities.fact import apply_message
from domain.errors import Unavailable
from domain.facts import Fact, HandedOver, LinesRejected, ParcelScanned, Picked, RejectedLine, StockChange, StockChanged
from domain.fulfillment import Stage
from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores import Record
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.shipment import TrackingEvent, TrackingStatus
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.mortal import Died, MortalRecord
from tests.builders import ACCOUNT, BERLIN, NOW, TEA, channel_line, channel_order, fulfillment, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, claims_of, quantities_of, receive, record_order, seed_catalog, tellings, walk

FIRST, SECOND, THIRD = (f"{ACCOUNT}/{number}/F1" for number in ("1001", "1002", "1003"))


@dataclass
class Depot:
    """A partner that tells several things in one message."""

    facts: tuple[Fact, ...]

    async def webhooks(self, party: str) -> Depot:
        del party
        return self

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        del body
        return self.facts


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def record(request: pytest.FixtureRequest) -> AsyncGenerator[Record]:
    """A record in which three orders of three units each are being picked."""
    async with AsyncExitStack() as stack:
        opened: Record = FakeRecord()
        if request.param == "postgres":
            engine = create_engine(request.getfixturevalue("database_url"))
            stack.push_async_callback(engine.dispose)
            opened = PostgresRecord(engine, Cipher(bytes(32)))
        await seed_catalog(opened)
        await receive(opened, 30)
        for number in ("1001", "1002", "1003"):
            order = channel_order(channel_line("a", 3), channel_order_id=number, number=f"#{number}")
            part = fulfillment(await record_order(opened, order), quantities={"a": 3})
            await add_part(opened, part)
            async with opened.begin() as tx:
                assert await tx.stock.reserve(part.fulfillment_id, claims_of(part))
            await walk(opened, part.fulfillment_id, Stage.RELEASED)
        yield opened


def rejected(part: str, units: int = 1) -> LinesRejected:
    line = RejectedLine(line_id="a", quantity=units, reason="damaged")
    return LinesRejected(fulfillment_id=part, lines=(line,))


def found_again(units: int) -> StockChanged:
    change = StockChange(sequence=1, sku=TEA, delta=units, reason="found again", occurred_at=NOW)
    return StockChanged(location=BERLIN, changes=(change,))


async def store(record: Record) -> int:
    async with record.begin() as tx:
        (number,) = await tx.inbox.store((received(b"all of it", source="hook", party="staff"),), NOW)
    assert number
    return number


async def apply(record: Record, number: int, *facts: Fact) -> str:
    """Apply the message as it is kept, as whoever comes next does."""
    async with record.begin() as tx:
        row = await tx.inbox.load(number)
    return await apply_message(Context(record, cast("Parties", Depot(facts)), Policy(), lambda: NOW), row)


async def message(record: Record, number: int) -> InboxRow:
    async with record.begin() as tx:
        return await tx.inbox.load(number)


async def standing(record: Record) -> list[tuple[Stage, int]]:
    """Return the stage of each part, and its units."""
    async with record.begin() as tx:
        parts = [await tx.fulfillments.load(part) for part in (FIRST, SECOND, THIRD)]
    return [(part.stage, sum(line.quantity for line in part.lines)) for part in parts]


async def quarantined(record: Record, number: int) -> str:
    row = await message(record, number)
    assert row.state is InboxState.QUARANTINED
    return row.code


async def test_all_facts_of_a_message_are_applied_and_then_it_is_done(record: Record) -> None:
    number = await store(record)
    assert (
        await apply(record, number, Picked(fulfillment_id=FIRST), rejected(SECOND), Picked(fulfillment_id=THIRD)) == ""
    )
    assert await standing(record) == [(Stage.PICKED, 3), (Stage.RELEASED, 2), (Stage.PICKED, 3)]
    assert (await message(record, number)).state is InboxState.DONE


async def test_a_fact_that_is_too_early_keeps_the_message_and_nothing_is_applied_twice(record: Record) -> None:
    facts = (rejected(FIRST), HandedOver(fulfillment_id=SECOND), rejected(THIRD), found_again(5))
    number = await store(record)
    before = await quantities_of(record)
    for _ in range(3):
        with pytest.raises(Unavailable, match="no label yet"):
            await apply(record, number, *facts)
        assert (await message(record, number)).state is InboxState.NEW
        assert await standing(record) == [(Stage.RELEASED, 2), (Stage.RELEASED, 3), (Stage.RELEASED, 2)]
        assert await quantities_of(record) == (before[0] - 2 + 5, before[1] - 2)
    told = len(await tellings(record))
    await walk(record, SECOND, Stage.LABELLED)
    assert await apply(record, number, *facts) == ""
    assert await standing(record) == [(Stage.RELEASED, 2), (Stage.HANDED_OVER, 3), (Stage.RELEASED, 2)]
    assert (await message(record, number)).state is InboxState.DONE
    assert len(await tellings(record)) == told + 1, "only what was left is told"


async def test_a_refused_fact_sets_the_message_aside_and_the_others_stand(record: Record) -> None:
    await walk(record, SECOND, Stage.CANCELLED)
    facts = (rejected(FIRST), HandedOver(fulfillment_id=SECOND), Picked(fulfillment_id=THIRD))
    number = await store(record)
    assert await apply(record, number, *facts) == "left-after-end"
    assert await quarantined(record, number) == "left-after-end"
    assert [stage for stage, _ in await standing(record)] == [Stage.RELEASED, Stage.CANCELLED, Stage.PICKED]
    async with record.begin() as tx:
        assert await tx.inbox.replay(number)
    assert await apply(record, number, *facts) == "left-after-end"
    assert [units for _, units in await standing(record)] == [2, 3, 3], "replaying it repeats nothing"


async def test_what_is_too_early_is_not_lost_beside_what_is_refused(record: Record) -> None:
    await walk(record, FIRST, Stage.CANCELLED)
    facts = (HandedOver(fulfillment_id=FIRST), HandedOver(fulfillment_id=SECOND))
    number = await store(record)
    with pytest.raises(Unavailable):
        await apply(record, number, *facts)
    assert (await message(record, number)).state is InboxState.NEW
    await walk(record, SECOND, Stage.LABELLED)
    assert await apply(record, number, *facts) == "left-after-end"
    assert (await standing(record))[1] == (Stage.HANDED_OVER, 3)
    assert await quarantined(record, number) == "left-after-end"


@pytest.mark.parametrize("after", [False, True])
async def test_a_message_survives_the_death_of_its_process_in_every_transaction(record: Record, *, after: bool) -> None:
    await walk(record, SECOND, Stage.LABELLED)
    scan = TrackingEvent(tracking_number="T-9", status=TrackingStatus.IN_TRANSIT, occurred_at=NOW.replace(year=2020))
    facts = (
        rejected(FIRST), HandedOver(fulfillment_id=SECOND), ParcelScanned(scan=scan), found_again(5), rejected(THIRD),
    )  # fmt: skip
    before = await quantities_of(record)
    number = await store(record)
    deaths = 0
    for transaction in range(2, 20):  # the first one only loads the message
        try:
            assert await apply(MortalRecord(record, transaction, after=after), number, *facts) == ""
        except Died:
            deaths += 1
        else:
            break
    assert (await message(record, number)).state is InboxState.DONE
    assert deaths >= 3
    assert await standing(record) == [(Stage.RELEASED, 2), (Stage.HANDED_OVER, 3), (Stage.RELEASED, 2)]
    assert await quantities_of(record) == (before[0] - 2 - 3 + 5, before[1] - 2 - 3)


async def test_two_who_apply_one_message_at_once_apply_each_fact_once(record: Record) -> None:
    facts = (rejected(FIRST), Picked(fulfillment_id=SECOND), rejected(THIRD))
    number = await store(record)
    assert await asyncio.gather(*(apply(record, number, *facts) for _ in range(3))) == ["", "", ""]
    assert await standing(record) == [(Stage.RELEASED, 2), (Stage.PICKED, 3), (Stage.RELEASED, 2)]
    assert (await message(record, number)).state is InboxState.DONE


async def test_two_who_apply_one_rejection_at_once_reject_once(record: Record) -> None:
    number = await store(record)
    assert await asyncio.gather(*(apply(record, number, rejected(FIRST)) for _ in range(3))) == ["", "", ""]
    assert (await standing(record))[0] == (Stage.RELEASED, 2)


async def test_the_only_fact_of_a_message_ends_it_in_its_own_transaction(record: Record) -> None:
    number = await store(record)
    row = await message(record, number)
    counted = MortalRecord(record)
    parties = cast("Parties", Depot((Picked(fulfillment_id=FIRST),)))
    assert await apply_message(Context(counted, parties, Policy(), lambda: NOW), row) == ""
    assert (counted.begun, (await message(record, number)).state) == (1, InboxState.DONE)
