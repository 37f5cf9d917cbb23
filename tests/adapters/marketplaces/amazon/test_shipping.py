"""Telling Amazon of parcels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.marketplaces.amazon.shipping import parcel_number, to_parcel
from domain.effect import Absent, CannotTell, Confirmed, Found, Rejected
from domain.ports.marketplace import CorrectTracking
from tests.adapters.marketplaces.amazon.scenes import FIRST, LEFT_AT, ORDER, SECOND, shipment, speaking_to
from tests.adapters.marketplaces.amazon.simulator import START, STORE, Amazon, make_order

_OTHER_STORE = "A13V1IB3VIYZZH"


@pytest.fixture
def amazon() -> Amazon:
    made = Amazon()
    made.place(make_order(ORDER, [("MUG-BLUE", 2, 1000), ("MUG-RED", 1, 500)], START - timedelta(hours=1)))
    return made


def sent_body(amazon: Amazon) -> dict[str, Any]:
    return next(body for operation, body in reversed(amazon.bodies) if operation == "confirmShipment")


async def test_a_parcel_is_told_with_its_units_and_when_it_left(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        outcome = await marketplace.confirm_shipment(shipment({FIRST: 2}))
    number = parcel_number("tracking:shop/1/F1:1")
    assert outcome == Confirmed(remote_id=number)
    assert sent_body(amazon) == {
        "marketplaceId": STORE,
        "packageDetail": {
            "packageReferenceId": number,
            "carrierCode": "UPS",
            "trackingNumber": "1Z999AA10123456784",
            "shipDate": "2026-11-02T11:30:00Z",
            "orderItems": [{"orderItemId": FIRST, "quantity": 2}],
        },
    }


def test_parcels_of_an_order_have_numbers_of_their_own() -> None:
    numbers = [parcel_number(f"tracking:shop/1/F{part}:1") for part in range(1000)]
    assert len(set(numbers)) == len(numbers)
    assert all(number.isdigit() and not number.startswith("0") for number in numbers)


@pytest.mark.parametrize(
    ("carrier", "told"),
    [
        ("fedex", {"carrierCode": "FedEx"}),
        ("Royal Mail", {"carrierCode": "Royal Mail"}),
        ("house-courier", {"carrierCode": "Chronopost"}),
        ("Bike & Co", {"carrierCode": "Other", "carrierName": "Bike & Co"}),
    ],
)
def test_a_carrier_goes_by_amazons_code_or_else_by_its_name(carrier: str, told: dict[str, str]) -> None:
    parcel = to_parcel(shipment({FIRST: 1}, carrier=carrier), LEFT_AT, {"house-courier": "Chronopost"})
    assert {name: value for name, value in parcel.items() if name.startswith("carrier")} == told


async def test_the_store_is_asked_for_only_where_there_are_several(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        await marketplace.confirm_shipment(shipment({FIRST: 1}))
    assert amazon.asked == ["confirmShipment"]
    async with speaking_to(amazon, marketplaces=[_OTHER_STORE, STORE]) as marketplace:
        await marketplace.confirm_shipment(shipment({FIRST: 1}, reference="tracking:shop/1/F2:1"))
    assert amazon.asked == ["confirmShipment", "getOrder", "confirmShipment"]
    assert sent_body(amazon)["marketplaceId"] == STORE


async def test_a_new_tracking_number_changes_the_parcel_that_was_told(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        first = shipment({FIRST: 2})
        confirmed = await marketplace.confirm_shipment(first)
        assert isinstance(confirmed, Confirmed)
        changed = {"tracking_number": "1Z999AA10123456785", "replaces": first.tracking_number}
        write = CorrectTracking.model_validate(first.model_dump() | changed | {"remote_id": confirmed.remote_id})
        assert await marketplace.find(write) == Absent()
        await marketplace.correct_tracking(write)
        assert await marketplace.find(write) == Found(confirmed=confirmed)
    assert [parcel["trackingNumber"] for parcel in amazon.orders[ORDER]["packages"]] == ["1Z999AA10123456785"]


async def test_units_that_a_person_sent_are_not_sent_twice(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        await marketplace.confirm_shipment(shipment({FIRST: 2}, "BYHAND", reference="tracking:shop/1/F9:1"))
        again = await marketplace.confirm_shipment(shipment({FIRST: 2}))
        assert again == Rejected(code="amazon-InvalidInput", already_done=True)
        more = await marketplace.confirm_shipment(shipment({SECOND: 2}))
    assert more == Rejected(code="amazon-InvalidInput")


async def test_a_parcel_is_found_by_its_tracking_number_whoever_told_it(amazon: Amazon) -> None:
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(shipment({FIRST: 2})) == Absent()
        await marketplace.confirm_shipment(shipment({FIRST: 2}, reference="tracking:by-hand"))
        found = await marketplace.find(shipment({FIRST: 2}))
    assert found == Found(confirmed=Confirmed(remote_id=parcel_number("tracking:by-hand")))


async def test_what_cannot_be_asked_cannot_be_told(amazon: Amazon) -> None:
    amazon.quota["getOrder"] = 0
    async with speaking_to(amazon) as marketplace:
        assert await marketplace.find(shipment({FIRST: 2})) == CannotTell(code="http-429")
