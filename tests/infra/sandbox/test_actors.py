"""Staff, carriers and buyers act by themselves, and tell the gateway."""

import base64

from tests.sandbox_world import Gateway, Visitor, eventually


def test_staff_pick_then_hand_over_what_is_labelled(visitor: Visitor, gateway: Gateway) -> None:
    fulfillment = visitor.release(visitor.order("ship_by_staff"), "STORE-1")
    eventually(lambda: gateway.events("staff.picked"))
    assert not gateway.events("staff.handed_over")
    label = visitor.buy_label(fulfillment, "STORE-1")
    eventually(lambda: any(event["status"] == "delivered" for event in gateway.events("parcel.scanned")))
    (handed_over,) = gateway.events("staff.handed_over")
    assert handed_over["fulfillment_id"] == fulfillment
    assert handed_over["tracking_numbers"] == [label["tracking_number"]]
    scanned = sorted(gateway.events("parcel.scanned"), key=lambda event: event["scanned_at"])
    assert [event["status"] for event in scanned] == ["accepted", "in_transit", "out_for_delivery", "delivered"]


def test_an_automated_location_needs_no_hand(visitor: Visitor, gateway: Gateway) -> None:
    fulfillment = visitor.release(visitor.order(), "WH-AUTO")
    visitor.buy_label(fulfillment, "WH-AUTO")
    eventually(lambda: any(event["status"] == "delivered" for event in gateway.events("parcel.scanned")))
    assert not gateway.events("staff.")


def test_work_is_taken_on_once_and_can_be_recalled_until_it_left(visitor: Visitor) -> None:
    visitor.put("/pace", paused=True)
    fulfillment = visitor.release(order := visitor.order(), "WH-AUTO")
    visitor.release(order, "WH-AUTO")
    (work,) = visitor.get("/locations/WH-AUTO/work", fulfillment_id=fulfillment)["works"]
    recalled = visitor.post("/locations/WH-AUTO/recalls", fulfillment_id=fulfillment)
    assert (recalled["id"], recalled["status"]) == (work["id"], "cancelled")
    gone = visitor.release(visitor.order(), "WH-AUTO")
    visitor.buy_label(gone, "WH-AUTO")
    (work,) = visitor.get("/locations/WH-AUTO/work", fulfillment_id=gone)["works"]
    visitor.post("/deeds", deed="staff.hand_over", args={"work": work["id"]})
    answer = visitor.http.post("/locations/WH-AUTO/recalls", json={"fulfillment_id": gone})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already-gone")


def test_an_order_placed_elsewhere_is_sent_too(visitor: Visitor) -> None:
    fulfillment, lines = "shop-eu/17/F1", [{"line_id": "1", "sku": "LAN-TIN", "quantity": 2}]
    wish = {"fulfillment_id": fulfillment, "kind": "ship", "lines": lines}
    assert visitor.http.post("/locations/WH-AUTO/work", json=wish).json()["error"]["code"] == "bad-line"
    visitor.post("/locations/WH-AUTO/deliveries", sku="LAN-TIN", quantity=2)
    visitor.post("/locations/WH-AUTO/work", **wish)
    label = visitor.buy_label(fulfillment, "WH-AUTO")
    path = f"/carriers/sandbox-swift/labels/{label['tracking_number']}"
    eventually(lambda: visitor.get(path)["status"] == "delivered")
    assert {entry["order_id"] for entry in visitor.journal("parcel.scanned")} == {"shop-eu/17"}
    assert visitor.get("/witness")["units_oversold"] == 0


def test_a_paused_world_stands_still_until_it_may_go_on(visitor: Visitor, gateway: Gateway) -> None:
    visitor.put("/pace", paused=True)
    visitor.release(visitor.order("ship_by_staff"), "STORE-1")
    eventually(lambda: gateway.events("order.changed"))
    assert not visitor.journal("work.picked")
    visitor.put("/pace", paused=False)
    eventually(lambda: visitor.journal("work.picked"))


