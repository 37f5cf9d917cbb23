"""A location that reports goods under a number which is surely mistyped is shown to operators, and not waited for."""

from __future__ import annotations

import pytest

from activities.context import Context
from activities.fact import apply_message
from domain.errors import Unavailable
from domain.facts import ReturnReceived
from domain.policy import Policy
from domain.ports.stores.inbox import InboxRow, InboxState
from tests.activities.stage_parties import StageParties, Truth
from tests.activities.turnstile import Turnstile
from tests.builders import NOW, channel_order, received
from tests.fakes.record import FakeRecord


async def report(number: str) -> str:
    record, parties = FakeRecord(), StageParties(Truth(), Turnstile(), channel_order())
    parties.facts[b"back"] = ReturnReceived(tracking_number=number)
    message = received(b"back", source="hook")
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((message,), NOW)
    assert inbox_id
    row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
    return await apply_message(Context(record, parties, Policy(), lambda: NOW), row)


async def test_a_mistyped_number_is_set_aside_where_operators_see_it() -> None:
    assert await report("1Z999AA10123456785") == "tracking-number-mistyped"


@pytest.mark.parametrize("number", ["1Z999AA10123456784", "SW-1001"])
async def test_a_number_that_may_be_right_is_waited_for(number: str) -> None:
    with pytest.raises(Unavailable) as wait:
        await report(number)
    assert wait.value.code == "no-return-yet"
