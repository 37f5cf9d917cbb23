"""Facts that others report."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from domain import facts
from domain.facts import Collected, Fact, HandedOver, LinesRejected, ParcelScanned, Picked, ReturnRequested
from domain.shipment import TrackingStatus

READ: TypeAdapter[Fact] = TypeAdapter(Fact)
SCAN = {"tracking_number": "T-1", "status": "delivered", "occurred_at": "2026-01-05T12:00:00Z"}


def test_a_fact_is_read_by_its_kind() -> None:
    assert READ.validate_python({"kind": "picked", "fulfillment_id": "shop/1/F1"}) == Picked(fulfillment_id="shop/1/F1")
    scanned = READ.validate_python({"kind": "parcel-scanned", "scan": SCAN})
    assert isinstance(scanned, ParcelScanned)
    assert scanned.scan.status is TrackingStatus.DELIVERED


@pytest.mark.parametrize("kind", ["", "stolen", None])
def test_a_fact_of_no_known_kind_is_refused(kind: object) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python({"kind": kind, "fulfillment_id": "shop/1/F1"})


def test_a_scan_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="time zone"):
        READ.validate_python({"kind": "parcel-scanned", "scan": SCAN | {"occurred_at": "2026-01-05T12:00:00"}})


def test_a_pin_is_never_shown() -> None:
    collected = Collected.model_validate({"fulfillment_id": "shop/1/F1", "pin": "123456"})
    assert "123456" not in f"{collected!r}{collected}{collected.model_dump_json()}"
    assert collected.pin.get_secret_value() == "123456"


@pytest.mark.parametrize("quantity", [0, -1, 100_001, 1.5])
def test_a_quantity_nobody_can_mean_is_refused(quantity: object) -> None:
    line = {"line_id": "1", "quantity": quantity}
    with pytest.raises(ValidationError):
        LinesRejected.model_validate({"fulfillment_id": "f", "lines": [line | {"reason": "damaged"}]})
    with pytest.raises(ValidationError):
        ReturnRequested.model_validate({"channel_order_id": "1", "course": "label", "lines": [line]})


def test_the_number_of_a_places_own_label_is_read_without_its_spaces() -> None:
    told = {"kind": "handed-over", "fulfillment_id": "shop/1/F1", "tracking_number": " 1Z 5R8 939 ", "carrier": " UPS "}
    fact = READ.validate_python(told)
    assert isinstance(fact, HandedOver)
    assert (fact.tracking_number, fact.carrier) == ("1Z5R8939", "UPS")
    assert READ.validate_python(told | {"tracking_number": "", "carrier": ""}) == HandedOver(fulfillment_id="shop/1/F1")


@pytest.mark.parametrize("changes", [{"tracking_number": "9" * 121}, {"tracking_number": "1\0"}, {"carrier": "u" * 61}])
def test_a_number_that_no_label_can_have_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        HandedOver.model_validate({"fulfillment_id": "shop/1/F1"} | changes)


def test_a_sku_that_is_counted_twice_is_refused_since_nobody_knows_which_row_counts() -> None:
    told = {"kind": "stock-counted", "location": "W", "counted_at": "2026-03-01T10:00:00Z"}
    rows = [{"sku": sku, "units": units} for sku, units in (("TEA", 3), ("MUG", 1), ("TEA", 4))]
    assert READ.validate_python(told | {"rows": rows[1:]}) == READ.validate_python(told | {"rows": tuple(rows[1:])})
    with pytest.raises(ValidationError, match="TEA is counted twice"):
        READ.validate_python(told | {"rows": rows})


def test_every_kind_of_fact_can_be_read() -> None:
    kinds = {
        model.model_fields["kind"].default
        for model in vars(facts).values()
        if isinstance(model, type) and issubclass(model, facts.Model) and "kind" in model.model_fields
    }
    schema = READ.json_schema()
    assert set(schema["discriminator"]["mapping"]) == kinds
