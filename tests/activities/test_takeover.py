"""A channel is watched before it is ours: nothing is touched, and what was done before is never done again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.intake import receive_orders
from activities.publishing import PublishActivities
from activities.review import review
from activities.steps import ReviewRequest
from activities.takeover import Rehearsal, Verdict, rehearse_channel, take_over
from domain.listing import Listing
from domain.messages import PullStart
from domain.order import ChannelOrder, ChannelRefund, ChannelShipment, HoldReason, OrderState
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel, Mode
from domain.ports.stores.inbox import Received
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.invariants import violations
from infra.database.record import PostgresRecord
from tests.activities.market import Market
from tests.builders import ACCOUNT, BERLIN, NOW, TEA, channel_line, channel_order, location
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, quantities_of, receive

BEGIN = NOW - timedelta(days=2)


def order(number: str, quantity: int = 2, *, shipped: int = 0, **changes: Any) -> ChannelOrder:
    sent = ChannelShipment(tracking_number=f"OLD-{number}", quantities={"1": shipped})
    placed = {"placed_at": NOW - timedelta(days=1), "shipments": (sent,) if shipped else ()}
    line = channel_line(quantity=quantity)
    return channel_order(line, channel_order_id=number, **(placed | changes))


class Shop(Market):
    """A channel that shows these orders, and is watched before it is ours."""

    async def pull(self) -> None:
        told = tuple(
            Received(party=ACCOUNT, source="pull", subject=number, body=seen.model_dump_json().encode())
            for number, seen in self.orders.items()
        )
        await receive_orders(self.context, ACCOUNT, told)

    def show(self, *orders: ChannelOrder) -> None:
        self.orders |= {seen.channel_order_id: seen for seen in orders}

    async def go_live(self) -> dict[str, Verdict]:
        async with self.record.begin() as tx:
            await tx.takeover.go_live(ACCOUNT, BEGIN)
        return {taken.partition("/")[2]: verdict async for taken, verdict in take_over(self.context, ACCOUNT)}

    async def rehearse(self) -> dict[str, Rehearsal]:
        told = rehearse_channel(self.context, ACCOUNT, BEGIN)
        return {row.order_id.partition("/")[2]: row async for row in told}

    async def started(self) -> list[str]:
        async with self.record.begin() as tx:
            return sorted(telling.workflow_id for telling in await tx.outbox.take(100) if not telling.signal)


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def record(request: pytest.FixtureRequest) -> AsyncGenerator[Record]:
    if request.param == "fake":
        yield FakeRecord()
        return
    engine = create_engine(request.getfixturevalue("database_url"))
    yield PostgresRecord(engine, Cipher(bytes(32)))
    assert await violations(engine) == []
    await engine.dispose()


@pytest.fixture
async def shop(record: Record) -> Shop:
    """A watched channel that sells tea, of which ten lie in Berlin."""
    async with record.begin() as tx:
        channel = Channel(account=ACCOUNT, adapter="sandbox", settings="{}", mode=Mode.OBSERVE)
        await tx.catalog.save_channel(channel)
        await tx.catalog.save_location(location(BERLIN))
        await tx.catalog.save_sku(TEA, TEA, 100)
        line = channel_line()
        await tx.listings.save(ACCOUNT, (Listing(listing_id=line.listing_id, sku=TEA),), "test", NOW)
    await receive(record, 10)
    return Shop(record)


async def test_a_watched_order_is_recorded_and_nothing_comes_of_it(shop: Shop) -> None:
    shop.show(order("1"), order("2", shipped=1))
    await shop.pull()
    assert [(await load(shop.record, f"{ACCOUNT}/{number}")).state for number in "12"] == [OrderState.OBSERVED] * 2
    assert await shop.started() == []
    assert (await PublishActivities(shop.context).publish(PullStart(account=ACCOUNT))).paused
    assert await quantities_of(shop.record) == (10, 0)


async def test_a_rehearsal_says_what_would_happen_and_keeps_nothing_of_it(shop: Shop) -> None:
    unknown = channel_line(listing_id="NEW", sku="")
    shop.show(
        order("old", placed_at=BEGIN - timedelta(hours=1)), order("done", shipped=2), order("partly", shipped=1),
        order("open"), order("short", 11), channel_order(unknown, channel_order_id="unmapped", placed_at=NOW),
    )  # fmt: skip
    await shop.pull()
    told = await shop.rehearse()
    assert {number: (row.verdict, row.left, row.places) for number, row in told.items()} == {
        "old": (Verdict.OLD, 0, ()),
        "done": (Verdict.DONE, 0, ()),
        "partly": (Verdict.PARTLY, 1, (BERLIN,)),
        "open": (Verdict.OPEN, 2, (BERLIN,)),
        "short": (Verdict.OPEN, 11, ()),
        "unmapped": (Verdict.OPEN, 1, ()),
    }
    assert list(told["short"].lacks) == [f"stock:{TEA}"]
    assert list(told["unmapped"].lacks) == [f"sku:{ACCOUNT}:NEW"]
    assert await shop.rehearse() == told
    assert await quantities_of(shop.record) == (10, 0)
    assert (await load(shop.record, f"{ACCOUNT}/open")).lines[0].sku is None
    assert await shop.started() == []


async def test_taking_over_carries_what_is_left_and_nothing_else(shop: Shop) -> None:
    shop.show(
        order("old", placed_at=BEGIN - timedelta(hours=1)), order("done", shipped=2), order("partly", shipped=1),
        order("open"), order("cancelled", cancelled=True),
    )  # fmt: skip
    await shop.pull()
    shop.show(order("open", shipped=1))
    assert await shop.go_live() == {
        "old": Verdict.OLD,
        "done": Verdict.DONE,
        "partly": Verdict.PARTLY,
        "open": Verdict.PARTLY,
        "cancelled": Verdict.DONE,
    }
    assert await shop.started() == [f"order/{ACCOUNT}/open", f"order/{ACCOUNT}/partly"]
    for number in ("old", "done", "cancelled"):
        assert (await load(shop.record, f"{ACCOUNT}/{number}")).state is OrderState.EXTERNAL
    for number in ("open", "partly"):
        await review(shop.context, ReviewRequest(order_id=f"{ACCOUNT}/{number}"))
        assert [part.lines[0].quantity for part in (await load(shop.record, f"{ACCOUNT}/{number}")).fulfillments] == [1]
    assert await quantities_of(shop.record) == (10, 2)


async def test_taking_over_goes_on_where_it_was_broken_off_and_is_done_once(shop: Shop) -> None:
    shop.show(order("1"), order("2"))
    await shop.pull()
    async with shop.record.begin() as tx:
        await tx.takeover.go_live(ACCOUNT, BEGIN)
    async for _ in take_over(shop.context, ACCOUNT):
        break
    assert await shop.go_live() == {"2": Verdict.OPEN}
    assert await shop.go_live() == {}
    assert await shop.started() == [f"order/{ACCOUNT}/1", f"order/{ACCOUNT}/2"]


async def test_what_was_asked_for_while_it_was_watched_is_granted_when_it_is_ours(shop: Shop) -> None:
    shop.show(order("1"))
    await shop.pull()
    shop.show(order("1", cancel_requested=True))
    await shop.pull()
    await shop.go_live()
    assert [line.cancelled for line in (await load(shop.record, f"{ACCOUNT}/1")).lines] == [2]


async def test_goods_whose_money_was_given_back_do_not_leave_before_a_person_looked(shop: Shop) -> None:
    paid = order("1")
    shop.show(paid.model_copy(update={"refunds": (ChannelRefund(refund_id="R", amount=paid.captured),)}))
    await shop.pull()
    assert await shop.go_live() == {"1": Verdict.REFUNDED}
    kept = await load(shop.record, f"{ACCOUNT}/1")
    assert ([hold.reason for hold in kept.holds], kept.refunding) == ([HoldReason.REFUNDED], paid.captured)


async def test_once_a_channel_is_ours_its_new_orders_are_and_older_ones_are_not(shop: Shop) -> None:
    await shop.go_live()
    shop.show(order("new"), order("old", placed_at=datetime.fromisoformat("2020-01-01T00:00:00+00:00")))
    await shop.pull()
    states = [(await load(shop.record, f"{ACCOUNT}/{number}")).state for number in ("new", "old")]
    assert states == [OrderState.OPEN, OrderState.EXTERNAL]
    assert await shop.started() == [f"order/{ACCOUNT}/new"]


async def test_an_order_that_cannot_be_read_stays_watched_and_keeps_no_other_waiting(shop: Shop) -> None:
    shop.show(order("1"), order("2"))
    await shop.pull()
    gone = shop.orders.pop("1")
    assert {number: row.verdict for number, row in (await shop.rehearse()).items()} == {
        "1": Verdict.UNREAD,
        "2": Verdict.OPEN,
    }
    assert await shop.go_live() == {"1": Verdict.UNREAD, "2": Verdict.OPEN}
    shop.show(gone)
    assert await shop.go_live() == {"1": Verdict.OPEN}


async def test_units_that_a_channel_only_counts_as_shipped_are_not_sent_again(shop: Shop) -> None:
    shop.show(order("1"))
    await shop.pull()
    seen = order("1")
    counted = tuple(line.model_copy(update={"shipped": 1}) for line in seen.lines)
    shop.show(seen.model_copy(update={"lines": counted}))
    assert await shop.go_live() == {"1": Verdict.PARTLY}
    await review(shop.context, ReviewRequest(order_id=f"{ACCOUNT}/1"))
    assert [part.lines[0].quantity for part in (await load(shop.record, f"{ACCOUNT}/1")).fulfillments] == [1]
