"""The witness counts what was done, and sees each thing that should never be."""

from datetime import UTC, datetime
from typing import Unpack

from infra.sandbox.catalog import open_catalog
from infra.sandbox.journal import Entry
from infra.sandbox.records import By, Units
from infra.sandbox.witness import bear_witness
from infra.sandbox.world import Facts
from tests.sandbox_world import ADDRESS, Visitor, eventually


def happened(kind: str, by: By = "crossdock", **facts: Unpack[Facts]) -> Entry:
    return Entry(seq=1, at=datetime(2026, 1, 1, tzinfo=UTC), kind=kind, by=by, **facts)


def count(figure: str, *entries: Entry) -> int:
    return bear_witness(entries, open_catalog(["sandbox-eu"]))[figure]


def mugs(quantity: int, line_id: str = "L1") -> list[Units]:
    return [Units(sku="MUG-BLUE", quantity=quantity, line_id=line_id)]


def label(number: str, kind: str = "label.bought") -> Entry:
    return happened(kind, tracking_number=number, parcel="p", detail="outbound")


def test_a_whole_journey_is_counted(visitor: Visitor) -> None:
    order = visitor.order()
    fulfillment = visitor.release(order, "WH-AUTO")
    label_bought = visitor.buy_label(fulfillment, "WH-AUTO")
    visitor.post(
        f"/marketplace/sandbox-eu/orders/{order['id']}/shipments",
        reference="t", tracking_number=label_bought["tracking_number"],
        lines=[{"line_id": line["id"], "quantity": line["quantity"]} for line in order["lines"]],
    )  # fmt: skip
    eventually(lambda: visitor.get("/witness")["parcels_handed_over"])
    witness = visitor.get("/witness")
    once = {"at_channel", "labels_bought", "labels_live", "parcels_handed_over", "tracking_pushed"}
    assert {figure for figure, number in witness.items() if number == 1} == once
    assert sum(witness.values()) == 5


def test_a_second_label_for_a_parcel_is_seen_in_the_world(visitor: Visitor) -> None:
    visitor.put("/pace", paused=True)
    wish = {"location": "WH-AUTO", "address": ADDRESS, "weight_grams": 10}
    first = visitor.post("/carriers/sandbox-blind/labels", reference="label:s/1/F1/P1:1", **wish)
    visitor.post("/carriers/sandbox-blind/labels", reference="label:s/1/F1/P1:2", **wish)
    assert visitor.get("/witness")["parcels_with_two_live_labels"] == 1
    visitor.post(f"/carriers/sandbox-blind/labels/{first['tracking_number']}/void")
    assert visitor.get("/witness")["parcels_with_two_live_labels"] == 0


def test_voided_and_return_labels_are_not_live() -> None:
    back = happened("label.bought", tracking_number="3", parcel="r", detail="return")
    entries = [label("1"), label("1", kind="label.voided"), label("2"), back]
    assert count("labels_live", *entries) == 1
    assert count("labels_bought", *entries) == 2
    assert count("return_labels_bought", *entries) == 1


def test_refunds_above_the_captured_are_seen_whoever_made_them() -> None:
    placed = happened("order.placed", "buyer", order_id="1", amount=100)
    mine = happened("order.refunded", order_id="1", amount=60)
    assert count("refunds_over_captured", placed, mine) == 0
    assert (
        count("refunds_over_captured", placed, mine, happened("order.refunded", "hand", order_id="1", amount=41)) == 1
    )
    assert count("refunds", placed, mine, happened("order.refunded", "hand", order_id="1", amount=41)) == 1


def test_money_that_came_later_counts_as_captured() -> None:
    entries = [
        happened("order.placed", "buyer", order_id="1", amount=0),
        happened("order.released", "marketplace", order_id="1", amount=100),
        happened("order.refunded", order_id="1", amount=100),
    ]
    assert count("refunds_over_captured", *entries) == 0


def test_units_that_were_never_there_are_oversold() -> None:
    def rare(quantity: int, kind: str) -> Entry:
        return happened(kind, location="WH-AUTO", units=[Units(sku="CLOCK-RARE", quantity=quantity)])

    assert count("units_oversold", rare(2, "work.handed_over")) == 2
    assert count("units_oversold", rare(2, "units.came"), rare(2, "work.handed_over")) == 0
    assert count("units_oversold", rare(2, "work.collected"), rare(2, "units.came")) == 2


def test_a_cancellation_is_silent_until_the_buyer_is_told() -> None:
    cancelled = happened("order.cancelled", order_id="1")
    refunded = happened("mail.received", order_id="1", detail="refunded")
    assert count("silent_cancellations", cancelled, refunded) == 1
    assert count("silent_cancellations", cancelled, happened("mail.received", order_id="1", detail="cancelled")) == 0
    assert count("silent_cancellations", happened("order.cancelled", "hand", order_id="1")) == 0


def test_units_both_sent_and_cancelled_are_seen_until_they_are_back() -> None:
    entries = [
        happened("order.placed", "buyer", order_id="1", units=mugs(2)),
        happened("work.handed_over", "staff", order_id="1", location="WH-AUTO", units=mugs(2)),
        happened("order.cancelled", order_id="1", units=mugs(1)),
    ]
    assert count("units_sent_and_cancelled", *entries) == 1
    back = happened("return.received", "staff", order_id="1", units=mugs(1))
    assert count("units_sent_and_cancelled", *entries, back) == 0


def test_an_effect_done_twice_under_one_reference_is_seen() -> None:
    once = happened("order.refunded", order_id="1", reference="refund:1", amount=5)
    assert count("duplicate_effects", once) == 0
    assert count("duplicate_effects", once, once) == 1
