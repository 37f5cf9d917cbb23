"""Carriers' own codes, and the order of scans."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapters.parcels.tracking import FEDEX, UPS, in_order, read_code
from domain.errors import ContractBroken
from domain.shipment import TrackingStatus as Status
from tests.vendor import contracts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("carrier", "code", "status"),
    [
        ("UPS", "11", Status.DELIVERED),
        ("UPS", "44", Status.ANNOUNCED),
        ("UPS", "144", Status.TO_BE_COLLECTED),
        ("FedEx", "DL", Status.DELIVERED),
        ("FedEx", "Ow", Status.IN_TRANSIT),
        ("fedex", "RS", Status.RETURNING),
        ("USPS", "01", Status.DELIVERED),
        ("USPS", "04", Status.REFUSED),
        ("stamps_com", "OF", Status.OUT_FOR_DELIVERY),
        ("UPS", "D", Status.UNKNOWN),
        ("USPS", "ZZ", Status.UNKNOWN),
        ("Royal Mail", "01", Status.UNKNOWN),
        ("", "", Status.UNKNOWN),
    ],
)
def test_a_carriers_own_code_has_a_word_of_ours(carrier: str, code: str, status: Status) -> None:
    assert read_code(carrier, code) is status


_WORDS = {
    "unknown": Status.UNKNOWN,
    "pre_transit": Status.ANNOUNCED,
    "accepted": Status.ACCEPTED,
    "in_transit": Status.IN_TRANSIT,
    "out_for_delivery": Status.OUT_FOR_DELIVERY,
    "attempted": Status.ATTEMPTED,
    "available_for_pickup": Status.TO_BE_COLLECTED,
    "delivered": Status.DELIVERED,
    "exception": Status.EXCEPTION,
    "returning": Status.RETURNING,
    "returned": Status.SENT_BACK,
    "failed": Status.LOST,
    "cancelled": Status.CANCELLED,
    None: Status.UNKNOWN,
}
"""The words of the public map of statuses; None keeps the state as it is."""


@pytest.mark.vendor
def test_our_tables_say_what_the_public_map_says(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(contracts("carriers/tracking_status_map.json").read_text())
    counts: dict[str, int] = {}
    for carrier, key in (("ups", "ups_status_code"), ("fedex", "fedex")):
        counts[carrier] = len(told[key])
        assert {code: read_code(carrier, code) for code in told[key]} == {
            code: _WORDS[word] for code, word in told[key].items()
        }
    existing = json.loads(contracts("carriers/ups/ups_tracking_codes.json").read_text())["status_codes"]
    assert not set(UPS) - set(existing) - set(told["ups_status_code"])
    assert not set(FEDEX) - set(json.loads(contracts("carriers/fedex/fedex_tracking_codes.json").read_text()))
    with capsys.disabled():
        print(f"\ntracking codes held against the public map: {counts}")  # noqa: T201  counts are what is asked for


def test_scans_stand_in_the_order_of_the_carriers_time_each_once() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-8)))
    scans = in_order([
        ("1", Status.DELIVERED, NOON + timedelta(hours=2)),
        ("1", Status.IN_TRANSIT, NOON),
        ("1", Status.IN_TRANSIT, there),
    ])  # fmt: skip
    assert [(scan.status, scan.occurred_at) for scan in scans] == [
        (Status.IN_TRANSIT, NOON), (Status.DELIVERED, NOON + timedelta(hours=2)),
    ]  # fmt: skip


def test_a_parcel_delivered_after_it_turned_round_is_with_its_sender() -> None:
    hours = [NOON + timedelta(hours=hour) for hour in range(3)]
    scans = in_order([
        ("1", Status.DELIVERED, hours[2]), ("1", Status.RETURNING, hours[1]), ("1", Status.DELIVERED, hours[0]),
    ])  # fmt: skip
    assert [scan.status for scan in scans] == [Status.DELIVERED, Status.RETURNING, Status.SENT_BACK]


def test_a_scan_beyond_the_calendar_is_refused() -> None:
    edge = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))
    with pytest.raises(ContractBroken):
        in_order([("1", Status.DELIVERED, edge)])
