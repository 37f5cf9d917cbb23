"""A place that labels its parcels itself: no label is bought, and the channel hears the number that the place tells."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from activities.fulfillment import FulfillmentActivities
from activities.shipment import ShipmentActivities
from domain.errors import Unavailable
from domain.facts import HandedOver, LinesRejected, ParcelScanned, Picked, RejectedLine
from domain.fulfillment import Stage
from domain.ports.stores import Record
from domain.ports.stores.fulfillment import Move
from domain.shipment import ParcelState, TrackingEvent, TrackingStatus
from tests.activities.depot import FIRST, MISTYPED, ORDER, PART, RECORDS, SECOND, Depot, label_of, opened
from tests.activities.mortal import Died, MortalRecord
from tests.builders import ACCOUNT, NOW, fulfillment
from tests.stores.scenes import add_part, load, quantities_of, record_order, tellings


@pytest.fixture(params=RECORDS)
async def record(request: pytest.FixtureRequest) -> AsyncGenerator[Record]:
    async with opened(request) as made:
        yield made


async def test_released_work_waits_for_the_place_and_no_label_is_bought(record: Record) -> None:
    depot = await Depot(record).prepare(None)
    released = await FulfillmentActivities(depot.context).release(
        depot.part_of.model_copy(update={"needs_hand": False})
    )
    assert released.labels_itself
    assert [wait.cause for wait in await depot.waits()] == [f"staff:{PART}"]
    (course,) = (await depot.review()).courses
    assert course.labels_itself
    again = await FulfillmentActivities(depot.context).release(depot.part_of)
    assert (again.stage, again.labels_itself) == (Stage.RELEASED, True)


@pytest.mark.parametrize("stage", [Stage.RELEASED, Stage.PICKED])
async def test_a_label_that_is_asked_for_all_the_same_is_not_bought(record: Record, stage: Stage) -> None:
    depot = await Depot(record).prepare(stage)
    part = depot.part_of.model_copy(update={"needs_hand": stage is Stage.PICKED})
    refused = await ShipmentActivities(depot.context).buy_label(part)
    assert (refused.stage, refused.labels_itself) == (None, True)
    assert (await depot.part()).stage is stage
    async with record.begin() as tx:
        assert await tx.shipments.parcels(PART) == ()


@pytest.mark.parametrize("stage", [Stage.RELEASED, Stage.PICKED])
async def test_a_parcel_leaves_under_the_number_that_the_place_tells(record: Record, stage: Stage) -> None:
    depot = await Depot(record).prepare(stage)
    assert await depot.say(" 1Z 999AA10123456784", "UPS") == ""
    parcel = await depot.parcel()
    assert (parcel.state, parcel.tracking_number, parcel.carrier) == (ParcelState.LIVE, FIRST, "UPS")
    assert (await depot.part()).stage is Stage.HANDED_OVER
    assert await quantities_of(record) == (9, 0)
    assert [wait.cause for wait in await depot.waits()] == [f"delivery:{PART}"]
    for _ in range(2):
        assert (await depot.push()).ticket == 0
    assert (depot.told, await depot.shown()) == ([FIRST], [FIRST])


async def test_what_it_says_twice_counts_once(record: Record) -> None:
    depot = await Depot(record).prepare()
    for _ in range(3):
        assert await depot.say(FIRST) == ""
    assert await quantities_of(record) == (9, 0)
    assert (await depot.parcel()).former == ()
    assert len([one for one in await tellings(record) if one.signal == "advanced"]) == 1


async def test_who_collects_there_carries_it_unless_the_place_says_otherwise(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say(FIRST)
    assert (await depot.parcel()).carrier == "swift"


async def test_fewer_units_leave_the_rest_to_be_planned_anew(record: Record) -> None:
    depot = await Depot(record).prepare(units=3)
    assert await depot.say(FIRST, units=2) == ""
    part = await depot.part()
    assert (part.stage, [line.quantity for line in part.lines]) == (Stage.HANDED_OVER, [2])
    (line,) = (await load(record, ORDER)).lines
    assert line.open == 1


async def test_a_parcel_with_nothing_in_it_is_set_aside_whole(record: Record) -> None:
    depot = await Depot(record).prepare()
    assert await depot.say(FIRST, units=0) == "left-with-nothing"
    assert ((await depot.part()).stage, await quantities_of(record)) == (Stage.RELEASED, (10, 1))


async def test_a_number_that_is_surely_mistyped_is_set_aside_and_changes_nothing(record: Record) -> None:
    depot = await Depot(record).prepare()
    assert await depot.say(MISTYPED) == "tracking-number-mistyped"
    assert await depot.say("986578788854", "FedEx") == "tracking-number-mistyped"
    assert (await depot.part()).stage is Stage.RELEASED
    assert await depot.say(FIRST) == ""


async def test_a_number_of_another_live_parcel_is_set_aside(record: Record) -> None:
    depot = await Depot(record).prepare()
    depot.sell("1002")
    await record_order(record, depot.orders["1002"])
    other = await add_part(record, fulfillment(f"{ACCOUNT}/1002"), reserve=True)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(other, "swift", NOW)
        await tx.shipments.keep_label(parcel.parcel_id, label_of(FIRST), NOW)
    assert await depot.say(FIRST) == "tracking-number-taken"
    async with record.begin() as tx:
        await tx.shipments.void(parcel.parcel_id, NOW)
    assert await depot.say(FIRST) == ""


async def test_a_scan_that_was_faster_than_the_place_is_followed(record: Record) -> None:
    depot = await Depot(record).prepare()
    scan = TrackingEvent(tracking_number=FIRST, status=TrackingStatus.IN_TRANSIT, occurred_at=NOW)
    async with record.begin() as tx:
        assert await tx.shipments.scan(scan, NOW) is None
    assert await depot.say(FIRST) == ""
    assert (await depot.part()).stage is Stage.IN_TRANSIT


async def test_scans_of_the_places_number_are_followed(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say(FIRST)
    scan = TrackingEvent(tracking_number=FIRST, status=TrackingStatus.DELIVERED, occurred_at=NOW)
    assert await depot.tell(ParcelScanned(scan=scan)) == ""
    assert (await depot.part()).stage is Stage.DELIVERED


async def test_without_a_number_the_channel_is_told_where_it_takes_that(record: Record) -> None:
    depot = await Depot(record, unnumbered=True).prepare()
    assert await depot.say() == ""
    assert (await depot.parcel()).tracking_number is None
    assert (await depot.push()).ticket == 0
    assert depot.told == [""]
    assert not (await depot.part()).told_otherwise


async def test_without_a_number_it_waits_visibly_until_somebody_tells_one(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say()
    assert (await depot.part()).stage is Stage.HANDED_OVER
    waiting = await depot.push()
    assert (waiting.ticket > 0, waiting.cause) == (True, f"tracking:{PART}")
    (wait,) = [wait for wait in await depot.waits() if wait.cause.startswith("tracking:")]
    assert (wait.code, wait.scope) == ("no-number", f"{PART}/tracking")
    amended = await depot.amend(FIRST)
    assert amended.done
    assert amended.ticket >= waiting.ticket
    assert [wait.cause for wait in await depot.waits()] == [f"delivery:{PART}"]
    assert (await depot.push()).ticket == 0
    assert depot.told == [FIRST]


async def test_a_number_that_the_place_tells_later_ends_the_waiting(record: Record) -> None:
    depot = await Depot(record).prepare()
    await depot.say()
    await depot.push()
    assert await depot.say(FIRST) == ""
    assert {"woken", "changed"} <= {one.signal for one in await tellings(record)}
    assert (await depot.push()).ticket == 0
    assert depot.told == [FIRST]


async def test_a_part_that_is_called_back_is_recalled_and_nothing_is_voided(record: Record) -> None:
    depot = await Depot(record).prepare()
    await _call_back(depot)
    assert (await FulfillmentActivities(depot.context).recall(depot.part_of)).done
    ended = await FulfillmentActivities(depot.context).finish_cancelling(depot.part_of)
    assert ended.stage is Stage.REPLANNED
    assert await depot.say(FIRST) == "left-after-end"
    assert await quantities_of(record) == (10, 0)


@pytest.mark.parametrize("number", [FIRST, ""])
async def test_goods_that_left_while_they_were_called_back_have_left(record: Record, number: str) -> None:
    depot = await Depot(record).prepare()
    await _call_back(depot)
    assert await depot.say(number) == ""
    parcel = await depot.parcel()
    assert (parcel.state, parcel.tracking_number) == (ParcelState.LIVE, number or None)
    assert ((await depot.part()).stage, await quantities_of(record)) == (Stage.HANDED_OVER, (9, 0))


async def test_lines_are_rejected_and_picks_reported_as_anywhere(record: Record) -> None:
    depot = await Depot(record).prepare()
    assert await depot.tell(Picked(fulfillment_id=PART)) == ""
    line = RejectedLine(line_id="1", quantity=1, reason="damaged")
    assert await depot.tell(LinesRejected(fulfillment_id=PART, lines=(line,))) == ""
    assert (await depot.part()).stage is Stage.REJECTED


async def test_a_place_that_sends_with_our_labels_cannot_tell_another_number(record: Record) -> None:
    depot = await Depot(record, labels_itself=False).prepare(Stage.LABELLED)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(PART, "swift", NOW)
        await tx.shipments.keep_label(parcel.parcel_id, label_of(FIRST), NOW)
    assert await depot.say(SECOND) == "another-label"
    assert (await depot.part()).stage is Stage.LABELLED
    assert await depot.say(FIRST) == ""
    assert (await depot.part()).stage is Stage.HANDED_OVER
    assert await depot.say(SECOND) == "another-label"


async def test_a_number_before_our_label_is_bought_comes_too_early(record: Record) -> None:
    depot = await Depot(record, labels_itself=False).prepare(Stage.PICKED)
    with pytest.raises(Unavailable, match="no label yet"):
        await depot.say(FIRST)


async def test_goods_that_their_buyer_collects_do_not_leave_with_a_carrier(record: Record) -> None:
    depot = await Depot(record).prepare(delivery="pickup")
    assert await depot.say(FIRST) == "is-collected"


@pytest.mark.parametrize("after", [False, True])
async def test_a_process_may_die_anywhere_while_goods_are_handed_over(record: Record, *, after: bool) -> None:
    depot = await Depot(record).prepare()
    scan = TrackingEvent(tracking_number=FIRST, status=TrackingStatus.IN_TRANSIT, occurred_at=NOW)
    async with record.begin() as tx:
        await tx.shipments.scan(scan, NOW)
    row = await depot.store(HandedOver(fulfillment_id=PART, tracking_number=FIRST))
    for dies_at in range(1, 9):
        mortal = MortalRecord(record, dies_at, after)
        try:
            assert await depot.apply(row, mortal) == ""
        except Died:
            continue
        break
    assert ((await depot.part()).stage, await quantities_of(record)) == (Stage.IN_TRANSIT, (9, 0))
    assert (await depot.parcel()).tracking_number == FIRST
    async with record.begin() as tx:
        assert (await tx.inbox.load(row.inbox_id)).state.value == "DONE"


async def _call_back(depot: Depot) -> None:
    async with depot.record.begin() as tx:
        move = Move(fulfillment_id=PART, before=frozenset({Stage.RELEASED}), to=Stage.CANCELLING, at=NOW)
        assert await tx.fulfillments.advance(move)
