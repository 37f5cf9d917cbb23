"""An order of the shop in our words."""

from typing import Any

import pytest

from adapters.lenient import dumps
from adapters.marketplaces.woocommerce.mapping import read_order
from adapters.marketplaces.woocommerce.settings import WooCommerceSettings
from domain.errors import ContractBroken
from domain.order import ChannelOrder, HoldReason
from tests.adapters.marketplaces.woocommerce.world import WooWorld, read_payload


def read(settings: dict[str, Any] | None = None, **changes: Any) -> ChannelOrder:
    told = WooCommerceSettings.model_validate({**WooWorld().settings, **(settings or {})})
    return read_order(dumps(read_payload("ugly.json") | changes), told)


def test_an_ugly_order_is_read_as_it_is_meant() -> None:
    order = read()
    assert order.number == "WC-4711-ZZ"
    assert order.placed_at.isoformat() == "2026-03-01T09:15:00+00:00"
    assert [(line.line_id, line.listing_id, line.sku, line.quantity) for line in order.lines] == [
        ("31", "52", "MUG", 3),
        ("32", "60:61", "12345", 1),
    ]
    assert order.address is not None
    assert (order.address.name, order.address.street, order.address.country) == ("Ada Quell", "Hauptstr. 1", "DE")
    assert order.buyer.email == "ada@example.com"


def test_what_does_not_divide_by_units_is_not_lost() -> None:
    order = read()
    assert [line.unit_price for line in order.lines] == [333, 900]
    assert (order.total, order.captured, order.shipping) == (2594, 2594, 490)
    assert order.tax == 397 + 207, "a fee is paid like a tax, on top of the prices"
    assert order.discount == 999 + 900 + 490 + 604 - 2594


def test_a_fee_below_nothing_is_a_discount() -> None:
    order = read(fee_lines=[{"total": "-2.00"}], total="21.87")
    assert (order.tax, order.discount) == (397, 999 + 900 + 490 + 397 - 2187)


def test_the_place_of_delivery_wins_over_who_pays() -> None:
    place = {
        "first_name": "Bo",
        "last_name": "Li",
        "company": "Yard",
        "address_1": "Kai 2",
        "city": "Kiel",
        "country": "DE",
    }
    order = read(shipping=place)
    assert order.address is not None
    assert (order.address.name, order.address.phone) == ("Bo Li, Yard", "0731 1")


@pytest.mark.parametrize("status", ["pending", "on-hold", "failed"])
def test_an_unpaid_order_is_held(status: str) -> None:
    order = read(status=status, date_paid_gmt=None)
    assert order.holds == (HoldReason.PAYMENT,)
    assert order.captured == 0


def test_cash_on_delivery_is_not_captured_and_not_held() -> None:
    order = read(payment_method="cod", date_paid_gmt=None)
    assert (order.holds, order.captured, order.tender) == ((), 0, "cod")


def test_a_status_of_a_plugin_is_refused_until_the_operator_says_what_it_means() -> None:
    with pytest.raises(ContractBroken) as refused:
        read(status="picking")
    assert refused.value.code == "woocommerce-unknown-status"
    assert read({"statuses": {"picking": "processing"}}, status="picking").holds == ()


@pytest.mark.parametrize("status", ["auto-draft", "checkout-draft"])
def test_a_draft_is_no_order(status: str) -> None:
    with pytest.raises(ContractBroken) as refused:
        read(status=status)
    assert refused.value.code == "woocommerce-draft"


@pytest.mark.parametrize("name", ["local_pickup", "local_pickup:2"])
def test_a_shipping_method_can_mean_pickup(name: str) -> None:
    lines = [{"method_id": "local_pickup", "instance_id": 2}]
    order = read({"pickup": {name: "STORE-9"}}, shipping_lines=lines)
    assert (order.delivery, order.pickup_location) == ("pickup", "STORE-9")


@pytest.mark.parametrize(
    "changes",
    [
        {"total": "25.945"},
        {"total_tax": "-1.00"},
        {"currency": "XXX"},
        {"date_created_gmt": "2026-03-01"},
        {"date_modified_gmt": 1772359200},
        {"date_modified_gmt": "2026-03-01T09:15:00+01:00"},
        {"billing": {"country": ""}},
        {"refunds": [{"id": 5, "total": "-many"}]},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ContractBroken):
        read(**changes)


def test_half_a_unit_is_refused() -> None:
    lines = read_payload("ugly.json")["line_items"]
    with pytest.raises(ContractBroken):
        read(line_items=[lines[0] | {"quantity": 1.5}])
