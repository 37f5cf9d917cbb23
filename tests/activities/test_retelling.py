"""What a channel forgot is told again once, whoever dies, refuses or is out meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from activities.operator import OperatorActivities
from domain.effect import EffectState, Outcome, Rejected
from domain.errors import Unavailable
from domain.messages import Retry
from domain.outage import Outage
from domain.ports.marketplace import ConfirmShipment
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.market import Market
from tests.builders import ACCOUNT
from tests.fakes.record import FakeRecord
from tests.stores.scenes import close, load, seed_catalog


@pytest.fixture
async def market() -> Market:
    record = FakeRecord()
    await seed_catalog(record)
    return Market(record)


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def any_market(request: pytest.FixtureRequest) -> AsyncGenerator[Market]:
    if request.param == "fake":
        fake = FakeRecord()
        await seed_catalog(fake)
        yield Market(fake)
        return
    engine = create_engine(request.getfixturevalue("database_url"))
    record = PostgresRecord(engine, Cipher(bytes(32)))
    await seed_catalog(record)
    yield Market(record)
    await engine.dispose()


@pytest.mark.parametrize("taken", [False, True])
async def test_a_sweep_that_dies_while_it_tells_again_is_gone_on_with(market: Market, *, taken: bool) -> None:
    market.sell("1")
    await market.sweep()
    await market.send_in_vain("1")
    tell = market.confirm_shipment

    async def die(write: ConfirmShipment) -> Outcome:
        if taken:
            await tell(write)
        raise KeyboardInterrupt

    market.confirm_shipment = die
    market.now += timedelta(hours=1)
    with pytest.raises(KeyboardInterrupt):
        await market.sweep()
    market.confirm_shipment = tell
    for _ in range(3):
        market.now += timedelta(hours=1)
        await market.sweep()
    assert [one.tracking_number for one in market.orders["1"].shipments] == ["T-1"]
    async with market.record.begin() as tx:
        (told,) = await tx.comparison.sent({f"{ACCOUNT}/1"})
        effect = await tx.effects.latest(f"tracking:{told.parcel_id}")
    assert told.told_at is not None
    assert effect is not None
    assert effect.state is EffectState.CONFIRMED


async def test_what_is_refused_when_told_again_waits_for_a_person_and_is_told_when_they_retry(market: Market) -> None:
    market.sell("1")
    await market.sweep()
    await market.send_in_vain("1")
    tell, asked = market.confirm_shipment, 0

    async def refuse(write: ConfirmShipment) -> Outcome:
        nonlocal asked
        del write
        asked += 1
        return Rejected(code="closed")

    market.confirm_shipment = refuse
    for _ in range(3):
        market.now += timedelta(hours=1)
        assert (await market.sweep()).retold == ()
    assert asked == 1
    retry = Retry(actor="ann", reason="they opened it")
    assert (await OperatorActivities(market.context).retry(f"{ACCOUNT}/1", retry)).done
    market.confirm_shipment = tell
    assert (await market.sweep()).retold == ("T-1",)


async def test_a_wait_that_a_sweep_left_ends_when_a_later_one_succeeds(market: Market) -> None:
    market.sell("1")
    await market.sweep()
    await market.send_in_vain("1")
    tell = market.confirm_shipment

    async def fail(write: ConfirmShipment) -> Outcome:
        del write
        async with market.record.begin() as tx:
            out = Outage(party=ACCOUNT, failures=9, failed_at=market.now, opened_at=market.now, probe_at=market.now)
            await tx.outages.keep(out)
        raise Unavailable(f"outage:{ACCOUNT}")

    market.confirm_shipment = fail
    market.now += timedelta(hours=1)
    await market.sweep()
    assert (await load(market.record, f"{ACCOUNT}/1")).ticket
    market.confirm_shipment = tell
    market.now += timedelta(hours=1)
    assert (await market.sweep()).retold == ("T-1",)
    async with market.record.begin() as tx:
        assert await tx.waits.of_order(f"{ACCOUNT}/1") == ()


async def refused_when_told_again(market: Market, *, closed: bool) -> None:
    """Let a channel forget a parcel, and refuse it when a sweep tells it again, before or after the order closed."""
    market.sell("1")
    await market.sweep()
    await market.send_in_vain("1")

    async def refuse(write: ConfirmShipment) -> Outcome:
        del write
        return Rejected(code="closed")

    market.confirm_shipment = refuse
    market.now += timedelta(hours=1)
    if closed:
        await close(market.record, f"{ACCOUNT}/1")
    await market.sweep()
    if not closed:
        await close(market.record, f"{ACCOUNT}/1")


@pytest.mark.parametrize("closed", [False, True])
async def test_a_closed_order_waits_for_nobody_and_what_its_channel_refused_is_named(
    any_market: Market, *, closed: bool
) -> None:
    market = any_market
    await refused_when_told_again(market, closed=closed)
    words = f"{ACCOUNT}/1: parcel T-1 is not there, and the channel does not take it any more"
    for _ in range(2):
        market.now += timedelta(hours=1)
        assert (await market.sweep()).differs == (words,)
        async with market.record.begin() as tx:
            assert await tx.waits.of_order(f"{ACCOUNT}/1") == ()
