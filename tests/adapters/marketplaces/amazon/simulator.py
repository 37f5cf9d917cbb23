"""A small Amazon: tokens that expire, limits, pages, parcels that are edited, feeds worked off later, a queue."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from tests.adapters.marketplaces.amazon.simulated_feeds import Feeds, amount_of

Json = dict[str, Any]
START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
STORE = "A1PA6795UKMFR9"
_DELAY = timedelta(minutes=2)
_PART_OF = {"BUYER": "buyer", "RECIPIENT": "recipient", "PROCEEDS": "proceeds", "PACKAGES": "packages"}
_PART_OF_LINE = {"PROCEEDS": "proceeds", "CANCELLATION": "cancellation", "FULFILLMENT": "fulfillment"}


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def refusal(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"errors": [{"code": code, "message": code, "details": ""}]})


class Amazon:
    """One seller's side of it; `quota` holds how often an operation may still be called, if it is limited at all.

    `instead` is answered to everything; `withheld` are the operations and actions that were not granted.
    """

    def __init__(self, listings: tuple[str, ...] = ("MUG-BLUE", "MUG-RED"), page_size: int = 100) -> None:
        self.now = START
        self.page_size = page_size
        self.orders: dict[str, Json] = {}
        self.tokens: list[str] = []
        self.refresh_token = "Atzr|refresh-of-a-test"
        self.quota: dict[str, int] = {}
        self.asked: list[str] = []
        self.bodies: list[tuple[str, Any]] = []
        self.answers: list[tuple[str, httpx.Response]] = []
        self.feeds = Feeds(self.orders, listings)
        self.messages: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.instead: httpx.Response | None = None
        self.withheld: set[str] = set()
        self.has_queue = True
        self._pages: dict[str, tuple[dict[str, str], list[str], str]] = {}
        self._routes: tuple[tuple[str, str, str, Callable[..., httpx.Response]], ...] = (
            ("searchOrders", "GET", r"/orders/2026-01-01/orders", self._search),
            ("getOrder", "GET", r"/orders/2026-01-01/orders/([^/]+)", self._get),
            ("confirmShipment", "POST", r"/orders/v0/orders/([^/]+)/shipmentConfirmation", self._confirm),
            ("createFeedDocument", "POST", r"/feeds/2021-06-30/documents", self.feeds.create_document),
            ("getFeedDocument", "GET", r"/feeds/2021-06-30/documents/([^/]+)", self.feeds.get_document),
            ("createFeed", "POST", r"/feeds/2021-06-30/feeds", self.feeds.create_feed),
            ("getFeeds", "GET", r"/feeds/2021-06-30/feeds", self.feeds.get_feeds),
            ("getFeed", "GET", r"/feeds/2021-06-30/feeds/([^/]+)", self.feeds.get_feed),
            ("getListingsItem", "GET", r"/listings/2021-08-01/items/([^/]+)/([^/]+)", self.feeds.get_listing),
            ("patchListingsItem", "PATCH", r"/listings/2021-08-01/items/([^/]+)/([^/]+)", self.feeds.patch_listing),
        )

    def place(self, order: Json) -> str:
        """Let a buyer place an order."""
        self.orders[order["orderId"]] = deepcopy(order)
        return order["orderId"]

    def touch(self, order_id: str, at: datetime | None = None) -> Json:
        order = self.orders[order_id]
        order["lastUpdatedTime"] = moment(at or self.now)
        return order

    def forget_tokens(self) -> None:
        """Let all access tokens have expired."""
        self.tokens.clear()

    def leave(self, message: Json) -> None:
        """Leave a message in the queue."""
        self.messages[f"receipt-{len(self.messages)}"] = json.dumps(message)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, as an `httpx.MockTransport` asks it."""
        if self.instead is not None:
            return self.instead
        if request.url.host == "api.amazon.com":
            return self._log_in(request)
        if request.url.host.startswith("sqs."):
            return self._queue(request)
        if request.url.host.endswith(".amazonaws.com"):
            return self.feeds.store(request)
        if request.headers.get("x-amz-access-token") not in self.tokens:
            return refusal(403, "Unauthorized")
        return self._api(request)

    def _api(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        for operation, method, pattern, answer in self._routes:
            found = re.fullmatch(pattern, path)
            if found is None or method != request.method:
                continue
            if operation in self.withheld:
                return refusal(403, "Unauthorized")
            self.asked.append(operation)
            if self.quota.get(operation, 1) == 0:
                return refusal(429, "QuotaExceeded")
            if operation in self.quota:
                self.quota[operation] -= 1
            if request.content:
                self.bodies.append((operation, json.loads(request.content)))
            told = answer(request, *(unquote(part) for part in found.groups()))
            self.answers.append((operation, told))
            return told
        return refusal(404, "NotFound")

    def _log_in(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        if form.get("refresh_token") != [self.refresh_token] or form.get("grant_type") != ["refresh_token"]:
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": "no"})
        self.tokens.append(f"Atza|access-{len(self.asked)}-{len(self.tokens)}")
        return httpx.Response(200, json={"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 3600})

    def _search(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        token = params.pop("paginationToken", "")
        if token:
            if token not in self._pages or self._pages[token][0] != params:
                return refusal(400, "InvalidInput")
            _, ids, before = self._pages[token]
        else:
            if ("createdAfter" in params) is ("lastUpdatedAfter" in params) or not params.get("marketplaceIds"):
                return refusal(400, "InvalidInput")
            # One pull is some minutes after the other; what is newer than the delay is not to be seen yet.
            self.now += timedelta(minutes=3)
            before = moment(self.now - _DELAY)
            ids = self._matching(params, before)
        size = min(int(params.get("maxResultsPerPage", 100)), self.page_size)
        shown = [self._shown(order_id, params) for order_id in ids[:size]]
        told: Json = {"orders": shown, "lastUpdatedBefore": before}
        if ids[size:]:
            following = f"next-{len(self._pages)}"
            self._pages[following] = (params, ids[size:], before)
            told["pagination"] = {"nextToken": following}
        return httpx.Response(200, json=told)

    def _matching(self, params: dict[str, str], before: str) -> list[str]:
        since, until = datetime.fromisoformat(params["lastUpdatedAfter"]), datetime.fromisoformat(before)
        stores = params["marketplaceIds"].split(",")
        found = [
            (datetime.fromisoformat(order["lastUpdatedTime"]), order_id)
            for order_id, order in self.orders.items()
            if order["salesChannel"]["marketplaceId"] in stores
        ]
        return [order_id for at, order_id in sorted(found, key=lambda one: one[0]) if since <= at <= until]

    def _get(self, request: httpx.Request, order_id: str) -> httpx.Response:
        if order_id not in self.orders:
            return refusal(404, "NotFound")
        return httpx.Response(200, json={"order": self._shown(order_id, dict(request.url.params))})

    def _shown(self, order_id: str, params: dict[str, str]) -> Json:
        """Return an order with the sets that were asked for, and no others."""
        included = params.get("includedData", "").split(",")
        order = deepcopy(self.orders[order_id])
        for part in (name for wish, name in _PART_OF.items() if wish not in included):
            order.pop(part, None)
        if "FULFILLMENT" not in included:
            order.pop("fulfillment", None)
        for line in order["orderItems"]:
            for part in (name for wish, name in _PART_OF_LINE.items() if wish not in included):
                line.pop(part, None)
        return order

    def _confirm(self, request: httpx.Request, order_id: str) -> httpx.Response:
        told = json.loads(request.content)["packageDetail"]
        order = self.orders.get(order_id)
        if order is None or not re.fullmatch(r"[1-9]\d*", told["packageReferenceId"]):
            return refusal(400, "InvalidInput")
        parcels = [one for one in order["packages"] if one["packageReferenceId"] != told["packageReferenceId"]]
        parcels.append(
            {
                "packageReferenceId": told["packageReferenceId"],
                "trackingNumber": told["trackingNumber"],
                "carrier": told.get("carrierName") or told["carrierCode"],
                "shipTime": told["shipDate"],
                "packageStatus": {"status": "SHIPPED"},
                "packageItems": told["orderItems"],
            }
        )
        if order["fulfillment"]["fulfillmentStatus"] in {"CANCELLED", "PENDING"} or not fits(order, parcels):
            return refusal(400, "InvalidInput")
        note_sent(self.touch(order_id), parcels)
        return httpx.Response(204)

    def _queue(self, request: httpx.Request) -> httpx.Response:
        if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=AKIDTEST/"):
            return httpx.Response(403, json={"__type": "com.amazon.coral.service#AccessDeniedException"})
        if not self.has_queue:
            return httpx.Response(400, json={"__type": "com.amazonaws.sqs#QueueDoesNotExist"})
        told = json.loads(request.content)
        action = request.headers["X-Amz-Target"].removeprefix("AmazonSQS.")
        if f"sqs:{action}" in self.withheld:
            return httpx.Response(400, json={"__type": "com.amazonaws.sqs#AccessDeniedException"})
        if action == "DeleteMessage":
            return self._delete(told["ReceiptHandle"])
        seen = [receipt for receipt in self.messages if receipt not in self.hidden][: told["MaxNumberOfMessages"]]
        self.hidden |= set(seen) if told["VisibilityTimeout"] else set()
        rows = [{"MessageId": receipt, "ReceiptHandle": receipt, "Body": self.messages[receipt]} for receipt in seen]
        body = json.dumps({"Messages": rows} if rows else {}).encode()
        return httpx.Response(200, content=body, headers={"Content-Type": "application/x-amz-json-1.0"})

    def _delete(self, receipt: str) -> httpx.Response:
        if not receipt.startswith("receipt-"):
            return httpx.Response(400, json={"__type": "com.amazonaws.sqs#ReceiptHandleIsInvalid"})
        self.messages.pop(receipt, None)
        return httpx.Response(200, headers={"Content-Type": "application/x-amz-json-1.0"})


def units(parcels: list[Json]) -> dict[str, int]:
    """Return what parcels hold, by line."""
    sums: dict[str, int] = {}
    for part in (part for parcel in parcels for part in parcel["packageItems"]):
        sums[part["orderItemId"]] = sums.get(part["orderItemId"], 0) + part["quantity"]
    return sums


def fits(order: Json, parcels: list[Json]) -> bool:
    ordered = {line["orderItemId"]: line["quantityOrdered"] for line in order["orderItems"]}
    return all(quantity <= ordered.get(line_id, 0) for line_id, quantity in units(parcels).items())


def note_sent(order: Json, parcels: list[Json]) -> None:
    """Let an order have these parcels."""
    order["packages"] = parcels
    sent = units(parcels)
    for line in order["orderItems"]:
        done = sent.get(line["orderItemId"], 0)
        line["fulfillment"] |= {"quantityFulfilled": done, "quantityUnfulfilled": line["quantityOrdered"] - done}
    left = any(line["fulfillment"]["quantityUnfulfilled"] for line in order["orderItems"])
    order["fulfillment"]["fulfillmentStatus"] = "PARTIALLY_SHIPPED" if left else "SHIPPED"


def make_order(
    order_id: str, lines: list[tuple[str, int, int]], at: datetime, currency: str = "EUR", shipping: int = 499
) -> Json:
    """Return an order: SKU, quantity and unit price in minor units of each line; shipping is paid with the first."""
    made = [_line(number, line, currency, shipping * (number == 1)) for number, line in enumerate(lines, 1)]
    total = sum(quantity * price for _, quantity, price in lines) + shipping
    window = {"earliestDateTime": moment(at), "latestDateTime": moment(at + timedelta(days=2))}
    return {
        "orderId": order_id,
        "createdTime": moment(at),
        "lastUpdatedTime": moment(at),
        "programs": ["PRIME"],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": STORE, "marketplaceName": "Amazon.de"},
        "buyer": {"buyerName": "Ada Kaufmann", "buyerEmail": "ada@marketplace.example"},
        "recipient": {
            "deliveryAddress": {
                "name": "Ada Kaufmann", "addressLine1": "Am Hafen 4", "city": "Kiel", "postalCode": "24103",
                "countryCode": "DE",
            }
        },
        "proceeds": {"grandTotal": amount_of(total, currency)},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT", "shipByWindow": window},
        "orderItems": made,
        "packages": [],
    }  # fmt: skip


def _line(number: int, line: tuple[str, int, int], currency: str, shipping: int) -> Json:
    sku, quantity, price = line
    parts = [{"type": "ITEM", "subtotal": amount_of(quantity * price, currency)}]
    if shipping:
        parts.append({"type": "SHIPPING", "subtotal": amount_of(shipping, currency)})
    return {
        "orderItemId": f"7000000000{number:04}",
        "quantityOrdered": quantity,
        "product": {
            "asin": "B000000001", "title": f"A mug, {sku}", "sellerSku": sku,
            "price": {"unitPrice": amount_of(price, currency)},
        },
        "proceeds": {"proceedsTotal": amount_of(quantity * price + shipping, currency), "breakdowns": parts},
        "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": quantity},
    }  # fmt: skip
