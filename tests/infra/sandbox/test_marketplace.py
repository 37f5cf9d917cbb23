"""The marketplace tells its orders, and takes what the seller did to them."""

import pytest

from tests.sandbox_world import Json, Visitor

ORDERS = "/marketplace/sandbox-eu/orders"


def refuse(visitor: Visitor, method: str, path: str, body: object | None = None) -> tuple[int, str]:
    answer = visitor.http.request(method, path, json=body)
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def order(visitor: Visitor) -> Json:
    lamps, kettle = {"listing_id": "LST-LAMP-DESK", "quantity": 2}, {"listing_id": "LST-KETTLE", "quantity": 1}
    return visitor.order(lines=[lamps, kettle])


def test_orders_are_listed_by_change_and_an_equal_moment_is_included(visitor: Visitor) -> None:
    placed = [visitor.order() for _ in range(3)]
    visitor.post(f"{ORDERS}/{placed[0]['id']}/acknowledge")
    listed = visitor.get(ORDERS)["orders"]
    assert [one["id"] for one in listed] == [placed[1]["id"], placed[2]["id"], placed[0]["id"]]
    since = visitor.get(ORDERS, updated_since=placed[2]["updated_at"])["orders"]
    assert [one["id"] for one in since] == [placed[2]["id"], placed[0]["id"]]


def test_pages_follow_one_another_without_gap_or_repeat(visitor: Visitor) -> None:
    placed = [visitor.order()["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = visitor.get(ORDERS, limit=2, cursor=cursor)
        seen += [one["id"] for one in page["orders"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == placed


def test_an_order_adds_up(order: Json) -> None:
    goods = sum(line["unit_price"] * line["quantity"] for line in order["lines"])
    assert goods + order["shipping_price"] == order["total"] == order["payments"][0]["captured"]
    assert "script" not in order


def test_yen_have_no_minor_units(visitor: Visitor) -> None:
    order = visitor.order("ship_yen")
    assert (order["currency"], order["lines"][0]["unit_price"]) == ("JPY", 1200)


def test_a_shipment_is_found_by_its_reference_and_cannot_exceed_what_is_open(visitor: Visitor, order: Json) -> None:
    path = f"{ORDERS}/{order['id']}/shipments"
    wish = {"reference": "t-1", "carrier": "c", "tracking_number": "N1", "lines": [{"line_id": "L1", "quantity": 2}]}
    visitor.post(path, **wish)
    assert refuse(visitor, "POST", path, wish) == (409, "already-done")
    (found,) = visitor.get(path, reference="t-1")["rows"]
    assert found["tracking_number"] == "N1"
    assert visitor.get(path, reference="t-2")["rows"] == []
    assert visitor.get(f"{ORDERS}/{order['id']}")["status"] == "partially_shipped"


def test_cancelled_units_are_neither_shipped_nor_cancelled_again(visitor: Visitor, order: Json) -> None:
    path = f"{ORDERS}/{order['id']}"
    visitor.post(f"{path}/cancel", reference="c-1", reason="short", lines=[{"line_id": "L2", "quantity": 1}])
    lines = [{"line_id": "L2", "quantity": 1}]
    assert refuse(visitor, "POST", f"{path}/shipments", {"lines": lines})[1] == "already-done"
    assert refuse(visitor, "POST", f"{path}/cancel", {"lines": lines})[1] == "already-done"
    visitor.post(f"{path}/cancel")
    assert visitor.get(path)["status"] == "cancelled"


def test_refunds_never_exceed_what_was_captured(visitor: Visitor, order: Json) -> None:
    path, total = f"{ORDERS}/{order['id']}/refunds", order["total"]
    visitor.post(path, reference="r-1", amount=total - 10, currency="EUR")
    assert refuse(visitor, "POST", path, {"amount": 11, "currency": "EUR"}) == (409, "refund-above-captured")
    assert refuse(visitor, "POST", path, {"amount": 5, "currency": "USD"}) == (422, "currency-mismatch")
    visitor.post(f"{ORDERS}/{order['id']}/hand/refund", amount=10, currency="EUR")
    assert [entry["by"] for entry in visitor.journal("order.refunded")] == ["crossdock", "hand"]


def test_stock_rows_have_outcomes_of_their_own(visitor: Visitor) -> None:
    rows = [
        {"listing_id": "LST-KETTLE", "quantity": 5, "version": 2},
        {"listing_id": "LST-NOBODY", "quantity": 5},
        {"listing_id": "LST-TEAPOT", "quantity": -1},
        {"listing_id": "LST-KETTLE", "quantity": 9, "version": 1},
    ]
    answer = visitor.put("/marketplace/sandbox-eu/stock", rows=rows)
    assert [row["outcome"] for row in answer["rows"]] == ["ok", "unknown-listing", "bad-quantity", "stale"]


def test_a_denied_request_to_cancel_leaves_the_order_as_it_is(visitor: Visitor, order: Json) -> None:
    path = f"{ORDERS}/{order['id']}"
    visitor.post(f"{path}/hand/request-cancel")
    assert visitor.get(path)["cancel_request"]["status"] == "open"
    visitor.post(f"{path}/deny-cancel", reason="too late")
    told = visitor.get(path)
    assert (told["cancel_request"]["status"], told["status"]) == ("denied", "new")


def test_whatever_the_marketplace_says_wrongly_it_can_correct(visitor: Visitor) -> None:
    for field in ("total", "currency", "address", "quantity"):
        wrong = visitor.order(f"malformed_{field}")
        right = visitor.post(f"{ORDERS}/{wrong['id']}/hand/correct")
        told = "lines" if field == "quantity" else field
        assert right[told] != wrong[told]
        assert right["updated_at"] > wrong["updated_at"]


def test_any_nonsense_can_be_placed_on_purpose(visitor: Visitor) -> None:
    order = visitor.order(overrides={"status": "teleported", "buyer": {"name": "a\x00b"}})
    assert visitor.get(f"{ORDERS}/{order['id']}")["status"] == "teleported"


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("GET", "/marketplace/nobody/orders", None, (404, "not-found")),
        ("GET", f"{ORDERS}/SX-1", None, (404, "not-found")),
        ("GET", f"{ORDERS}?updated_since=yesterday", None, (422, "bad-moment")),
        ("GET", f"{ORDERS}?updated_since=2026-01-01T00:00:00", None, (422, "bad-moment")),
        ("GET", f"{ORDERS}?cursor=%C3%A4", None, (422, "bad-cursor")),
        ("GET", f"{ORDERS}?limit=many", None, (422, "bad-limit")),
        ("POST", ORDERS, {"script": "opera"}, (422, "no-such-script")),
        ("POST", ORDERS, {"lines": [{"listing_id": "LST-X", "quantity": 1}]}, (422, "unknown-listing")),
        ("POST", ORDERS, {"lines": "all"}, (422, "invalid-request")),
    ],
)
def test_bad_requests_are_refused_with_a_code(
    visitor: Visitor, method: str, path: str, body: object, refusal: tuple[int, str]
) -> None:
    assert refuse(visitor, method, path, body) == refusal


def test_nobody_enters_without_the_token(visitor: Visitor) -> None:
    for path in (ORDERS, "/carriers/sandbox-swift/labels", "/locations/STORE-1/work", "/mail"):
        assert visitor.http.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert visitor.http.get("/witness", headers={"Authorization": ""}).status_code == 200
