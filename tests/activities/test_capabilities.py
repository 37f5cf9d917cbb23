"""What a channel cannot do is not asked of it, and the order goes on all the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from activities.cancellation import cancel_units, everything
from activities.context import Context
from activities.order import OrderActivities
from activities.pull import FIRST_LOOK_BACK, PullActivities
from activities.steps import PartOf
from activities.tracking import TrackingActivities
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.effect import Confirmed, Outcome
from domain.errors import Unavailable
from domain.fulfillment import Stage
from domain.messages import PullStart
from domain.policy import Policy
from domain.ports.marketplace import AcknowledgeOrder, MarketplaceCapability, OrderPage, PullRule
from tests.activities.stage_parties import StageParties, Truth
from tests.activities.turnstile import Turnstile
from tests.builders import ACCOUNT, NOW, channel_line, channel_order, fulfillment
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, load, record_order, seed_catalog, walk

ORDER = channel_order(channel_line(quantity=2))
NUMBER = "T-1"


class Market:
    """A channel with this capability; it is told, and asked for orders."""

    def __init__(self, truth: Truth, capability: MarketplaceCapability) -> None:
        self._stage = StageParties(truth, Turnstile(), ORDER)
        self._capability = capability
        self.asked_since: list[datetime] = []
        self.pages = [OrderPage(orders=(), next_cursor=None, watermark=None)]
        self.acknowledged: list[AcknowledgeOrder] = []

    async def marketplace(self, account: str) -> Any:
        party: Any = await self._stage.marketplace(account)
        party.capability = self._capability
        party.list_orders = self._list_orders
        party.acknowledge = self._acknowledge
        return party

    async def _acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        self.acknowledged.append(write)
        return Confirmed()

    async def _list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        del cursor
        if not self.pages:
            raise Unavailable("limit:orders", retry_after=180)
        self.asked_since.append(since)
        return self.pages.pop(0)


@pytest.fixture
async def record() -> FakeRecord:
    record = FakeRecord()
    await seed_catalog(record)
    return record


def context_of(record: FakeRecord, market: Any) -> Context:
    return Context(record, market, Policy(), lambda: NOW)


@pytest.mark.parametrize(
    ("cancels", "units", "told"), [("lines", 1, 1), ("orders", 1, 0), ("orders", 2, 2), ("nothing", 2, 0)]
)
async def test_a_cancellation_is_told_as_far_as_the_seller_can_cancel_and_refunded_always(
    record: FakeRecord, cancels: Literal["lines", "orders", "nothing"], units: int, told: int
) -> None:
    truth, order_id = Truth(), await record_order(record, ORDER)
    async with record.begin() as tx:
        order = await tx.orders.load(order_id, lock=True)
        await cancel_units(tx, order, dict.fromkeys(everything(order), units), NOW, told=False)
    market = Market(truth, CAPABILITY.model_copy(update={"cancels": cancels}))
    assert (await OrderActivities(context_of(record, market)).tell_cancelled(order_id)).done
    kept = await load(record, order_id)
    assert truth.cancelled == told
    assert (kept.lines[0].told_cancelled, kept.refunding > 0) == (units, True)


@pytest.mark.parametrize(("refuses", "refused", "told"), [(True, ("2",), 1), (False, (), 0)])
async def test_a_line_that_was_cancelled_before_is_refused_where_single_lines_can_be(
    record: FakeRecord, *, refuses: bool, refused: tuple[str, ...], told: int
) -> None:
    order_id = await record_order(record, channel_order(channel_line("1"), channel_line("2")))
    async with record.begin() as tx:
        await cancel_units(tx, await tx.orders.load(order_id, lock=True), {"2": 1}, NOW, told=False)
    market = Market(Truth(), CAPABILITY.model_copy(update={"refuses_lines": refuses}))
    assert (await OrderActivities(context_of(record, market)).acknowledge(order_id)).done
    kept = await load(record, order_id)
    assert [write.refused for write in market.acknowledged] == [refused]
    assert (kept.acknowledged, kept.lines[1].told_cancelled, kept.refunding > 0) == (True, told, bool(told))


@pytest.mark.parametrize(("confirms", "told"), [(True, [NUMBER]), (False, [])])
async def test_a_channel_that_hears_of_no_shipments_is_told_of_none(
    record: FakeRecord, *, confirms: bool, told: list[str]
) -> None:
    truth, order_id = Truth(), await record_order(record, ORDER)
    part = await add_part(record, fulfillment(order_id, quantities={"1": 2}))
    await walk(record, part, Stage.HANDED_OVER)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(part, "swift", NOW)
        await tx.shipments.keep_label(parcel.parcel_id, Confirmed(remote_id="L", tracking_number=NUMBER), NOW)
    market = Market(truth, CAPABILITY.model_copy(update={"confirms": confirms}))
    await TrackingActivities(context_of(record, market)).push_tracking(PartOf(order_id=order_id, fulfillment_id=part))
    assert truth.shipped == told
    async with record.begin() as tx:
        assert [kept.tracking_told for kept in await tx.shipments.parcels(part)] == [True]


async def test_a_pull_that_breaks_off_goes_on_from_the_page_it_had_reached(record: FakeRecord) -> None:
    market = Market(Truth(), CAPABILITY)
    reached = NOW - timedelta(hours=3)
    market.pages = [OrderPage(orders=(), next_cursor="2", watermark=None, reached=reached)]
    with pytest.raises(Unavailable):
        await PullActivities(context_of(record, market)).pull(PullStart(account=ACCOUNT))
    market.pages = [OrderPage(orders=(), next_cursor=None, watermark=NOW)]
    await PullActivities(context_of(record, market)).pull(PullStart(account=ACCOUNT))
    assert market.asked_since[-1] == reached - CAPABILITY.pull.overlap


@pytest.mark.parametrize(
    ("rule", "since"),
    [
        ({"overlap": timedelta(minutes=5)}, NOW - FIRST_LOOK_BACK - timedelta(minutes=5)),
        ({"overlap": timedelta(0), "reaches": timedelta(days=7)}, NOW - timedelta(days=7)),
        ({"overlap": timedelta(0), "includes_since": False}, NOW - FIRST_LOOK_BACK - timedelta(seconds=1)),
    ],
)
async def test_a_pull_looks_back_as_far_as_the_channel_needs_and_reaches(
    record: FakeRecord, rule: Mapping[str, Any], since: datetime
) -> None:
    market = Market(Truth(), CAPABILITY.model_copy(update={"pull": PullRule(**rule)}))
    await PullActivities(context_of(record, market)).pull(PullStart(account=ACCOUNT))
    assert market.asked_since == [since]
