"""Wishes to send something back, which can be faster than the word that it was delivered."""

from __future__ import annotations

from typing import cast

import pytest

from activities.arrival import apply_return_fact
from activities.context import Context
from activities.told import Told
from domain.errors import NotFound, Refused, Unavailable
from domain.facts import ReturnedUnits, ReturnRequested
from domain.fulfillment import Stage
from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores.inbox import InboxState
from tests.builders import ACCOUNT, BERLIN, NOW, channel_line, channel_order, fulfillment, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, record_order, seed_catalog, walk

PART = f"{ACCOUNT}/1001/F1"


@pytest.fixture
async def record() -> FakeRecord:
    """A record in which one of two lines is being labelled, and nobody has the other."""
    opened = FakeRecord()
    await seed_catalog(opened)
    order = channel_order(channel_line("1", 2), channel_line("2", 1))
    await add_part(opened, fulfillment(await record_order(opened, order), quantities={"1": 2}))
    await walk(opened, PART, Stage.LABELLING)
    return opened


async def ask(record: FakeRecord, line_id: str = "1", units: int = 2, location: str = "") -> InboxState:
    lines = (ReturnedUnits(line_id=line_id, quantity=units),)
    fact = ReturnRequested(channel_order_id="1001", course="label", lines=lines, location=location)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(b"take it back", source="hook"),), NOW)
        inbox_id = inbox_id or max(record.state.inbox)
        told = Told(await tx.inbox.load(inbox_id))
    await apply_return_fact(Context(record, cast("Parties", None), Policy(), lambda: NOW), told, fact)
    async with record.begin() as tx:
        return (await tx.inbox.load(inbox_id)).state


@pytest.mark.parametrize("location", ["", BERLIN])
async def test_a_wish_that_is_faster_than_the_word_of_the_delivery_waits_for_it(
    record: FakeRecord, location: str
) -> None:
    with pytest.raises(Unavailable) as early:
        await ask(record, location=location)
    assert early.value.code == "not-delivered-yet"
    await walk(record, PART, Stage.DELIVERED)
    assert await ask(record, location=location) is InboxState.DONE
    assert len(record.state.returns) == 1


async def test_a_wish_for_what_never_left_is_refused(record: FakeRecord) -> None:
    await walk(record, PART, Stage.CANCELLED)
    with pytest.raises(NotFound, match="nothing of shop/1001 has left"):
        await ask(record)


async def test_a_wish_for_more_than_was_delivered_is_refused_once_nothing_is_under_way(record: FakeRecord) -> None:
    await walk(record, PART, Stage.DELIVERED)
    with pytest.raises(Refused, match="more units than can come back"):
        await ask(record, units=3)
