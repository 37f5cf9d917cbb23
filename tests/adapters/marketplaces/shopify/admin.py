"""The vendor's side of the Admin API: its queries and mutations, over what the store holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from graphql import GraphQLError

from adapters.marketplaces.shopify.settings import SCOPES
from tests.adapters.marketplaces.shopify.engine import Rows
from tests.adapters.marketplaces.shopify.shelf import (
    DECIMALS,
    Line,
    Order,
    Part,
    Payment,
    Refund,
    Sent,
    always,
    connection,
    gid,
    listed,
    number_of,
    order_view,
    part_view,
    sent_view,
    text,
)

PAGE = 3
"""No list holds more than this at once, whatever is asked for: pages are to be short here."""


def refused(message: str, *path: str, code: str | None = None) -> Rows:
    error: Rows = {"field": list(path) or None, "message": message}
    return {"userErrors": [error | ({"code": code} if code else {})]}


class Admin:
    """One store. Each public method that takes GraphQL arguments is a field of the root."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.orders: dict[int, Order] = {}
        self.wishes: dict[int, tuple[int, str]] = {}
        self.stock: dict[str, tuple[int, datetime]] = {}
        self.untracked: set[str] = set()
        self.unstocked: set[str] = set()
        self.jobs: dict[str, Callable[[], None] | None] = {}
        self.distorted, self.withheld = set[str](), ""
        self.answered: dict[str, tuple[str, Rows]] = {}
        self.numbers = count(5001)

    def root(self) -> Rows:
        names = (
            "order", "fulfillmentOrders", "node", "nodes", "job", "fulfillmentCreate", "orderCancel",
            "refundCreate", "returnApproveRequest", "returnDeclineRequest", "inventorySetQuantities",
        )  # fmt: skip
        snake = re.compile("(?=[A-Z])")
        own = {
            "return": self.return_,
            "currentAppInstallation": self.installation,
            "orders": self.list_orders,
            "fulfillmentTrackingInfoUpdate": self.correct_tracking,
            "fulfillmentOrderLineItemsPreparedForPickup": self.prepare_pickup,
        }
        return {name: getattr(self, snake.sub("_", name).lower()) for name in names} | own

    def order(self, id: str) -> Rows | None:  # noqa: A002  the vendor's word
        found = self.orders.get(number_of(id))
        return order_view(found) if found and id.startswith("gid://shopify/Order/") else None

    def installation(self) -> Rows:
        return {"accessScopes": [{"handle": scope} for scope in SCOPES if scope != self.withheld]}

    def list_orders(self, query: str, **arguments: Any) -> Rows:
        since = _since(query)
        rows = [
            order_view(order) | {"cursor": f"{text(order.updated_at)}/{order.number:012}"}
            for order in self.orders.values()
            if text(order.updated_at) >= since
        ]
        return connection(sorted(rows, key=lambda row: str(row["cursor"])), PAGE)(**_paging(arguments))

    def node(self, id: str) -> Rows | None:  # noqa: A002  the vendor's word
        if "/Order/" in id:
            return self.order(id)
        parts = (part_view(part) for order in self.orders.values() for part in order.parts)
        sent = (sent_view(each) for order in self.orders.values() for each in order.sent)
        return next((view for view in (*parts, *sent) if view["id"] == id), None)

    def nodes(self, ids: list[str]) -> list[Rows | None]:
        assert all(each.rpartition("/")[2].isdigit() for each in ids), "an invalid id fails the whole query"
        return [self._variant(each) for each in ids]

    def job(self, id: str) -> Rows | None:  # noqa: A002  the vendor's word
        return {"id": id, "done": self.jobs[id] is None} if id in self.jobs else None

    def return_(self, id: str) -> Rows | None:  # noqa: A002  the vendor's word
        found = self.wishes.get(number_of(id))
        return {"id": id, "status": found[1]} if found else None

    def fulfillment_orders(self, query: str, **arguments: Any) -> Rows:
        since = _since(query)
        rows = [
            {
                "updatedAt": text(part.updated_at),
                "order": {"id": gid("Order", order.number), "updatedAt": text(order.updated_at)},
                "cursor": f"{text(part.updated_at)}/{part.number:012}",
            }
            for order in self.orders.values()
            for part in order.parts
            if text(part.updated_at) >= since
        ]
        return connection(sorted(rows, key=lambda row: str(row["cursor"])), PAGE)(**_paging(arguments))

    def fulfillment_create(self, fulfillment: Rows, **_: Any) -> Rows:
        taken: dict[int, int] = {}
        asked: list[tuple[Order, Part, int, int]] = []
        for group in fulfillment["lineItemsByFulfillmentOrder"]:
            owner, part = self._part(group["fulfillmentOrderId"])
            rows = {gid("FulfillmentOrderLineItem", row): line for line, row in part.row_ids.items()}
            for row in group["fulfillmentOrderLineItems"]:
                line = rows.get(row["id"], -1)
                asked.append((owner, part, line, row["quantity"]))
                taken[line] = taken.get(line, 0) + row["quantity"]
        if len({part.location for _, part, _, _ in asked}) > 1:
            return refused("All fulfillment orders must be assigned to the same location.", "fulfillment")
        if any(part.status not in {"OPEN", "IN_PROGRESS"} for _, part, _, _ in asked):
            return refused("Fulfillment order is not in a fulfillable state.", "fulfillment")
        if any(not 0 < units <= part.remaining.get(line, 0) for _, part, line, units in asked):
            return refused("Invalid fulfillment order line item quantity requested.", "fulfillment")
        for _owner, part, line, units in asked:
            part.remaining[line] -= units
            part.updated_at = self.now
            part.status = part.status if any(part.remaining.values()) else "CLOSED"
        order, told = asked[0][0], fulfillment["trackingInfo"]
        sent = Sent(next(self.numbers), told["company"], told["number"], taken, self.now)
        order.sent.append(sent)
        order.updated_at = self.now
        return {"fulfillment": sent_view(sent), "userErrors": []}

    def correct_tracking(self, fulfillmentId: str, trackingInfoInput: Rows, **_: Any) -> Rows:  # noqa: N803  the vendor's words
        for order in self.orders.values():
            for sent in order.sent:
                if gid("Fulfillment", sent.number) == fulfillmentId:
                    sent.company, sent.tracking = trackingInfoInput["company"], trackingInfoInput["number"]
                    sent.updated_at = order.updated_at = self.now
                    return {"fulfillment": sent_view(sent), "userErrors": []}
        return {"fulfillment": None} | refused("Fulfillment does not exist.", "fulfillmentId")

    def prepare_pickup(self, input: Rows) -> Rows:  # noqa: A002  the vendor's word
        for group in input["lineItemsByFulfillmentOrder"]:
            _, part = self._part(group["fulfillmentOrderId"])
            if part.status != "OPEN":
                code = "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER"
                return refused("Nothing can be prepared.", "input", code=code)
            part.status, part.updated_at = "IN_PROGRESS", self.now
        return {"userErrors": []}

    def order_cancel(self, orderId: str, staffNote: str | None, **_: Any) -> Rows:  # noqa: N803  the vendor's words
        order = self.orders[number_of(orderId)]
        job = gid("Job", next(self.numbers))
        self.jobs[job] = lambda: self._cancel(order, staffNote)
        return {"job": {"id": job, "done": False}, "orderCancelUserErrors": []}

    def refund_create(self, input: Rows, key: str | None = None) -> Rows:  # noqa: A002  the vendor's word
        return self._once(input, key, self._refund)

    def return_approve_request(self, input: Rows) -> Rows:  # noqa: A002  the vendor's word
        return self._answer(input, "OPEN")

    def return_decline_request(self, input: Rows) -> Rows:  # noqa: A002  the vendor's word
        return self._answer(input, "DECLINED")

    def inventory_set_quantities(self, input: Rows, key: str | None = None) -> Rows:  # noqa: A002  the vendor's word
        return self._once(input, key, self.set_quantities)

    def finish_jobs(self) -> None:
        for job, work in list(self.jobs.items()):
            if work is not None:
                work()
                self.jobs[job] = None

    def cancel_units(self, order: Order, line: Line, units: int) -> None:
        """Take units out of what is still to be sent."""
        line.current -= units
        for part in order.parts:
            gone = min(part.remaining.get(line.number, 0), units)
            part.remaining[line.number] = part.remaining.get(line.number, 0) - gone
            units -= gone
        order.updated_at = self.now

    def _cancel(self, order: Order, note: str | None) -> None:
        if order.live() or order.cancelled_at:
            return
        for line in order.lines:
            self.cancel_units(order, line, line.current)
        for part in order.parts:
            part.status = "CLOSED"
        order.cancelled_at = order.updated_at = self.now
        order.staff_note = note

    def _once(self, asked: Rows, key: str | None, do: Callable[[Rows], Rows]) -> Rows:
        """Do what was asked once under its key, as the vendor does since 2026-04."""
        if not key:
            raise GraphQLError("The @idempotent directive is required", extensions={"code": "BAD_REQUEST"})
        request = json.dumps(asked, sort_keys=True)
        if key in self.answered and self.answered[key][0] != request:
            return refused("The same idempotency key cannot be used with different operation parameters.")
        if key not in self.answered:
            self.answered[key] = (request, do(asked))
        return self.answered[key][1]

    def _refund(self, asked: Rows) -> Rows:
        order = self.orders[number_of(asked["orderId"])]
        lines = {gid("LineItem", line.number): line for line in order.lines}
        for row in asked.get("refundLineItems", ()):
            line = lines[row["lineItemId"]]
            left = sum(part.remaining.get(line.number, 0) for part in order.parts)
            if row["restockType"] != "CANCEL" or row["quantity"] > left or not row["locationId"]:
                return {"refund": None} | refused("Quantity cannot refund more items than remain.", "refundLineItems")
        amount = 0
        for row in asked.get("transactions", ()):
            portion = int(Decimal(row["amount"]).scaleb(DECIMALS[order.currency]))
            if portion > self._refundable(order, number_of(row["parentId"])):
                return {"refund": None} | refused("Refund amount exceeds what was paid.", "transactions")
            amount += portion
        for row in asked.get("refundLineItems", ()):
            self.cancel_units(order, lines[row["lineItemId"]], row["quantity"])
        for row in asked.get("transactions", ()):
            portion = int(Decimal(row["amount"]).scaleb(DECIMALS[order.currency]))
            order.payments.append(Payment(next(self.numbers), "REFUND", portion, number_of(row["parentId"])))
        made = Refund(next(self.numbers), asked.get("note", ""), amount, self.now)
        order.refunds.append(made)
        order.updated_at = self.now
        return {"refund": {"legacyResourceId": str(made.number)}, "userErrors": []}

    def _refundable(self, order: Order, payment: int) -> int:
        taken = sum(each.amount for each in order.payments if each.number == payment and each.kind == "SALE")
        return taken - sum(
            each.amount for each in order.payments if each.parent == payment and each.status == "SUCCESS"
        )

    def _answer(self, asked: Rows, status: str) -> Rows:
        number = number_of(asked["id"])
        order, before = self.wishes[number]
        if before != "REQUESTED":
            return {"return": None} | refused("Return is not requested.", "id", code="INVALID_STATE")
        self.wishes[number] = (order, status)
        return {"return": {"id": asked["id"], "status": status}, "userErrors": []}

    def set_quantities(self, asked: Rows) -> Rows:
        errors: list[Rows] = []
        for number, row in enumerate(asked["quantities"]):
            listing = str(number_of(row["inventoryItemId"]) - 7_000_000)
            path = ["input", "quantities", str(number)]
            if listing not in self.stock:
                errors.append({"field": path, "message": "Unknown.", "code": "INVALID_INVENTORY_ITEM"})
            elif row["changeFromQuantity"] not in {None, self.stock[listing][0]}:
                errors.append({"field": path, "message": "Stale.", "code": "CHANGE_FROM_QUANTITY_STALE"})
            elif row["quantity"] < 0:
                errors.append({"field": path, "message": "Negative.", "code": "INVALID_QUANTITY_NEGATIVE"})
        for row in () if errors else asked["quantities"]:
            self.stock[str(number_of(row["inventoryItemId"]) - 7_000_000)] = (row["quantity"], self.now)
        return {"userErrors": errors}

    def _variant(self, told: str) -> Rows | None:
        listing = str(number_of(told))
        if listing not in self.stock:
            return None
        quantity, since = self.stock[listing]
        level: Rows | None = {"quantities": listed([{"quantity": quantity, "updatedAt": text(since)}])}
        level = None if listing in self.unstocked else level
        number = gid("InventoryItem", int(listing) + 7_000_000)
        item = {"id": number, "tracked": listing not in self.untracked, "inventoryLevel": always(level)}
        return {"__typename": "ProductVariant", "legacyResourceId": listing, "inventoryItem": item}

    def _part(self, told: str) -> tuple[Order, Part]:
        for order in self.orders.values():
            for part in order.parts:
                if gid("FulfillmentOrder", part.number) == told:
                    return order, part
        raise GraphQLError("Fulfillment order does not exist.", extensions={"code": "NOT_FOUND"})


def _since(query: str) -> str:
    found = re.fullmatch(r"updated_at:>='([^']+)'", query)
    assert found, f"this world knows no query like {query}"
    return found[1]


def _paging(arguments: Rows) -> Rows:
    return {"first": arguments["first"], "after": arguments.get("after")}