def test_a_label_is_a_pdf_and_a_voided_one_never_travels(visitor: Visitor) -> None:
    visitor.put("/pace", paused=True)
    fulfillment = visitor.release(visitor.order(), "WH-AUTO")
    label = visitor.buy_label(fulfillment, "WH-AUTO")
    assert base64.b64decode(label["document"]).startswith(b"%PDF-")
    path = f"/carriers/sandbox-swift/labels/{label['tracking_number']}"
    assert visitor.post(f"{path}/void")["status"] == "voided"
    visitor.put("/pace", paused=False)
    visitor.buy_label(fulfillment, "WH-AUTO", reference=f"label:{fulfillment}/P1:2")
    eventually(lambda: visitor.journal("work.handed_over"))
    assert visitor.get(path)["scans"] == []
    assert visitor.get("/witness")["labels_live"] == 1


def test_the_swift_carrier_finds_by_reference_and_the_blind_one_cannot(visitor: Visitor) -> None:
    bought = [visitor.buy_label("a/b", "STORE-2", carrier=name) for name in ("sandbox-swift", "sandbox-blind")]
    (found,) = visitor.get("/carriers/sandbox-swift/labels", reference=bought[0]["reference"])["labels"]
    assert (found["label_id"], found["document"]) == (bought[0]["label_id"], bought[0]["document"])
    answer = visitor.http.get("/carriers/sandbox-blind/labels", params={"reference": bought[1]["reference"]})
    assert answer.status_code == 501


def test_a_carrier_refuses_an_address_that_it_does_not_serve(visitor: Visitor) -> None:
    address = visitor.order("bad_address")["address"]
    wish = {"reference": "x", "location": "WH-AUTO", "address": address, "weight_grams": 10}
    answer = visitor.http.post("/carriers/sandbox-swift/labels", json=wish)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "undeliverable-address")


def test_an_intercepted_parcel_comes_back_and_is_unpacked(visitor: Visitor, gateway: Gateway) -> None:
    visitor.put("/pace", seconds=0.2)
    fulfillment = visitor.release(visitor.order(), "WH-AUTO")
    label = visitor.buy_label(fulfillment, "WH-AUTO")
    eventually(lambda: gateway.events("parcel.scanned"))
    visitor.post(f"/carriers/sandbox-swift/labels/{label['tracking_number']}/intercept")
    visitor.put("/pace", seconds=0.01)
    eventually(lambda: gateway.events("staff.inspected"))
    assert gateway.events("staff.inspected")[0]["tracking_number"] == label["tracking_number"]
    assert "delivered" not in {event["status"] for event in gateway.events("parcel.scanned")}


def test_staff_may_reject_a_line_but_not_at_the_next_location(visitor: Visitor, gateway: Gateway) -> None:
    order = visitor.order("staff_rejects_one_line")
    visitor.release(order, "STORE-1")
    eventually(lambda: gateway.events("staff.rejected"))
    (rejected,) = gateway.events("staff.rejected")[0]["lines"]
    assert (rejected["line_id"], rejected["reason"]) == ("L1", "not_found")
    visitor.release(order, "STORE-2", part="F2")
    eventually(lambda: len(gateway.events("staff.picked")) == 2)
    assert len(gateway.events("staff.rejected")) == 1


def test_a_buyer_collects_with_the_pin_from_the_mail(visitor: Visitor, gateway: Gateway) -> None:
    order = visitor.order("pickup_wrong_pin")
    visitor.release(order, "STORE-2", kind="pickup")
    eventually(lambda: gateway.events("staff.ready"))
    wish = {"recipient": order["buyer"]["email"], "template": "pickup-ready", "fields": {"pin": "4711"}}
    visitor.post("/mail", reference="m-1", **wish)
    visitor.post("/mail", reference="m-1", **wish)
    eventually(lambda: len(gateway.events("staff.collected")) == 2)
    assert [event["pin"] for event in gateway.events("staff.collected")] == ["5822", "4711"]
    assert visitor.journal("work.collected")
    assert len(visitor.get("/mail", buyer=order["buyer"]["email"])["messages"]) == 1


