"""Labels that the channel sells: bought there once whatever happens, given back there, and told of like any other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from activities.fulfillment import FulfillmentActivities
from activities.returns import ReturnActivities
from activities.tracking import TrackingActivities
from domain.effect import EffectKind, effect_base
from domain.errors import NotFound, Refused
from domain.fulfillment import Stage
from domain.messages import ReturnStart
from domain.ports.stores import Record
from domain.ports.stores.returns import ReturnRequest
from domain.returns import ReturnLine
from domain.shipment import ParcelState
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.counter_town import ACCOUNT, LABEL, SKU, STORE, VOID, Town
from tests.fakes.record import FakeRecord
from tests.stores.scenes import walk


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def town(request: pytest.FixtureRequest) -> AsyncGenerator[Town]:
    async with AsyncExitStack() as stack:
        record: Record = FakeRecord()
        if request.param == "postgres":
            engine = create_engine(request.getfixturevalue("database_url"))
            stack.push_async_callback(engine.dispose)
            record = PostgresRecord(engine, Cipher(bytes(32)))
        opened = Town(record)
        await opened.settle_in()
        stack.push_async_callback(opened.parties.aclose)
        yield opened


FAULTS: dict[str, dict[str, Any]] = {
    "the answer is lost": {"kind": "error_500"},
    "it is lost before it is read": {"kind": "error_500", "before": True, "status": 503},
    "the answer is a page": {"kind": "html"},
    "the answer is cut off": {"kind": "broken_json"},
    "it comes too soon": {"kind": "throttle"},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_label_is_bought_at_the_channel_once_whatever_happens(town: Town, fault: str) -> None:
    part = await town.sell()
    await town.strike(LABEL, **FAULTS[fault])
    assert (await town.label(part)).stage is Stage.LABELLED
    (sold,) = town.sold()
    (parcel,) = await town.parcels(part)
    assert (sold.carrier, sold.order_id, sold.kind) == (ACCOUNT, town.order(part).id, "outbound")
    assert (parcel.carrier, parcel.tracking_number, parcel.state) == (ACCOUNT, sold.id, ParcelState.LIVE)


async def test_a_worker_that_dies_with_the_answer_finds_the_label_it_bought(town: Town) -> None:
    part = await town.sell()
    town.network.at = "/labels"
    assert (await town.label(part)).stage is Stage.LABELLED
    assert [label.id for label in town.sold()] == [(await town.parcels(part))[0].tracking_number]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_cancelled_order_gives_its_label_back_to_the_channel(town: Town, fault: str) -> None:
    part = await town.sell()
    await town.label(part)
    await walk(town.record, part.fulfillment_id, Stage.CANCELLING)
    await town.strike(VOID, **FAULTS[fault])
    assert (await town.void(part)).stage is Stage.CANCELLING
    assert [label.status for label in town.sold()] == ["voided"]
    assert [parcel.state for parcel in await town.parcels(part)] == [ParcelState.VOIDED]


async def test_a_label_begun_before_a_cancellation_is_looked_up_there_and_given_back(town: Town) -> None:
    part = await town.sell()
    town.network.at = "/labels"
    with pytest.raises(ConnectionAbortedError):
        await town.steps.buy_label(part)
    await walk(town.record, part.fulfillment_id, Stage.CANCELLING)
    assert (await town.void(part)).stage is Stage.CANCELLING
    assert [label.status for label in town.sold()] == ["voided"]


async def test_a_parcel_that_left_before_its_label_was_known_is_found_though_the_order_was_cancelled(
    town: Town,
) -> None:
    part = await town.sell()
    town.network.at = "/labels"
    with pytest.raises(ConnectionAbortedError):
        await town.steps.buy_label(part)
    await walk(town.record, part.fulfillment_id, Stage.CANCELLING)
    assert await town.scan(part, "in_transit", town.sold()[0].id) == "no-parcel-yet"
    assert (await town.label(part)).stage is Stage.CANCELLING
    assert [parcel.state for parcel in await town.parcels(part)] == [ParcelState.LIVE]
    assert await town.scan(part, "in_transit") == ""
    assert await town.stage(part) is Stage.IN_TRANSIT


async def test_what_was_bought_there_is_given_back_there_when_carriers_sell_again(town: Town) -> None:
    part = await town.sell()
    await town.label(part)
    await town.let_sell(sells_labels=False)
    later = await town.sell()
    await town.label(later)
    assert [label.carrier for label in town.sold()] == [ACCOUNT, "sandbox-swift"]
    await walk(town.record, part.fulfillment_id, Stage.CANCELLING)
    await town.void(part)
    assert [label.status for label in town.sold()] == ["voided", "bought"]


async def test_the_channel_hears_of_its_own_label_and_tells_how_the_parcel_travels(town: Town) -> None:
    part = await town.sell()
    await town.label(part)
    assert await town.scan(part, "in_transit") == ""
    assert await town.stage(part) is Stage.IN_TRANSIT
    await TrackingActivities(town.context).push_tracking(part)
    (told,) = town.order(part).shipments
    assert (told.tracking_number, [(line.quantity) for line in told.lines]) == (town.sold()[0].id, [2])
    assert await town.scan(part, "delivered") == ""
    assert await town.stage(part) is Stage.DELIVERED


async def test_the_label_of_a_return_is_bought_there_too_and_looked_up_where_it_was_begun(town: Town) -> None:
    part = await town.sell()
    line = town.order(part).lines[0].id
    lines = (ReturnLine(line_id=line, sku=SKU, quantity=1),)
    wish = ReturnRequest(
        order_id=part.order_id, key="r", course="label", lines=lines, location=STORE, reason="too hot"
    )  # fmt: skip
    await town.label(part)
    await walk(town.record, part.fulfillment_id, Stage.DELIVERED)
    async with town.record.begin() as tx:
        back = await tx.returns.open(wish, town.clock())
    returns = ReturnActivities(town.context)
    start = ReturnStart(order_id=part.order_id, return_id=back.return_id, account=ACCOUNT)
    assert (await returns.authorise(start)).carrier == ACCOUNT
    town.network.at = "/labels"
    with pytest.raises(ConnectionAbortedError):
        await returns.buy_label(start)
    await town.let_sell(sells_labels=False)
    assert (await returns.buy_label(start)).done
    assert [(label.carrier, label.kind) for label in town.sold()] == [(ACCOUNT, "outbound"), (ACCOUNT, "return")]
    async with town.record.begin() as tx:
        known = await tx.returns.by_tracking(town.sold()[1].id)
        effect = await tx.effects.latest(effect_base(EffectKind.RETURN_LABEL, back.return_id))
    assert (known and known.return_id, effect and effect.adapter) == (back.return_id, ACCOUNT)


async def test_a_place_that_labels_by_itself_is_not_given_what_the_channel_labels(town: Town) -> None:
    part = (await town.sell(Stage.PLANNED)).model_copy(update={"system": "alone"})
    with pytest.raises(Refused) as refused:
        await FulfillmentActivities(town.context).release(part)
    assert refused.value.code == "channel-sells-labels"
    assert await town.stage(part) is Stage.PLANNED
    assert dict(town.inside.world.works) == {}


async def test_nobody_sells_labels_under_a_name_that_is_neither_a_carriers_nor_the_channels(town: Town) -> None:
    carriers = await town.parties.carriers(ACCOUNT)
    assert carriers(ACCOUNT).capability.return_labels
    assert carriers("sandbox-swift").capability.intercepts
    with pytest.raises(NotFound):
        carriers("another")
