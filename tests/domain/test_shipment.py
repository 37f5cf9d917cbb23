"""Parcels and scans."""

from __future__ import annotations

import pytest

from domain.fulfillment import GONE, TERMINAL, Stage
from domain.shipment import MILESTONE, TrackingEvent, TrackingStatus, parcel_id, shipment_id
from tests.builders import NOW


@pytest.mark.parametrize(
    "status", [TrackingStatus.ACCEPTED, TrackingStatus.EXCEPTION, TrackingStatus.REFUSED, TrackingStatus.UNKNOWN]
)
def test_a_scan_that_is_no_milestone_moves_nothing(status: TrackingStatus) -> None:
    assert status not in MILESTONE


def test_a_milestone_only_moves_what_has_left_us() -> None:
    assert set(MILESTONE.values()) == GONE - {Stage.HANDED_OVER}


def test_delivered_lost_and_sent_back_end_the_journey() -> None:
    ends = {status for status, stage in MILESTONE.items() if stage in TERMINAL}
    assert ends == {TrackingStatus.DELIVERED, TrackingStatus.LOST, TrackingStatus.SENT_BACK}


def test_a_scan_survives_the_way_through_json() -> None:
    scan = TrackingEvent(tracking_number="T-1", status=TrackingStatus.OUT_FOR_DELIVERY, occurred_at=NOW)
    assert TrackingEvent.model_validate_json(scan.model_dump_json()) == scan


def test_goods_of_one_fulfillment_order_leave_together() -> None:
    assert shipment_id("shop/1/F2") == "shop/1/F2/S"
    assert parcel_id("shop/1/F2", 3) == "shop/1/F2/P3"
