"""An acknowledgement that refuses lines and takes its time, while more of the order is cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

from activities.cancellation import cancel_units
from activities.context import Context
from activities.order import OrderActivities
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.effect import Confirmed, Finding, Found, NotYet, Outcome, Rejected, Unknown
from domain.errors import Unavailable
from domain.order import ChannelOrder
from domain.policy import Policy
from domain.ports.marketplace import AcknowledgeOrder, CancelLines, RawOrder
from domain.ports.parties import Parties
from tests.builders import NOW, channel_line, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, record_order

ORDER = "shop/1001"


@dataclass
class SlowChannel:
    """A channel whose acknowledgements refuse lines at once and end later; it cancels nothing before that."""

    ended: bool = False
    by_hand: bool = False
    refused: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    looked_up: set[tuple[str, ...]] = field(default_factory=set[tuple[str, ...]])
    cancelled: list[CancelLines] = field(default_factory=list[CancelLines])
    capability = CAPABILITY.model_copy(update={"refuses_lines": True, "cancelling_refunds": False})

    async def marketplace(self, account: str) -> SlowChannel:
        del account
        return self

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        if self.by_hand:
            return Rejected(code="accepted-before", already_done=True)
        self.refused.append(write.refused)
        return Unknown(code="queued", trace="JOB")

    async def find(self, write: AcknowledgeOrder) -> Finding:
        self.looked_up.add(write.refused)
        return Found(confirmed=Confirmed()) if self.ended else NotYet(retry_after=300)

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        self.cancelled.append(write)
        return Confirmed()

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        return RawOrder(channel_order_id=channel_order_id, body=b"")

    def read_order(self, body: bytes) -> ChannelOrder:
        del body
        gone = self.refused[0] if self.refused else ()
        return channel_order(*(channel_line(key, cancelled=int(key in gone)) for key in "123"))


@pytest.fixture
def record() -> FakeRecord:
    return FakeRecord()


async def cancel(record: FakeRecord, line_id: str) -> None:
    async with record.begin() as tx:
        await cancel_units(tx, await tx.orders.load(ORDER, lock=True), {line_id: 1}, NOW, told=False)


def steps_of(record: FakeRecord, channel: SlowChannel) -> OrderActivities:
    return OrderActivities(Context(record, cast("Parties", channel), Policy(), lambda: NOW))


async def test_what_was_asked_for_is_looked_up_whatever_is_cancelled_or_seen_meanwhile(record: FakeRecord) -> None:
    channel = SlowChannel()
    steps = steps_of(record, channel)
    await record_order(record, channel.read_order(b""))
    await cancel(record, "2")
    with pytest.raises(Unavailable, match="perhaps done"):
        await steps.acknowledge(ORDER)
    await cancel(record, "3")
    with pytest.raises(Unavailable, match="still at it"):
        await steps.acknowledge(ORDER)
    async with record.begin() as tx:
        await tx.orders.tell_cancelled(ORDER, {"2": 1})  # a pull has seen it
    channel.ended = True
    assert (await steps.acknowledge(ORDER)).done
    order = await load(record, ORDER)
    assert (channel.refused, channel.looked_up) == ([("2",)], {("2",)})
    assert (order.acknowledged, [line.told_cancelled for line in order.lines]) == (True, [0, 1, 0])
    assert order.refunding
    assert (await steps.tell_cancelled(ORDER)).done
    assert [write.totals for write in channel.cancelled] == [{"3": 1}]


async def test_a_line_is_cancelled_by_the_acknowledgement_or_after_it_and_never_beside_it(record: FakeRecord) -> None:
    channel = SlowChannel()
    await record_order(record, channel.read_order(b""))
    await cancel(record, "2")
    with pytest.raises(Unavailable) as early:
        await steps_of(record, channel).tell_cancelled(ORDER)
    assert (early.value.code, channel.cancelled) == ("not-acknowledged-yet", [])


async def test_an_order_that_is_cancelled_whole_waits_for_no_acknowledgement(record: FakeRecord) -> None:
    channel = SlowChannel()
    await record_order(record, channel.read_order(b""))
    for line_id in "123":
        await cancel(record, line_id)
    assert (await steps_of(record, channel).tell_cancelled(ORDER)).done
    assert [write.totals for write in channel.cancelled] == [{"1": 1, "2": 1, "3": 1}]


async def test_an_acceptance_by_hand_refused_no_line(record: FakeRecord) -> None:
    channel = SlowChannel(by_hand=True)
    steps = steps_of(record, channel)
    await record_order(record, channel.read_order(b""))
    await cancel(record, "2")
    assert (await steps.acknowledge(ORDER)).done
    assert (await load(record, ORDER)).lines[1].told_cancelled == 0
    assert (await steps.tell_cancelled(ORDER)).done
    assert [write.totals for write in channel.cancelled] == [{"2": 1}]
