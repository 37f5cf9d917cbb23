"""The inbox loop: one message that cannot be applied stops none of those behind it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.context import Context
from domain.errors import Unavailable
from domain.facts import Fact, ReturnedUnits, ReturnRequested
from domain.order import order_id
from domain.policy import Policy
from domain.ports.stores.inbox import InboxRow, InboxState, Received
from tests.builders import ACCOUNT, BERLIN, NOW, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import deliver, seed_catalog
from workers.loops import sweep_inbox


class Reader:
    """A channel whose messages say which order is wanted back, and how much of it."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    async def webhooks(self, party: str) -> Reader:
        assert party == ACCOUNT
        return self

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        self.read.append(body)
        number, _, units = body.decode().partition(" ")
        if number == "broken":
            raise RuntimeError("a bug")
        if number == "nothing":
            return ()
        if number == "early":
            raise Unavailable("too-early")
        lines = (ReturnedUnits(line_id="1", quantity=int(units)),)
        fact = ReturnRequested(channel_order_id=number, request_id="W1", course="store", lines=lines, location=BERLIN)
        return (fact,)


@pytest.fixture
async def record() -> FakeRecord:
    record = FakeRecord()
    await seed_catalog(record)
    for number in ("1", "2"):
        await deliver(record, channel_order(channel_order_id=number), {"1": 1})
    return record


async def sweep(record: FakeRecord, *bodies: str) -> list[InboxState]:
    return [row.state for row in await sweep_at(record, NOW, *bodies)]


async def sweep_at(record: FakeRecord, now: datetime, *bodies: str, reader: Reader | None = None) -> list[InboxRow]:
    told = tuple(Received(party=ACCOUNT, source="hook", subject="", body=body.encode()) for body in bodies)
    async with record.begin() as tx:
        await tx.inbox.store(told, NOW - timedelta(minutes=1))
    parties: Any = reader or Reader()
    await sweep_inbox(Context(record, parties, Policy(), lambda: now))
    async with record.begin() as tx:
        rows = [await tx.inbox.load(inbox_id) for inbox_id in record.state.inbox]
    return [row for row in rows if row.source == "hook"]


async def returns_of(record: FakeRecord) -> set[str]:
    return {back.order_id for back in record.state.returns.values()}


async def test_a_message_that_meets_a_bug_stops_none_of_those_behind_it(record: FakeRecord) -> None:
    assert await sweep(record, "broken", "1 1") == [InboxState.NEW, InboxState.DONE]
    assert await returns_of(record) == {order_id(ACCOUNT, "1")}


async def test_messages_that_come_too_early_hide_none_of_those_behind_them(record: FakeRecord) -> None:
    early = tuple(f"early {number}" for number in range(60))
    assert await sweep(record, *early, "1 1") == [InboxState.NEW] * 60 + [InboxState.DONE]


async def test_what_cannot_be_applied_yet_says_why(record: FakeRecord) -> None:
    rows = await sweep_at(record, NOW, "early", "broken")
    assert [(row.state, row.code) for row in rows] == [(InboxState.NEW, "too-early"), (InboxState.NEW, "broken")]


async def test_what_came_too_early_is_tried_less_often_the_older_it_is(record: FakeRecord) -> None:
    reader = Reader()
    for seconds in range(0, 3600, 2):
        await sweep_at(record, NOW + timedelta(seconds=seconds), "early", reader=reader)
    assert 10 < len(reader.read) < 30


async def test_a_message_that_means_nothing_is_done_with(record: FakeRecord) -> None:
    assert await sweep(record, "nothing") == [InboxState.DONE]


async def test_wishes_that_each_order_numbers_by_itself_are_all_kept(record: FakeRecord) -> None:
    await sweep(record, "1 1", "2 1")
    assert await returns_of(record) == {order_id(ACCOUNT, "1"), order_id(ACCOUNT, "2")}


async def test_a_wish_that_cannot_be_granted_is_set_aside_where_people_see_it(record: FakeRecord) -> None:
    assert await sweep(record, "1 9") == [InboxState.QUARANTINED]
