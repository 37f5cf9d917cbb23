"""A channel that loses rows, hints and writes differs from the record by nothing after one sweep."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest

from activities.intake import refresh_order
from activities.pull import PullActivities
from activities.reconcile import Sweep
from domain.effect import Confirmed, Finding, Found
from domain.errors import ContractBroken, CrossdockError, Refused, Unavailable
from domain.messages import PullStart
from domain.ports.marketplace import ConfirmShipment, OrderPage, RawOrder
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.market import Market
from tests.builders import ACCOUNT, NOW, channel_line, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, seed_catalog

ORDERS = 600


@pytest.fixture
async def market() -> Market:
    record = FakeRecord()
    await seed_catalog(record)
    return Market(record)


@pytest.fixture
async def lossy(database_url: str) -> AsyncGenerator[Market]:
    engine = create_engine(database_url)
    record = PostgresRecord(engine, Cipher(bytes(32)))
    await seed_catalog(record)
    yield Market(record, rows_lost=0.01, writes_lost=0.005)
    await engine.dispose()


@pytest.mark.stack
@pytest.mark.timeout(240)
async def test_after_one_sweep_of_a_lossy_channel_there_is_no_difference(lossy: Market) -> None:
    lossy.sell(*(f"{number:04}" for number in range(ORDERS)))
    for number in list(lossy.orders)[::2]:
        if lossy.luck.random() >= lossy.rows_lost:
            await refresh_order(lossy.context, ACCOUNT, number)
    await PullActivities(lossy.context).pull(PullStart(account=ACCOUNT))
    async with lossy.record.begin() as tx:
        known = await tx.comparison.recorded_since(ACCOUNT, NOW - timedelta(days=1), "", ORDERS)
    for key in known:
        await lossy.send(key.partition("/")[2])
    before = await lossy.differences()
    assert any("T-" in words for words in before), "some writes were lost"
    assert any("T-" not in words for words in before), "some orders were never listed"
    lossy.now += timedelta(hours=1)
    sweep = await lossy.sweep()
    assert await lossy.differences() == []
    assert sweep.fresh
    assert sweep.unlisted
    assert sweep.retold
    assert sweep.differs == ()
    again = await lossy.sweep()
    assert (again.fresh, again.retold, again.gone) == (0, (), ())
    _show_more_units(lossy, "0000")
    lossy.rows_lost = 0.0
    assert (await lossy.sweep()).differs == (f"{ACCOUNT}/0000: line 1 has 1 units here, 3 there",)


def _show_more_units(market: Market, number: str) -> None:
    sent = market.orders[number].shipments
    market.orders[number] = channel_order(
        channel_line(quantity=3), channel_order_id=number, placed_at=NOW, updated_at=market.now, shipments=sent
    )


async def test_what_was_told_just_now_is_given_time_to_show(market: Market) -> None:
    market.sell("1")
    await market.sweep()
    await market.send_in_vain("1")
    assert (await market.sweep()).retold == ()
    market.now += timedelta(minutes=6)
    assert (await market.sweep()).retold == ("T-1",)
    assert [one.tracking_number for one in market.orders["1"].shipments] == ["T-1"]


async def test_an_order_that_the_channel_forgot_is_named_and_left_alone(market: Market) -> None:
    market.sell("1", "2")
    await market.sweep()
    del market.orders["1"]
    sweep = await market.sweep()
    assert (sweep.unlisted, sweep.gone) == (1, (f"{ACCOUNT}/1",))
    assert (await load(market.record, f"{ACCOUNT}/1")).holds == ()


async def test_a_shipment_that_the_channel_shows_in_its_own_way_is_not_told_twice(market: Market) -> None:
    market.sell("1")
    await market.sweep()
    await market.send("1")
    (sent,) = market.orders["1"].shipments
    shown = market.orders["1"].model_copy(update={"shipments": (sent.model_copy(update={"tracking_number": "t 1"}),)})
    market.orders["1"] = shown

    async def find(write: ConfirmShipment) -> Finding:
        return Found(confirmed=Confirmed(remote_id=write.reference))

    market.find = find
    market.now += timedelta(hours=1)
    assert (await market.sweep()).retold == ()
    assert market.orders["1"] == shown


async def test_a_paused_channel_is_not_swept(market: Market) -> None:
    async with market.record.begin() as tx:
        await tx.catalog.pause_channel(ACCOUNT, paused=True)
    market.sell("1")
    assert await market.sweep() == Sweep(paused=True)


@pytest.mark.parametrize("error", [ContractBroken("not-json"), Refused("http-400")])
async def test_an_order_that_the_channel_cannot_show_keeps_no_other_from_being_swept(
    market: Market, error: CrossdockError
) -> None:
    market.sell("1", "2")
    await market.sweep()
    show = market.fetch_order

    async def stumble(channel_order_id: str) -> RawOrder:
        if channel_order_id == "1":
            raise error
        return await show(channel_order_id)

    market.fetch_order = stumble
    market.rows_lost = 1.0
    sweep = await market.sweep()
    assert (sweep.unlisted, sweep.unread) == (2, (f"{ACCOUNT}/1",))


async def test_a_sweep_of_a_channel_that_does_not_answer_leaves_it_to_the_next(market: Market) -> None:
    async def out(since: datetime, cursor: str | None) -> OrderPage:
        del since, cursor
        raise Unavailable(f"outage:{ACCOUNT}")

    market.list_orders = out
    assert await market.sweep() == Sweep(out=True)
