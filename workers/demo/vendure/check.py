"""The check in the real shop: whether each order shows there what Crossdock's record says was done."""

from __future__ import annotations

from collections.abc import Iterator

from domain.values import Model
from infra.database.reports.order_page import OrderPage
from infra.vendure.seen import SeenOrder
from workers.demo.vendure.floor import Purchase

SHIPPED = frozenset({"PartiallyShipped", "Shipped", "PartiallyDelivered", "Delivered"})


class CheckedOrder(Model):
    """One order, seen from both sides; without `differences` they agree."""

    code: str
    story: str
    ours: str
    theirs: str
    tracking: tuple[str, ...]
    refunded: int
    currency: str
    differences: tuple[str, ...]


class CheckedStock(Model):
    """What may be sold of one of the shop's SKUs: by the record, and by the shop after it was told."""

    sku: str
    ours: int
    theirs: int


class ShopCheck(Model):
    """Everything that was checked in the shop."""

    orders: tuple[CheckedOrder, ...]
    stock: tuple[CheckedStock, ...]

    @property
    def differences(self) -> tuple[str, ...]:
        """A sentence for everything in which the shop and the record differ."""
        of_stock = tuple(
            f"{row.sku}: {row.ours} may be sold, in the shop {row.theirs}"
            for row in self.stock
            if row.ours != row.theirs
        )
        return (*(words for order in self.orders for words in order.differences), *of_stock)


def compare(purchase: Purchase, page: OrderPage | None, seen: SeenOrder) -> CheckedOrder:
    """Compare an order of the record, where it is there, with what an administrator of the shop sees."""
    found = ("the record does not have it",) if page is None else _differences(page, seen)
    return CheckedOrder(
        code=seen.code,
        story=purchase.story.name,
        ours=page.header.state.value if page else "not recorded",
        theirs=seen.state,
        tracking=tuple(seen.tracking_codes),
        refunded=seen.refunded,
        currency=purchase.bought.currency_code,
        differences=tuple(f"{seen.code}: {words}" for words in found),
    )


def _differences(page: OrderPage, seen: SeenOrder) -> tuple[str, ...]:
    return (*_tracking(page, seen), *_lines(page, seen), *_money(page, seen), *_state(page, seen))


def _tracking(page: OrderPage, seen: SeenOrder) -> Iterator[str]:
    ours = sorted(parcel.tracking_number or "" for parcel in page.parcels if parcel.state == "LIVE")
    if ours != sorted(seen.tracking_codes):
        yield f"the parcels are {ours}, and the shop shows {sorted(seen.tracking_codes)}"


def _lines(page: OrderPage, seen: SeenOrder) -> Iterator[str]:
    theirs = {line.id: line.order_placed_quantity - line.quantity for line in seen.lines}
    for line in page.lines:
        if line.cancelled != theirs.get(line.line_id):
            yield f"{line.cancelled} of line {line.line_id} are cancelled, in the shop {theirs.get(line.line_id)}"


def _money(page: OrderPage, seen: SeenOrder) -> Iterator[str]:
    if page.header.refunding != seen.refunded:
        yield f"{page.header.refunding} were given back, in the shop {seen.refunded}"
    if any(refund.state != "Settled" for refund in seen.refunds):
        yield "a refund is not settled"


def _state(page: OrderPage, seen: SeenOrder) -> Iterator[str]:
    is_cancelled = all(line.cancelled == line.quantity for line in page.lines)
    if (seen.state == "Cancelled") is not is_cancelled or (not is_cancelled and seen.state not in SHIPPED):
        yield f"it is {page.header.state.value}, and {seen.state} in the shop"
