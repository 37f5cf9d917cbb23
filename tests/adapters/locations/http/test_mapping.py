"""Callbacks are read as facts, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.locations.http.mapping import read_callback
from domain.errors import ContractBroken
from domain.facts import HandedOver, LinesRejected, SentUnits, StockChanged, StockCounted, TillReturned, TillSold
from tests.adapters.locations.http.simulator import HttpLocationsWorld

TOLD: dict[str, dict[str, Any]] = {
    told["type"]: told for told in map(json.loads, HttpLocationsWorld().webhook_bodies())
}


def read(kind: str, **changes: object) -> object:
    (fact,) = read_callback(json.dumps(TOLD[kind] | changes).encode())
    return fact


def test_a_shipment_says_what_truly_left() -> None:
    sent = HandedOver(fulfillment_id="shop-eu/1/F1", lines=(SentUnits(line_id="L1", quantity=1),))
    assert read("work.shipped") == sent
    assert read("work.shipped", lines=[]) == HandedOver(fulfillment_id="shop-eu/1/F1")


def test_a_shipment_may_name_the_number_of_a_label_of_its_own() -> None:
    own = {"tracking_number": "1Z 999AA10123456784", "carrier": "UPS"}
    assert read("work.shipped", lines=[], **own) == HandedOver(
        fulfillment_id="shop-eu/1/F1", tracking_number="1Z999AA10123456784", carrier="UPS"
    )


def test_every_callback_is_a_fact_of_its_kind() -> None:
    kinds = {"stock.counted": StockCounted, "stock.changed": StockChanged, "till.sold": TillSold}
    for kind, model in {**kinds, "till.returned": TillReturned}.items():
        assert type(read(kind)) is model
    fact = read("work.rejected")
    assert isinstance(fact, LinesRejected)
    assert fact.lines[0].reason == "damaged"


def test_moments_are_told_in_our_zone() -> None:
    fact = read("till.sold")
    assert isinstance(fact, TillSold)
    assert fact.occurred_at.isoformat() == "2026-03-01T08:59:00+00:00"


def test_a_callback_of_an_unknown_type_means_nothing() -> None:
    assert read_callback(b'{"id": "1", "type": "work.danced"}') == ()


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("work.picked", {"fulfillment_id": ""}),
        ("work.picked", {"id": ""}),
        ("work.shipped", {"lines": [{"line_id": "1", "quantity": -1}]}),
        ("work.shipped", {"tracking_number": 17}),
        ("work.shipped", {"tracking_number": "9" * 200}),
        ("work.shipped", {"carrier": None}),
        ("work.rejected", {"lines": []}),
        ("work.rejected", {"lines": [{"line_id": "1", "quantity": 1, "reason": "bored"}]}),
        ("return.inspected", {"lines": [{"line_id": "1", "quantity": 1, "disposition": "EATEN"}]}),
        ("stock.counted", {"counted_at": "2026-03-01T10:00:00"}),
        ("stock.counted", {"rows": [{"sku": "TEA", "units": -1}]}),
        ("stock.counted", {"rows": [{"sku": "TEA", "units": 1.5}]}),
        ("stock.counted", {"whole": None}),
        ("stock.counted", {"rows": [{"sku": "TEA", "units": 1, "lot": "L-7"}]}),
        ("stock.counted", {"rows": [{"sku": "TEA", "units": 1, "condition": "B"}]}),
        ("stock.counted", {"rows": [{"sku": "TEA", "units": 1}, {"sku": "TEA", "units": 2}]}),
        ("stock.changed", {"changes": []}),
        ("till.sold", {"receipt": "a/b"}),
        ("till.sold", {"lines": [{"line": "1", "sku": "", "quantity": 1}]}),
        ("till.sold", {"lines": [{"line": "1", "sku": "TEA", "quantity": 0}]}),
    ],
)
def test_what_the_contract_does_not_say_is_refused(kind: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ContractBroken):
        read(kind, **changes)
