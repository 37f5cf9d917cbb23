"""A channel that tells where the goods go only once the order is accepted and its buyer debited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from activities.context import Context
from activities.order import OrderActivities
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.effect import Confirmed, Finding, Found, NotYet, Outcome, Unknown
from domain.errors import Unavailable
from domain.order import ChannelOrder
from domain.policy import Policy
from domain.ports.marketplace import AcknowledgeOrder, RawOrder
from domain.ports.parties import Parties
from tests.builders import NOW, address, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, record_order

ORDER = "shop/1001"


@dataclass
class LaterChannel:
    """A channel that accepts at once, debits later, and tells the address then."""

    debited: bool = False
    capability = CAPABILITY

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        return Unknown(code="debit-queued", trace=write.channel_order_id)

    async def find(self, write: AcknowledgeOrder) -> Finding:
        assert write.trace
        return Found(confirmed=Confirmed()) if self.debited else NotYet(retry_after=300)

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        return RawOrder(channel_order_id=channel_order_id, body=b"")

    def read_order(self, body: bytes) -> ChannelOrder:
        del body
        return channel_order(address=address() if self.debited else None, address_later=not self.debited)


async def test_an_order_is_acknowledged_when_its_address_is_known() -> None:
    record, channel = FakeRecord(), LaterChannel()
    await record_order(record, channel.read_order(b""))

    class OneChannel:
        async def marketplace(self, account: str) -> LaterChannel:
            del account
            return channel

    steps = OrderActivities(Context(record, cast("Parties", OneChannel()), Policy(), lambda: NOW))
    for _ in range(2):
        with pytest.raises(Unavailable):
            await steps.acknowledge(ORDER)
    assert not (await load(record, ORDER)).acknowledged
    channel.debited = True
    assert (await steps.acknowledge(ORDER)).done
    order = await load(record, ORDER)
    assert (order.acknowledged, order.country) == (True, address().country)
