"""A parcel under a label that no carrier sold us: its carrier is asked, and one that nobody scans ends in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from activities.following import FollowingActivities
from domain.errors import NotFound, Unavailable
from domain.fulfillment import Stage
from domain.policy import Policy
from domain.shipment import TrackingEvent, TrackingStatus
from tests.activities.depot import FIRST, PART, SECOND, Depot
from tests.builders import NOW
from tests.fakes.record import FakeRecord

WATCH = Policy().delivery_watch_after


@dataclass
class Scanner:
    """A carrier that knows some parcels."""

    scans: dict[str, tuple[TrackingStatus, ...]] = field(default_factory=dict[str, tuple[TrackingStatus, ...]])

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        if tracking_number not in self.scans:
            raise NotFound("no-parcel")
        return tuple(
            TrackingEvent(tracking_number=tracking_number, status=status, occurred_at=NOW + timedelta(hours=number))
            for number, status in enumerate(self.scans[tracking_number])
        )


async def on_its_way(number: str = FIRST, carrier: str = "UPS", **told: object) -> Depot:
    depot = await Depot(FakeRecord(), unnumbered=True, **told).prepare()  # pyright: ignore[reportArgumentType] - a test's
    await depot.say(number, carrier)
    return depot


async def follow(depot: Depot) -> Stage | None:
    return (await FollowingActivities(depot.context).follow(depot.part_of)).stage


async def test_a_carrier_of_ours_is_asked_for_its_scans() -> None:
    scanner = Scanner()
    depot = await on_its_way(carriers_known={"ups": scanner})
    assert await follow(depot) is Stage.HANDED_OVER, "it was not scanned yet"
    scanner.scans[FIRST] = (TrackingStatus.ACCEPTED, TrackingStatus.IN_TRANSIT)
    assert await follow(depot) is Stage.IN_TRANSIT
    scanner.scans[FIRST] += (TrackingStatus.EXCEPTION, TrackingStatus.DELIVERED)
    assert await follow(depot) is Stage.DELIVERED
    assert await follow(depot) is Stage.DELIVERED
    assert [wait.cause for wait in await depot.waits()] == []


async def test_what_a_carrier_of_ours_knows_nothing_of_is_left_to_people() -> None:
    depot = await on_its_way(carriers_known={"ups": Scanner()})
    depot.now += WATCH * 2
    assert await follow(depot) is Stage.HANDED_OVER
    assert [wait.cause for wait in await depot.waits()] == [f"delivery:{PART}"]


async def test_a_carrier_that_does_not_answer_is_asked_again() -> None:
    class Silent(Scanner):
        async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
            raise Unavailable("http-503", tracking_number)

    with pytest.raises(Unavailable):
        await follow(await on_its_way(carriers_known={"ups": Silent()}))


@pytest.mark.parametrize("number", [FIRST, ""])
async def test_what_nobody_will_ever_scan_counts_as_delivered_after_the_watch(number: str) -> None:
    depot = await on_its_way(number, "Some Cyclist")
    depot.now += WATCH - timedelta(seconds=1)
    assert await follow(depot) is Stage.HANDED_OVER
    depot.now += timedelta(seconds=1)
    assert await follow(depot) is Stage.DELIVERED
    assert await depot.waits() == []


async def test_what_was_scanned_once_is_watched_and_not_believed_to_have_arrived() -> None:
    depot = await on_its_way(FIRST, "Some Cyclist")
    scan = TrackingEvent(tracking_number=FIRST, status=TrackingStatus.ACCEPTED, occurred_at=NOW)
    async with depot.record.begin() as tx:
        await tx.shipments.scan(scan, NOW)
    depot.now += WATCH * 2
    assert await follow(depot) is Stage.HANDED_OVER


async def test_scans_under_another_number_than_it_was_asked_for_move_nothing() -> None:
    class Confused(Scanner):
        async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
            del tracking_number
            return await super().track(SECOND)

    scanner = Confused(scans={SECOND: (TrackingStatus.DELIVERED,)})
    depot = await on_its_way(carriers_known={"ups": scanner})
    assert await follow(depot) is Stage.HANDED_OVER


async def test_a_part_without_a_parcel_is_left_alone() -> None:
    depot = await Depot(FakeRecord()).prepare()
    assert await follow(depot) is Stage.RELEASED
