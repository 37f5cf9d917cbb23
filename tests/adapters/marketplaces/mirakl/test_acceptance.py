"""Accepting orders: every line is decided, and nothing leaves before the buyer was debited."""

from typing import Any

import pytest

from adapters.marketplaces.mirakl.adapter import MiraklMarketplace
from domain.effect import Absent, Confirmed, Found, NotYet, Rejected, Unknown
from domain.ports.marketplace import AcknowledgeOrder
from tests.adapters.marketplaces.mirakl.conftest import Sell, line_of, sent, writes
from tests.adapters.marketplaces.mirakl.world import MiraklWorld


def acceptance(order: dict[str, Any], *refused: str, trace: str = "") -> AcknowledgeOrder:
    return AcknowledgeOrder(channel_order_id=order["order_id"], reference="acknowledge:1", refused=refused, trace=trace)


async def test_every_line_is_decided(adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld) -> None:
    order = await sell(1, 2, state="WAITING_ACCEPTANCE")
    await adapter.acknowledge(acceptance(order, line_of(order, 2)))
    assert sent(world) == {
        "order_lines": [{"id": line_of(order, 1), "accepted": True}, {"id": line_of(order, 2), "accepted": False}]
    }


async def test_an_accepted_order_is_acknowledged_once_its_buyer_was_debited(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(1, state="WAITING_ACCEPTANCE")
    assert isinstance(await adapter.find(acceptance(order)), Absent)
    outcome = await adapter.acknowledge(acceptance(order))
    assert isinstance(outcome, Unknown)
    again = acceptance(order, trace=outcome.trace)
    assert isinstance(await adapter.find(again), NotYet)
    world.market.finish_jobs()
    assert isinstance(await adapter.find(again), Found)


@pytest.mark.parametrize("state", ["REFUSED", "CANCELED"])
async def test_an_order_that_could_not_be_debited_is_rejected(
    state: str, adapter: MiraklMarketplace, sell: Sell
) -> None:
    order = await sell(1, state=state)
    assert await adapter.find(acceptance(order, trace="x")) == Rejected(code="mirakl-order-refused")


async def test_what_a_person_accepted_is_not_accepted_again(
    adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld
) -> None:
    order = await sell(1, 1)
    assert isinstance(await adapter.acknowledge(acceptance(order)), Confirmed)
    assert await adapter.acknowledge(acceptance(order, line_of(order, 2))) == Rejected(code="mirakl-lines-accepted")
    assert writes(world) == []


async def test_all_lines_refused_is_the_order_refused(adapter: MiraklMarketplace, sell: Sell) -> None:
    order = await sell(1, state="WAITING_ACCEPTANCE")
    write = acceptance(order, line_of(order))
    await adapter.acknowledge(write)
    assert order["order_state"] == "REFUSED"
    assert isinstance(await adapter.find(write), Found)


async def test_a_line_that_is_not_there_is_rejected(adapter: MiraklMarketplace, sell: Sell, world: MiraklWorld) -> None:
    order = await sell(1, state="WAITING_ACCEPTANCE")
    assert await adapter.acknowledge(acceptance(order, "X")) == Rejected(code="mirakl-no-such-line")
    assert writes(world) == []


async def test_a_refusal_of_the_marketplace_is_told_by_its_code(adapter: MiraklMarketplace, sell: Sell) -> None:
    order = await sell(1, state="STAGING")
    assert await adapter.acknowledge(acceptance(order)) == Rejected(code="ORDER_INVALID_STATE")
