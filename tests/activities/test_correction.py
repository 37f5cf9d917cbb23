"""Another tracking number: the parcel has it at once, and the channel hears of it once, whoever dies on the way."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from activities.tracking import TrackingActivities
from domain.facts import ParcelScanned
from domain.fulfillment import Stage
from domain.order import OrderState
from domain.ports.stores import Record
from domain.shipment import TrackingEvent, TrackingStatus
from tests.activities.depot import FIRST, MISTYPED, ORDER, PART, RECORDS, SECOND, THIRD, Depot, label_of, opened, sent
from tests.activities.mortal import Died
from tests.builders import ACCOUNT, NOW, fulfillment
from tests.stores.scenes import add_part, close, load, record_order, tellings, walk


@pytest.fixture(params=RECORDS)
async def record(request: pytest.FixtureRequest) -> AsyncGenerator[Record]:
    async with opened(request) as made:
        yield made


async def test_the_shop_is_told_a_correction_once(record: Record) -> None:
    depot = await sent(record)
    amended = await depot.amend(SECOND, carrier="ups")
    assert (amended.done, amended.review) == (True, True)
    assert (await depot.review()).corrected == (PART,)
    for _ in range(2):
        assert (await depot.correct()).ticket == 0
    assert (depot.told, await depot.shown()) == ([FIRST, SECOND], [SECOND])
    parcel = await depot.parcel()
    assert (parcel.tracking_number, parcel.former, parcel.told_number, parcel.carrier) == (
        SECOND, (FIRST,), SECOND, "ups",
    )  # fmt: skip
    assert (await depot.review()).corrected == ()


async def test_a_number_may_be_corrected_back_and_forth(record: Record) -> None:
    depot = await sent(record)
    for number in (SECOND, FIRST, SECOND, THIRD):
        assert (await depot.amend(number)).done
        assert (await depot.correct()).ticket == 0
    assert depot.told == [FIRST, SECOND, FIRST, SECOND, THIRD]
    assert await depot.shown() == [THIRD]


async def test_a_correction_before_the_shop_was_told_just_replaces_the_number(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say(FIRST)
    assert (await depot.amend(SECOND)).done
    assert (await depot.review()).corrected == ()
    assert (await depot.push()).ticket == 0
    assert (await depot.correct()).ticket == 0
    assert depot.told == [SECOND]


async def test_a_place_corrects_its_own_number_by_telling_another(record: Record) -> None:
    depot = await sent(record)
    assert await depot.say(SECOND) == ""
    assert {"woken", "changed"} <= {one.signal for one in await tellings(record)}
    await depot.correct()
    assert depot.told == [FIRST, SECOND]
    assert await depot.say(FIRST) == "", "an old report that comes again"
    assert (await depot.parcel()).tracking_number == SECOND


async def test_a_place_corrects_nothing_of_an_order_that_is_closed(record: Record) -> None:
    depot = await sent(record)
    await walk(record, PART, Stage.DELIVERED)
    assert await close(record, ORDER, OrderState.DELIVERED)
    assert await depot.say(SECOND) == "corrected-too-late"


async def test_a_number_that_cannot_be_right_is_refused_and_changes_nothing(record: Record) -> None:
    depot = await sent(record)
    assert await depot.say(MISTYPED) == "tracking-number-mistyped"
    refused = await depot.amend("986578788854", carrier="fedex")
    assert (refused.done, "check digit" in refused.words) == (False, True)
    depot.sell("1002")
    await record_order(record, depot.orders["1002"])
    other = await add_part(record, fulfillment(f"{ACCOUNT}/1002"), reserve=True)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(other, "swift", NOW)
        await tx.shipments.keep_label(parcel.parcel_id, label_of(SECOND), NOW)
    taken = await depot.amend(SECOND)
    assert (taken.done, f"{ACCOUNT}/1002/F1" in taken.words) == (False, True)
    assert (await depot.parcel()).tracking_number == FIRST


async def test_a_part_without_a_parcel_has_no_number_to_correct(record: Record) -> None:
    depot = await Depot(record).prepare()
    refused = await depot.amend(FIRST)
    assert (refused.done, refused.words) == (False, f"{PART} is RELEASED: it has no parcel")


async def test_saying_it_twice_wakes_again_and_changes_nothing(record: Record) -> None:
    depot = await sent(record)
    first, second = await depot.amend(SECOND), await depot.amend(SECOND)
    assert (second.done, second.ticket >= first.ticket) == (True, True)
    assert (await depot.parcel()).former == (FIRST,)


async def test_a_shop_that_cannot_be_told_asks_a_person_who_says_when_it_is_done(record: Record) -> None:
    depot = await sent(record, corrects=False)
    await depot.amend(SECOND)
    waiting = await depot.correct()
    (wait,) = [wait for wait in await depot.waits() if wait.scope == f"{PART}/correction"]
    assert (wait.cause, wait.code, waiting.cause) == (f"correction:{PART}", "cannot-correct", wait.cause)
    await walk(record, PART, Stage.DELIVERED)
    assert (await depot.review()).settled is None, "an order does not close over it"
    told = await depot.amend(SECOND, told=True)
    assert (told.done, told.ticket >= waiting.ticket, told.words.endswith("and the channel knows")) == (True,) * 3
    assert (await depot.correct()).ticket == 0
    assert depot.told == [FIRST]
    assert (await depot.review()).settled is OrderState.DELIVERED


async def test_what_a_person_corrected_at_the_shop_is_seen_there(record: Record) -> None:
    depot = await sent(record, corrects=False)
    await depot.amend(SECOND)
    await depot.correct()
    order = depot.orders["1001"]
    (shipment,) = order.shipments
    by_hand = shipment.model_copy(update={"tracking_number": SECOND})
    depot.orders["1001"] = order.model_copy(update={"shipments": (by_hand,)})
    assert (await depot.correct()).ticket == 0
    assert not (await depot.part()).told_otherwise


async def test_nobody_says_that_the_shop_knows_while_that_is_in_doubt_or_too_early(record: Record) -> None:
    depot = await sent(record)
    await depot.amend(SECOND)
    depot.fate = "dies"
    with pytest.raises(Died):
        await TrackingActivities(depot.context).correct_tracking(depot.part_of)
    refused = await depot.amend(SECOND, told=True)
    assert (refused.done, "in doubt" in refused.words) == (False, True)


async def test_the_shop_cannot_know_of_what_has_not_left(record: Record) -> None:
    depot = await Depot(record, labels_itself=False).prepare(Stage.LABELLED)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(PART, "swift", NOW)
        await tx.shipments.keep_label(parcel.parcel_id, label_of(FIRST), NOW)
    refused = await depot.amend(SECOND, told=True)
    assert (refused.done, "before it has left" in refused.words) == (False, True)


async def test_the_old_number_at_the_shop_is_no_shipment_by_hand(record: Record) -> None:
    depot = await sent(record)
    order = depot.orders["1001"]
    bare = tuple(one.model_copy(update={"reference": ""}) for one in order.shipments)
    depot.orders["1001"] = order.model_copy(update={"shipments": bare})
    await depot.amend(SECOND)
    depot.fate = "dies"
    with pytest.raises(Died):
        await TrackingActivities(depot.context).correct_tracking(depot.part_of)
    (line,) = (await load(record, ORDER)).lines
    assert line.by_hand == 0


async def test_a_scan_of_the_old_number_counts_if_it_was_made_before_the_correction(record: Record) -> None:
    depot = await sent(record)
    depot.now += timedelta(hours=2)
    await depot.amend(SECOND)
    assert await _scan(depot, FIRST, TrackingStatus.DELIVERED, hours=3) == ""
    assert (await depot.part()).stage is Stage.HANDED_OVER
    assert await _scan(depot, FIRST, TrackingStatus.IN_TRANSIT, hours=1) == ""
    assert (await depot.part()).stage is Stage.IN_TRANSIT
    assert await _scan(depot, SECOND, TrackingStatus.DELIVERED, hours=4) == ""
    assert (await depot.part()).stage is Stage.DELIVERED


@pytest.mark.parametrize("corrects", [True, False])
async def test_a_sweep_makes_no_second_shipment_of_one_whose_number_was_corrected(
    record: Record, *, corrects: bool
) -> None:
    depot = await sent(record, corrects=corrects)
    await depot.amend(SECOND)
    await depot.correct()
    depot.now += timedelta(hours=1)
    assert (await depot.sweep()).retold == ()
    order = depot.orders["1001"]
    forgetful = order.shipments[0].model_copy(update={"tracking_number": FIRST, "reference": ""})
    depot.orders["1001"] = order.model_copy(update={"shipments": (forgetful,)})
    depot.now += timedelta(hours=1)
    assert (await depot.sweep()).retold == ()
    assert len(depot.orders["1001"].shipments) == 1


async def _scan(depot: Depot, number: str, status: TrackingStatus, hours: int) -> str:
    scan = TrackingEvent(tracking_number=number, status=status, occurred_at=NOW + timedelta(hours=hours))
    depot.now = max(depot.now, NOW + timedelta(hours=hours + 1))
    return await depot.tell(ParcelScanned(scan=scan))