def test_a_buyer_returns_a_unit_by_label(visitor: Visitor, gateway: Gateway) -> None:
    order = visitor.order("return_by_label")
    fulfillment = visitor.release(order, "WH-AUTO")
    visitor.buy_label(fulfillment, "WH-AUTO")
    eventually(lambda: gateway.events("return.requested"))
    assert gateway.events("return.requested")[0]["lines"] == [{"line_id": "L1", "quantity": 1}]
    rma = f"sandbox-eu/{order['id']}/R1"
    back = visitor.buy_label(rma, "WH-AUTO", reference=f"return-label:{rma}:1", kind="return")
    eventually(lambda: gateway.events("staff.inspected"))
    told = gateway.events("staff.inspected")[0]
    assert told["tracking_number"] == back["tracking_number"]
    assert [(line["line_id"], line["quantity"], line["disposition"]) for line in told["lines"]] == [
        ("L1", 1, "RESTOCKED")
    ]


def test_a_buyer_brings_a_unit_to_the_store_once_it_is_expected_there(visitor: Visitor, gateway: Gateway) -> None:
    order = visitor.order("return_in_store")
    visitor.buy_label(visitor.release(order, "STORE-1"), "STORE-1")
    eventually(lambda: gateway.events("return.requested"))
    assert gateway.events("return.requested")[0]["course"] == "store"
    rma = f"sandbox-eu/{order['id']}/R1"
    visitor.post("/locations/STORE-1/returns", return_id=rma, lines=[{"sku": "x", "quantity": 1, "line_id": "L1"}])
    eventually(lambda: gateway.events("staff.inspected"))
    assert gateway.events("staff.received")[0]["return_id"] == rma


def test_buyers_cancel_early_and_late(visitor: Visitor) -> None:
    early, late = visitor.order("cancel_early"), visitor.order("cancel_late")
    eventually(lambda: visitor.journal("cancel.requested"))
    visitor.buy_label(visitor.release(late, "WH-AUTO"), "WH-AUTO")
    eventually(lambda: len(visitor.journal("cancel.requested")) == 2)
    assert [entry["order_id"] for entry in visitor.journal("cancel.requested")] == [early["id"], late["id"]]


def test_a_hold_ends_and_the_money_is_there(visitor: Visitor) -> None:
    order = visitor.order("hold_payment")
    assert (order["holds"], order["payments"]) == (["payment_pending"], [])
    eventually(lambda: visitor.journal("order.released"))
    told = visitor.get(f"/marketplace/sandbox-eu/orders/{order['id']}")
    assert (told["holds"], told["payments"][0]["captured"]) == ([], order["total"])


def test_who_gives_all_the_money_back_does_so_once_the_goods_have_left(visitor: Visitor) -> None:
    scene = visitor.post("/scenes", orders=1, mix={"hand_refund_then_return": 1})
    eventually(lambda: visitor.get(f"/scenes/{scene['id']}")["orders"])
    (placed,) = visitor.get(f"/scenes/{scene['id']}")["orders"]
    assert visitor.get(f"/scenes/{scene['id']}")["deeds_to_come"] == 0
    path = f"/marketplace/{placed['account']}/orders/{placed['order_id']}"
    order = visitor.get(path)
    lines = [{"line_id": line["id"], "quantity": line["quantity"]} for line in order["lines"]]
    visitor.post(f"{path}/shipments", reference="t-1", carrier="c", tracking_number="N1", lines=lines)
    eventually(lambda: [entry["amount"] for entry in visitor.journal("order.refunded")] == [order["total"]])
