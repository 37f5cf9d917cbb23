"""Deadlines that are only a day are days of the marketplace's own calendar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from adapters.marketplaces.sandbox.mapping import read_order
from domain.errors import ContractBroken


def document(line: Mapping[str, object] | None = None, **changes: object) -> bytes:
    """Return an order as the marketplace writes it."""
    one = {
        "id": "1", "listing_id": "L-1", "quantity": 1, "unit_price": 1000, "cancelled_quantity": 0,
        "shipped_quantity": 0,
    }  # fmt: skip
    where = dict.fromkeys(("name", "line1", "line2", "city", "region", "postal_code", "phone"), "x") | {"country": "US"}
    told: dict[str, object] = {
        "id": "SX-1", "number": "1", "placed_at": "2026-01-05T12:00:00Z", "updated_at": "2026-01-05T12:00:00Z",
        "currency": "USD", "status": "new", "test": False, "fulfilled_by": "seller", "lines": [{**one, **(line or {})}],
        "shipping_price": 0, "total": 1000, "payments": [], "ship_by": None, "deliver_by": None, "delivery": "ship",
        "pickup_location": None, "buyer": {"name": "x", "email": "x", "phone": "x"}, "address": where, "holds": [],
        "cancel_request": None, "shipments": [], "refunds": [],
    }  # fmt: skip
    return json.dumps(told | changes).encode()


def test_a_day_ends_where_the_marketplace_is() -> None:
    order = read_order(document(ship_by="2026-07-01", deliver_by="2026-07-03T12:00:00+02:00"), "America/Los_Angeles")
    assert order.ship_by == datetime(2026, 7, 2, 6, 59, 59, tzinfo=UTC)
    assert order.deliver_by == datetime(2026, 7, 3, 10, tzinfo=UTC)


def test_a_line_has_dates_of_its_own_and_a_preorder_begins_with_its_day() -> None:
    dates = {"ship_by": "2026-07-02", "deliver_by": "2026-07-03", "not_before": "2026-07-01"}
    (line,) = read_order(document(dates), "Europe/Berlin").lines
    assert line.ship_by == datetime(2026, 7, 2, 21, 59, 59, tzinfo=UTC)
    assert line.deliver_by == datetime(2026, 7, 3, 21, 59, 59, tzinfo=UTC)
    assert line.not_before == datetime(2026, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["9999-12-31", "tomorrow", "2026-02-30"])
def test_a_day_that_does_not_exist_is_set_aside(wrong: str) -> None:
    with pytest.raises(ContractBroken):
        read_order(document(ship_by=wrong))
