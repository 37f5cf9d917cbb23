"""The check in the shop finds every difference between the record and what the shop shows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.order import OrderState
from infra.database.reports.order_page import LineRow, OrderHeader, OrderPage, ParcelRow
from infra.vendure.buyer import PlacedOrder
from infra.vendure.seen import SeenOrder
from workers.demo.vendure.check import CheckedStock, ShopCheck, compare
from workers.demo.vendure.floor import Purchase
from workers.demo.vendure.stories import STORIES, tell_stories

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PURCHASE = Purchase(
    STORIES[0],
    PlacedOrder(id="7", code="ABC", state="PaymentSettled", total_with_tax=1000, currency_code="EUR", lines=[]),
    "ann@example.com",
)


def kept(*, cancelled: int = 0, refunding: int = 0, tracking: str | None = "SW1") -> OrderPage:
    """The order as the record has it: one line of two units."""
    header = OrderHeader(
        order_id="vendure/7", account="vendure", channel_order_id="7", number="ABC", state=OrderState.DELIVERED,
        ownership="ours", delivery="ship", pickup_location=None, currency="EUR", total=1000, shipping=0, discount=0,
        tax=0, captured=1000, refunding=refunding, placed_at=NOON, recorded_at=NOON, ship_by=None, deliver_by=None,
        closed_at=NOON, progress_at=NOON, acknowledged=True, cancel_requested=False,
    )  # fmt: skip
    line = LineRow(
        line_id="1", listing_id="9", channel_sku="MUG-ENA", sku="MUG-BLUE", title="", quantity=2, unit_price=500,
        cancelled=cancelled, by_hand=0, planned=0, done=2 - cancelled, lost=0, returned=0, open=0,
    )  # fmt: skip
    parcel = ParcelRow(
        parcel_id="vendure/7/F1/P1", fulfillment_id="vendure/7/F1", carrier="swift", state="LIVE",
        tracking_number=tracking, labelled_at=NOON, voided_at=None, told_at=NOON, last_scan=None, last_scan_at=None,
    )  # fmt: skip
    parcels = [parcel] if tracking else []
    return OrderPage(header=header, lines=[line], fulfillments=[], parcels=parcels, refunds=[], holds=[], waits=[])


def shown(*, state: str = "Shipped", left: int = 2, refunded: int = 0, settled: str = "Settled") -> SeenOrder:
    """The order as the shop shows it."""
    refund = {"id": "3", "state": settled, "total": refunded, "transactionId": "t", "reason": ""}
    sent: dict[str, Any] = {"id": "4", "state": "Shipped", "method": "swift", "trackingCode": "SW1", "lines": []}
    told: dict[str, Any] = {
        "id": "7",
        "code": "ABC",
        "state": state,
        "lines": [{"id": "1", "quantity": left, "orderPlacedQuantity": 2}],
        "payments": [{"id": "2", "state": "Settled", "amount": 1000, "refunds": [refund] if refunded else []}],
        "fulfillments": [sent] if left else [],
    }
    return SeenOrder.model_validate(told)


def test_an_order_that_shows_everything_agrees() -> None:
    assert compare(PURCHASE, kept(), shown()).differences == ()


def test_an_order_that_was_cancelled_and_paid_back_agrees() -> None:
    page = kept(cancelled=2, refunding=1000, tracking=None)
    assert compare(PURCHASE, page, shown(state="Cancelled", left=0, refunded=1000)).differences == ()


@pytest.mark.parametrize(
    ("page", "seen", "words"),
    [
        (kept(tracking=None), shown(), "the parcels are [], and the shop shows ['SW1']"),
        (kept(cancelled=1), shown(), "1 of line 1 are cancelled, in the shop 0"),
        (kept(refunding=5), shown(), "5 were given back, in the shop 0"),
        (kept(refunding=5), shown(refunded=5, settled="Pending"), "a refund is not settled"),
        (kept(), shown(state="PaymentSettled"), "it is DELIVERED, and PaymentSettled in the shop"),
        (kept(), shown(state="Cancelled"), "it is DELIVERED, and Cancelled in the shop"),
        (None, shown(), "the record does not have it"),
    ],
)
def test_a_difference_is_told_with_the_code_of_the_order(page: OrderPage | None, seen: SeenOrder, words: str) -> None:
    assert compare(PURCHASE, page, seen).differences == (f"ABC: {words}",)


def test_stock_that_the_shop_did_not_take_over_is_a_difference() -> None:
    check = ShopCheck(orders=(), stock=(CheckedStock(sku="MUG-ENA", ours=3, theirs=4),))
    assert check.differences == ("MUG-ENA: 3 may be sold, in the shop 4",)


def test_every_story_has_its_turn() -> None:
    assert tell_stories(len(STORIES) + 1) == [*STORIES, STORIES[0]]
