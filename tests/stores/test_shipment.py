"""How parcels, labels and scans are kept, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from domain.effect import Confirmed
from domain.errors import NotFound
from domain.fulfillment import Fulfillment, Stage
from domain.ports.stores import Record, Transaction
from domain.shipment import Parcel, ParcelState, TrackingEvent, TrackingStatus
from domain.values import Document, Money
from tests.builders import MUNICH, NOW, channel_line, channel_order, fulfillment
from tests.stores.scenes import add_part, record_order, walk

LABEL = Confirmed(
    remote_id="rem-1",
    tracking_number="T-1",
    cost=Money(amount=490, currency="EUR"),
    document=Document(content=b"%PDF \x00\xff", media_type="application/pdf"),
)


@pytest.fixture
async def part(record: Record) -> Fulfillment:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    wanted = fulfillment(order_id, quantities={"1": 2})
    await add_part(record, wanted)
    return wanted


async def test_the_first_parcel_is_planned(record: Record, part: Fulfillment) -> None:
    parcel = await _plan(record, part)
    assert parcel == Parcel(
        parcel_id=f"{part.fulfillment_id}/P1",
        fulfillment_id=part.fulfillment_id,
        carrier="swift",
        state=ParcelState.PLANNED,
    )
    assert await _parcels(record, part) == (parcel,)


async def test_planning_again_returns_the_parcel_that_is_planned_or_live(record: Record, part: Fulfillment) -> None:
    planned = await _plan(record, part)
    assert await _plan(record, part) == planned
    live = await _label(record, part)
    assert (await _plan(record, part), live.state) == (live, ParcelState.LIVE)
    assert len(await _parcels(record, part)) == 1


async def test_a_label_makes_its_parcel_live(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part)
    assert (parcel.tracking_number, parcel.remote_id, parcel.tracking_told) == ("T-1", "rem-1", False)


async def test_a_label_is_kept_as_it_was_received(record: Record, part: Fulfillment) -> None:
    parcel = await _plan(record, part)
    assert await _document(record, parcel) is None
    await _label(record, part)
    assert await _document(record, parcel) == b"%PDF \x00\xff"


async def test_a_label_without_paper_or_price_is_a_label(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part, Confirmed(remote_id="rem-1", tracking_number="T-1"))
    assert (parcel.state, await _document(record, parcel)) == (ParcelState.LIVE, None)


async def test_a_label_of_an_unknown_parcel_has_no_document(record: Record) -> None:
    async with record.begin() as tx:
        assert await tx.shipments.label_document("shop/1001/F9/P1") is None


async def test_after_a_voided_parcel_the_next_one_is_planned(record: Record, part: Fulfillment) -> None:
    first = await _label(record, part)
    await _void(record, first)
    second = await _plan(record, part)
    assert (second.parcel_id, second.state) == (f"{part.fulfillment_id}/P2", ParcelState.PLANNED)
    seen = [(parcel.parcel_id, parcel.state) for parcel in await _parcels(record, part)]
    assert seen == [(first.parcel_id, ParcelState.VOIDED), (second.parcel_id, ParcelState.PLANNED)]


async def test_the_channel_is_known_to_know_a_tracking_number(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part)
    for _ in range(2):
        async with record.begin() as tx:
            assert not await tx.shipments.tell_tracking(parcel.parcel_id, "T-1", NOW)
    (told,) = await _parcels(record, part)
    assert told == parcel.model_copy(update={"tracking_told": True, "told_number": "T-1", "tellings": 2})


async def test_fulfillment_orders_do_not_see_the_parcels_of_others(record: Record, part: Fulfillment) -> None:
    await _plan(record, part)
    other = fulfillment(part.order_id, 2, {"1": 1}, place=MUNICH)
    await add_part(record, other)
    assert await _parcels(record, other) == ()


async def test_a_scan_names_the_fulfillment_order_of_its_parcel(record: Record, part: Fulfillment) -> None:
    await _label(record, part)
    assert await _scan(record, TrackingStatus.IN_TRANSIT) == part


async def test_a_scan_of_a_parcel_that_is_not_ours_is_ignored(record: Record, part: Fulfillment) -> None:
    await _label(record, part)
    assert await _scan(record, TrackingStatus.DELIVERED, tracking_number="T-2") is None
    assert await _latest(record, part) is None


async def test_a_scan_that_came_before_its_label_was_kept_is_not_lost(record: Record, part: Fulfillment) -> None:
    assert await _scan(record, TrackingStatus.ACCEPTED) is None
    await _label(record, part)
    latest = await _latest(record, part)
    assert latest is not None
    assert latest.status is TrackingStatus.ACCEPTED


UNKNOWN: dict[str, Callable[[Transaction], Awaitable[object]]] = {
    "plan_parcel": lambda tx: tx.shipments.plan_parcel("shop/none/F1", "swift", NOW),
    "keep_label": lambda tx: tx.shipments.keep_label("shop/none/F1/P1", LABEL, NOW),
    "void": lambda tx: tx.shipments.void("shop/none/F1/P1", NOW),
    "correct": lambda tx: tx.shipments.correct("shop/none/F1/P1", "T-1", "swift", NOW),
    "tell_tracking": lambda tx: tx.shipments.tell_tracking("shop/none/F1/P1", "T-1", NOW),
}


@pytest.mark.parametrize("act", UNKNOWN)
async def test_nothing_can_be_done_about_an_unknown_parcel(record: Record, act: str) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await UNKNOWN[act](tx)


async def test_parcels_planned_at_the_same_time_are_one(record: Record, part: Fulfillment) -> None:
    planned = await asyncio.gather(*(_plan(record, part) for _ in range(6)))
    assert len({parcel.parcel_id for parcel in planned}) == 1


async def test_the_same_scan_is_kept_once(record: Record, part: Fulfillment) -> None:
    await _label(record, part)
    for _ in range(3):
        assert await _scan(record, TrackingStatus.IN_TRANSIT) == part
    latest = await _latest(record, part)
    assert latest == TrackingEvent(tracking_number="T-1", status=TrackingStatus.IN_TRANSIT, occurred_at=NOW)


async def test_the_carriers_time_decides_which_scan_is_the_latest(record: Record, part: Fulfillment) -> None:
    await _label(record, part)
    await _scan(record, TrackingStatus.DELIVERED, hours=5)
    await _scan(record, TrackingStatus.IN_TRANSIT, hours=1)
    await _scan(record, TrackingStatus.OUT_FOR_DELIVERY, hours=4)
    latest = await _latest(record, part)
    assert latest is not None
    assert (latest.status, latest.occurred_at) == (TrackingStatus.DELIVERED, NOW + timedelta(hours=5))


async def test_no_scan_yet_is_no_latest_scan(record: Record, part: Fulfillment) -> None:
    assert await _latest(record, part) is None
    await _label(record, part)
    assert await _latest(record, part) is None


async def test_the_scans_of_a_voided_parcel_do_not_count(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part)
    await _scan(record, TrackingStatus.IN_TRANSIT)
    await _void(record, parcel)
    await _plan(record, part)
    await _label(record, part, LABEL.model_copy(update={"tracking_number": "T-2", "remote_id": "rem-2"}))
    assert await _latest(record, part) is None
    assert await _scan(record, TrackingStatus.ACCEPTED, tracking_number="T-2") == part
    latest = await _latest(record, part)
    assert latest is not None
    assert latest.tracking_number == "T-2"


async def test_a_parcel_may_travel_under_another_number(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part)
    for number, carrier in (("T-2", "slow"), ("T-2", "slow"), ("T-3", "swift")):
        async with record.begin() as tx:
            await tx.shipments.correct(parcel.parcel_id, number, carrier, NOW)
    (kept,) = await _parcels(record, part)
    assert (kept.tracking_number, kept.carrier, kept.former) == ("T-3", "swift", ("T-1", "T-2"))
    assert kept.numbers == {"T-1", "T-2", "T-3"}


async def test_a_parcel_without_a_number_may_get_one(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part, Confirmed())
    assert parcel.tracking_number is None
    async with record.begin() as tx:
        await tx.shipments.correct(parcel.parcel_id, "T-1", "swift", NOW)
    (kept,) = await _parcels(record, part)
    assert (kept.tracking_number, kept.former, kept.numbers) == ("T-1", ("",), {"T-1"})


async def test_a_part_says_that_the_channel_was_told_another_number(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part)
    assert not await _told_otherwise(record, part)
    async with record.begin() as tx:
        assert not await tx.shipments.tell_tracking(parcel.parcel_id, "T-1", NOW)
    assert not await _told_otherwise(record, part)
    async with record.begin() as tx:
        await tx.shipments.correct(parcel.parcel_id, "T-2", "swift", NOW)
    assert await _told_otherwise(record, part)
    async with record.begin() as tx:
        assert await tx.shipments.tell_tracking(parcel.parcel_id, "T-1", NOW), "it has another number by now"
        assert not await tx.shipments.tell_tracking(parcel.parcel_id, "T-2", NOW)
    assert not await _told_otherwise(record, part)


async def test_a_scan_under_a_former_number_counts_if_it_was_made_before(record: Record, part: Fulfillment) -> None:
    parcel = await _label(record, part)
    async with record.begin() as tx:
        await tx.shipments.correct(parcel.parcel_id, "T-2", "swift", NOW + timedelta(hours=2))
    assert await _scan(record, TrackingStatus.IN_TRANSIT, hours=1) == part
    assert await _scan(record, TrackingStatus.DELIVERED, hours=3) is None
    assert await _scan(record, TrackingStatus.DELIVERED, tracking_number="T-2", hours=3) == part


async def test_live_parcels_are_found_by_the_number_they_have_now(record: Record, part: Fulfillment) -> None:
    assert await _under(record, "T-1") == set()
    parcel = await _label(record, part)
    assert await _under(record, "T-1") == {part.fulfillment_id}
    async with record.begin() as tx:
        await tx.shipments.correct(parcel.parcel_id, "T-2", "swift", NOW)
    assert (await _under(record, "T-1"), await _under(record, "T-2")) == (set(), {part.fulfillment_id})
    await _void(record, parcel)
    assert await _under(record, "T-2") == set()


async def test_a_number_is_free_again_some_time_after_its_parcel_arrived(record: Record, part: Fulfillment) -> None:
    await _label(record, part)
    await walk(record, part.fulfillment_id, Stage.DELIVERED)
    assert await _under(record, "T-1") == {part.fulfillment_id}
    assert await _under(record, "T-1", since=NOW + timedelta(seconds=1)) == set()


async def _told_otherwise(record: Record, part: Fulfillment) -> bool:
    async with record.begin() as tx:
        order = await tx.orders.load(part.order_id)
        alone = await tx.fulfillments.load(part.fulfillment_id)
    assert order.fulfillments == (alone,)
    return alone.told_otherwise


async def _under(record: Record, number: str, since: datetime = NOW) -> frozenset[str]:
    async with record.begin() as tx:
        return await tx.shipments.travels_under(number, since)


async def _plan(record: Record, part: Fulfillment) -> Parcel:
    async with record.begin() as tx:
        return await tx.shipments.plan_parcel(part.fulfillment_id, "swift", NOW)


async def _label(record: Record, part: Fulfillment, label: Confirmed = LABEL) -> Parcel:
    """Buy the label of the parcel that is planned; return the parcel as it is then."""
    parcel = await _plan(record, part)
    async with record.begin() as tx:
        await tx.shipments.keep_label(parcel.parcel_id, label, NOW)
    return (await _parcels(record, part))[-1]


async def _void(record: Record, parcel: Parcel) -> None:
    async with record.begin() as tx:
        await tx.shipments.void(parcel.parcel_id, NOW)


async def _parcels(record: Record, part: Fulfillment) -> tuple[Parcel, ...]:
    async with record.begin() as tx:
        return await tx.shipments.parcels(part.fulfillment_id)


async def _document(record: Record, parcel: Parcel) -> bytes | None:
    async with record.begin() as tx:
        return await tx.shipments.label_document(parcel.parcel_id)


async def _scan(
    record: Record, status: TrackingStatus, *, tracking_number: str = "T-1", hours: int = 0
) -> Fulfillment | None:
    occurred_at = NOW + timedelta(hours=hours)
    event = TrackingEvent(tracking_number=tracking_number, status=status, occurred_at=occurred_at)
    async with record.begin() as tx:
        return await tx.shipments.scan(event, NOW + timedelta(days=2))


async def _latest(record: Record, part: Fulfillment) -> TrackingEvent | None:
    async with record.begin() as tx:
        return await tx.shipments.latest(part.fulfillment_id)
