"""What a store holds: orders with their parts, fulfillments and money, and stock; and how it shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.adapters.marketplaces.shopify.engine import Rows

HERE, ELSEWHERE, COUNTER = "81", "82", "83"
DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}

ADDRESS: Rows = {
    "name": "Ada Example",
    "company": None,
    "address1": "1 Mill Lane",
    "address2": "",
    "city": "Berlin",
    "provinceCode": None,
    "zip": "10115",
    "countryCodeV2": "DE",
    "phone": None,
}


def gid(kind: str, number: int | str) -> str:
    return f"gid://shopify/{kind}/{number}"


def number_of(told: str) -> int:
    tail = told.rpartition("/")[2]
    return int(tail) if tail.isdigit() and told.count("/") == 4 else -1


def text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Line:
    number: int
    listing_id: str
    sku: str
    quantity: int
    price: int
    current: int
    ships: bool = True


@dataclass
class Part:
    number: int
    location: str
    method: str
    remaining: dict[int, int]
    row_ids: dict[int, int]
    updated_at: datetime
    status: str = "OPEN"
    holds: list[str] = field(default_factory=list[str])
    fulfill_at: datetime | None = None
    fulfill_by: datetime | None = None


@dataclass
class Sent:
    number: int
    company: str
    tracking: str
    units: dict[int, int]
    updated_at: datetime
    status: str = "SUCCESS"


@dataclass
class Payment:
    number: int
    kind: str
    amount: int
    parent: int | None = None
    status: str = "SUCCESS"
    gateway: str = "shopify_payments"


@dataclass
class Refund:
    number: int
    note: str
    amount: int
    updated_at: datetime


@dataclass
class Order:
    number: int
    currency: str
    placed_at: datetime
    updated_at: datetime
    lines: list[Line]
    parts: list[Part]
    shipping: int = 0
    discount: int = 0
    tax: int = 0
    status: str = "PAID"
    test: bool = False
    sent: list[Sent] = field(default_factory=list[Sent])
    payments: list[Payment] = field(default_factory=list[Payment])
    refunds: list[Refund] = field(default_factory=list[Refund])
    cancelled_at: datetime | None = None
    staff_note: str | None = None

    @property
    def total(self) -> int:
        return sum(line.price * line.quantity for line in self.lines) + self.shipping + self.tax - self.discount

    def live(self) -> list[Sent]:
        return [sent for sent in self.sent if sent.status == "SUCCESS"]

    def shipped(self) -> dict[int, int]:
        units: dict[int, int] = {}
        for sent in self.live():
            for number, quantity in sent.units.items():
                units[number] = units.get(number, 0) + quantity
        return units


def connection(rows: Sequence[Rows], most: int = 250) -> Callable[..., Rows]:
    """Return a field that pages as the vendor does; cursors name the row after which to go on."""

    def page(first: int, after: str | None = None, **_: Any) -> Rows:
        keys = [str(row.get("cursor", number)) for number, row in enumerate(rows)]
        start = next((number for number, key in enumerate(keys) if key > after), len(keys)) if after else 0
        taken = rows[start : start + min(first, most)]
        end = keys[start + len(taken) - 1] if taken else None
        return {"nodes": list(taken), "pageInfo": {"hasNextPage": start + len(taken) < len(rows), "endCursor": end}}

    return page


def listed(rows: list[Rows]) -> Callable[..., list[Rows]]:
    """Return a list that has no pages, of which so many rows are shown as are asked for."""

    def first_of(first: int | None = None, **_: Any) -> list[Rows]:
        return rows[:first]

    return first_of


def always(value: Rows | None) -> Callable[..., Rows | None]:
    """Return a field that is the same whatever it is asked."""

    def told(**_: Any) -> Rows | None:
        return value

    return told


def numbered(rows: Sequence[Rows]) -> list[Rows]:
    return [row | {"cursor": f"{number:06}"} for number, row in enumerate(rows)]


def bag(amount: int, currency: str) -> Rows:
    """Return an amount as the vendor writes it: at least one decimal, and the shop's own money beside the buyer's."""
    decimals = DECIMALS[currency]
    whole, rest = divmod(amount, 10**decimals)
    told = f"{whole}.{rest:0{decimals}}" if decimals else f"{whole}.0"
    if told.endswith("0") and decimals == 2:
        told = told[:-1]
    money = {"amount": told, "currencyCode": currency}
    return {"presentmentMoney": money, "shopMoney": {"amount": "1.0", "currencyCode": "USD"}}


def sums_view(order: Order) -> Rows:
    def money(amount: int) -> Rows:
        return bag(amount, order.currency)

    return {
        "totalPriceSet": money(order.total),
        "totalShippingPriceSet": money(order.shipping),
        "totalTaxSet": money(order.tax),
        "totalTipReceivedSet": money(0),
        "originalTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "totalReceivedSet": money(sum(each.amount for each in order.payments if each.kind == "SALE")),
    }


def order_view(order: Order) -> Rows:
    return sums_view(order) | {
        "__typename": "Order",
        "id": gid("Order", order.number),
        "legacyResourceId": str(order.number),
        "name": f"#{order.number}",
        "test": order.test,
        "processedAt": text(order.placed_at),
        "updatedAt": text(order.updated_at),
        "cancelledAt": text(order.cancelled_at) if order.cancelled_at else None,
        "cancellation": {"staffNote": order.staff_note} if order.cancelled_at else None,
        "presentmentCurrencyCode": order.currency,
        "taxesIncluded": order.tax == 0,
        "dutiesIncluded": False,
        "displayFinancialStatus": order.status,
        "paymentGatewayNames": ["shopify_payments"],
        "email": "ada@example.org",
        "phone": None,
        "shippingAddress": ADDRESS,
        "lineItems": connection(numbered([line_view(line, order) for line in order.lines])),
        "fulfillmentOrders": connection(numbered([part_view(part) for part in order.parts])),
        "fulfillments": listed([sent_view(sent) for sent in order.sent]),
        "refunds": listed([refund_view(refund, order) for refund in order.refunds]),
        "transactions": listed([payment_view(payment, order) for payment in order.payments]),
    }


def line_view(line: Line, order: Order) -> Rows:
    return {
        "id": gid("LineItem", line.number),
        "quantity": line.quantity,
        "currentQuantity": line.current,
        "sku": line.sku,
        "name": f"A thing {line.sku}",
        "requiresShipping": line.ships,
        "originalUnitPriceSet": bag(line.price, order.currency),
        "variant": {"legacyResourceId": line.listing_id, "barcode": None} if line.listing_id else None,
    }


def part_view(part: Part) -> Rows:
    rows = [
        {
            "id": gid("FulfillmentOrderLineItem", part.row_ids[number]),
            "remainingQuantity": units,
            "lineItem": {"id": gid("LineItem", number)},
        }
        for number, units in part.remaining.items()
    ]
    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", part.number),
        "status": part.status,
        "updatedAt": text(part.updated_at),
        "fulfillAt": text(part.fulfill_at) if part.fulfill_at else None,
        "fulfillBy": text(part.fulfill_by) if part.fulfill_by else None,
        "fulfillmentHolds": [{"reason": reason} for reason in part.holds],
        "deliveryMethod": {"methodType": part.method},
        "assignedLocation": {"location": {"legacyResourceId": part.location}},
        "lineItems": connection(numbered(rows)),
    }


def sent_view(sent: Sent) -> Rows:
    rows = [{"quantity": units, "lineItem": {"id": gid("LineItem", number)}} for number, units in sent.units.items()]
    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", sent.number),
        "legacyResourceId": str(sent.number),
        "status": sent.status,
        "updatedAt": text(sent.updated_at),
        "trackingInfo": listed([{"company": sent.company, "number": sent.tracking}] if sent.tracking else []),
        "fulfillmentLineItems": connection(numbered(rows)),
    }


def refund_view(refund: Refund, order: Order) -> Rows:
    return {
        "id": gid("Refund", refund.number),
        "legacyResourceId": str(refund.number),
        "note": refund.note or None,
        "updatedAt": text(refund.updated_at),
        "totalRefundedSet": bag(refund.amount, order.currency),
    }


def payment_view(payment: Payment, order: Order) -> Rows:
    return {
        "id": gid("OrderTransaction", payment.number),
        "kind": payment.kind,
        "status": payment.status,
        "gateway": payment.gateway,
        "amountSet": bag(payment.amount, order.currency),
        "parentTransaction": {"id": gid("OrderTransaction", payment.parent)} if payment.parent else None,
    }
