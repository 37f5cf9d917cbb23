"""An order of the marketplace in our words."""

import json
from typing import Any

import pytest

from adapters.lenient import loads
from adapters.marketplaces.mirakl.countries import TWO_LETTERS
from adapters.marketplaces.mirakl.mapping import read_order
from adapters.marketplaces.mirakl.settings import MiraklSettings
from domain.errors import ContractBroken
from domain.order import ChannelOrder, HoldReason, Ownership
from tests.adapters.marketplaces.mirakl.world import PAYLOADS, MiraklWorld


def payload() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((PAYLOADS / "partly.json").read_text())
    return told


def read(**changes: Any) -> ChannelOrder:
    settings = MiraklSettings.model_validate(MiraklWorld().settings)
    return read_order(json.dumps(payload() | changes).encode(), settings)


def test_an_order_with_nulls_is_read_as_it_is_meant() -> None:
    order = read()
    assert (order.channel_order_id, order.number) == ("C-77012-A", "C-77012")
    assert [(line.listing_id, line.quantity, line.cancelled) for line in order.lines] == [
        ("MUG", 3, 1),
        ("SCARF-R", 1, 0),
    ]
    assert order.address is not None
    assert (order.address.name, order.address.country) == ("Ada Quell", "DE")
    assert order.address.street == "Hauptstr. 1, Hinterhaus"
    assert order.buyer.email == "n+1@notification.example"
    assert order.ship_by is not None
    assert order.ship_by.isoformat() == "2026-03-04T22:59:59.999000+00:00"


def test_money_is_exact_be_it_a_number_or_text() -> None:
    order = read()
    assert (order.total, order.captured, order.shipping) == (3525, 3525, 490)
    assert [line.unit_price for line in order.lines] == [666, 1000]
    assert order.tax == 37, "a deposit of 35, and two cents that do not divide by three"
    assert [(one.refund_id, one.amount) for one in order.refunds] == [("g-1", 175)]


def test_an_amount_of_more_digits_than_a_binary_fraction_holds_is_exact() -> None:
    lines = payload()["order_lines"][:1]
    lines[0] |= {"quantity": 1, "price": 0, "shipping_price": 0, "cancelations": [], "refunds": [], "taxes": []}
    body = json.dumps(payload() | {"order_lines": lines, "shipping_price": 0}).replace('"35.25"', "8000000000000.07")
    order = read_order(body.encode(), MiraklSettings.model_validate(MiraklWorld().settings))
    assert order.total == 800000000000007
    assert loads("8000000000000.07") != 8000000000000.07


@pytest.mark.parametrize("state", ["WAITING_ACCEPTANCE", "WAITING_DEBIT", "WAITING_DEBIT_PAYMENT", "REFUSED"])
def test_an_order_whose_address_comes_later_is_read_without(state: str) -> None:
    order = read(order_state=state, customer={"firstname": "Ada", "lastname": "Quell", "shipping_address": None})
    assert (order.address, order.buyer.name) == (None, "Ada Quell")


def test_an_order_that_is_to_be_shipped_has_an_address() -> None:
    with pytest.raises(ContractBroken):
        read(customer={"shipping_address": None})


def test_taxes_that_come_on_top_are_paid_too() -> None:
    lines = payload()["order_lines"]
    lines[0]["shipping_taxes"] = [{"code": "VAT", "amount": 0.93}]
    order = read(order_tax_mode="TAX_EXCLUDED", order_lines=lines)
    assert order.total == 3525 + 319 + 93
    assert read(order_tax_mode="TAX_INCLUDED", order_lines=lines).total == 3525


@pytest.mark.parametrize(
    ("state", "holds"),
    [
        ("STAGING", (HoldReason.FRAUD,)),
        ("WAITING_ACCEPTANCE", ()),
        ("WAITING_DEBIT", (HoldReason.PAYMENT,)),
        ("WAITING_DEBIT_PAYMENT", (HoldReason.PAYMENT,)),
        ("SHIPPING", ()),
    ],
)
def test_a_state_says_what_keeps_it_from_starting(state: str, holds: tuple[HoldReason, ...]) -> None:
    assert read(order_state=state).holds == holds


@pytest.mark.parametrize("state", ["REFUSED", "CANCELED"])
def test_a_refused_or_cancelled_order_is_cancelled_as_a_whole(state: str) -> None:
    order = read(order_state=state)
    assert (order.cancelled, [line.cancelled for line in order.lines]) == (True, [3, 1])


@pytest.mark.parametrize("state", ["SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"])
def test_an_order_that_left_has_sent_what_was_not_cancelled(state: str) -> None:
    order = read(order_state=state, shipping_tracking="H-1")
    assert [(one.tracking_number, one.quantities) for one in order.shipments] == [
        ("H-1", {"C-77012-A-1": 2, "C-77012-A-2": 1})
    ]


def test_a_shipment_named_by_its_offer_is_one_of_that_line() -> None:
    one = {"id": "s-1", "order_id": "C-77012-A", "status": "SHIPPED", "tracking": None,
           "shipment_lines": [{"offer_sku": "SCARF-R", "quantity": 1}]}  # fmt: skip
    prepared = one | {"id": "s-2", "status": "SHIPPING"}
    order = read(crossdock_shipments=[one, prepared])
    assert [line.shipped for line in order.lines] == [0, 1]


def test_an_order_that_another_center_fulfills_is_not_ours() -> None:
    assert read(fulfillment={"center": {"code": "OPERATOR-1"}}).ownership is Ownership.EXTERNAL
    assert read(fulfillment=None).ownership is Ownership.OURS


def test_an_order_nobody_paid_yet_is_not_captured() -> None:
    assert read(customer_debited_date=None).captured == 0


def test_every_country_has_its_own_two_letters() -> None:
    assert len(TWO_LETTERS) == len(set(TWO_LETTERS.values())) == 249
    assert (TWO_LETTERS["AUT"], TWO_LETTERS["CHE"], TWO_LETTERS["SWE"]) == ("AT", "CH", "SE")


@pytest.mark.parametrize(
    "changes",
    [
        {"order_state": "SHIPPING_SOON"},
        {"order_tax_mode": "TAX_SOMEHOW"},
        {"order_tax_mode": None},
        {"created_date": "2026-03-01T09:15:00"},
        {"created_date": 1772359200},
        {"total_price": 35.255},
        {"currency_iso_code": "XXX"},
        {"customer": {"shipping_address": {"country_iso_code": "XYZ"}}},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ContractBroken):
        read(**changes)
