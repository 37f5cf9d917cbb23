"""A location says with how many units a parcel left: what stayed behind was not found, and is planned again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from activities.context import Context
from activities.fact import apply_message
from domain.facts import Fact, HandedOver, SentUnits
from domain.fulfillment import Stage
from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores.inbox import InboxRow, InboxState
from tests.builders import ACCOUNT, NOW, channel_line, channel_order, fulfillment, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, claims_of, quantities_of, receive, record_order, seed_catalog, walk

PART = f"{ACCOUNT}/1001/F1"


@dataclass
class Depot:
    """A partner that says one thing."""

    fact: Fact

    async def webhooks(self, party: str) -> Depot:
        del party
        return self

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        del body
        return (self.fact,)


async def picked(stage: Stage = Stage.PICKED) -> FakeRecord:
    """Return a record in which three units of tea are on their way out."""
    record = FakeRecord()
    await seed_catalog(record)
    await receive(record, 10)
    order_id = await record_order(record, channel_order(channel_line("a", 3)))
    part = fulfillment(order_id, quantities={"a": 3})
    await add_part(record, part)
    async with record.begin() as tx:
        assert await tx.stock.reserve(part.fulfillment_id, claims_of(part))
    await walk(record, PART, stage)
    return record


async def say(record: FakeRecord, units: int) -> tuple[str, Stage, int]:
    """Let the partner say that units left; return the code, and where and how large the part is."""
    fact = HandedOver(fulfillment_id=PART, lines=(SentUnits(line_id="a", quantity=units),))
    message = received(str(units).encode(), source="hook", party="depot")
    async with record.begin() as tx:
        (number,) = await tx.inbox.store((message,), NOW)
    assert number
    row = InboxRow(**message.model_dump(), inbox_id=number, state=InboxState.NEW)
    code = await _applied(record, row, fact)
    async with record.begin() as tx:
        part = await tx.fulfillments.load(PART)
    return code, part.stage, sum(line.quantity for line in part.lines)


async def _applied(record: FakeRecord, row: InboxRow, fact: Fact) -> str:
    context = Context(record, cast("Parties", Depot(fact)), Policy(), lambda: NOW)
    return await apply_message(context, row)


async def test_all_units_that_left_are_a_plain_hand_over() -> None:
    assert await say(await picked(Stage.LABELLED), 3) == ("", Stage.HANDED_OVER, 3)


async def test_fewer_units_take_the_rest_off_before_the_parcel_has_its_label() -> None:
    record = await picked()
    with pytest.raises(Exception, match="has no label yet"):
        await say(record, 2)
    async with record.begin() as tx:
        part = await tx.fulfillments.load(PART)
        message = await tx.inbox.load(max(record.state.inbox))
    assert (part.stage, [line.quantity for line in part.lines]) == (Stage.PICKED, [2])
    assert message.state is InboxState.NEW, "it is applied again once there is a label"
    assert await quantities_of(record) == (2, 2), "the shelf is not believed any more"


@pytest.mark.parametrize(("units", "code"), [(2, "sent-too-little"), (4, "sent-too-much")])
async def test_what_contradicts_the_label_is_set_aside(units: int, code: str) -> None:
    assert await say(await picked(Stage.LABELLED), units) == (code, Stage.LABELLED, 3)
