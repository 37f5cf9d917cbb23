"""A Shopify store that keeps its promises: GraphQL over HTTP, with its costs, its keys and its signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import ClassVar

import httpx

from adapters.conformance.worlds import MarketplaceWorld, Placed, PlacedLine, Truth, Vital, Wanted
from adapters.marketplaces.shopify import MANIFEST
from adapters.marketplaces.shopify.settings import SCOPES
from tests.adapters.marketplaces.shopify.admin import PAGE, Admin
from tests.adapters.marketplaces.shopify.engine import Rows, Run, plain
from tests.adapters.marketplaces.shopify.shelf import COUNTER, HERE, Line, Order, Part, Payment, Refund, Sent

SHOP = "north.myshopify.com"
TOKEN = "shpat_0000aaaa1111bbbb"
SECRET = "hush-hush-client-secret"
MONEY = "presentmentMoney.amount"

VITAL = Vital(
    texts=(
        "legacyResourceId",
        "presentmentCurrencyCode",
        "displayFinancialStatus",
        "totalPriceSet.presentmentMoney.currencyCode",
        "lineItems.nodes.0.id",
        "lineItems.nodes.0.variant.legacyResourceId",
        "fulfillmentOrders.nodes.0.status",
        "fulfillmentOrders.nodes.0.lineItems.nodes.0.id",
        "fulfillmentOrders.nodes.0.lineItems.nodes.0.lineItem.id",
    ),
    amounts=(
        f"totalPriceSet.{MONEY}",
        f"totalShippingPriceSet.{MONEY}",
        f"totalReceivedSet.{MONEY}",
        f"lineItems.nodes.0.originalUnitPriceSet.{MONEY}",
    ),
    quantities=("lineItems.nodes.0.quantity", "fulfillmentOrders.nodes.0.lineItems.nodes.0.remainingQuantity"),
    moments=("processedAt", "updatedAt"),
    rows=("lineItems.nodes",),
)


class ShopifyWorld(MarketplaceWorld):
    """One store and its app."""

    manifest = MANIFEST
    page_size = PAGE
    listings: ClassVar = {"4401": "MUG-BLUE", "4402": "MUG-RED", "4403": "LAMP"}
    currencies = ("EUR", "JPY", "KWD")
    tick = timedelta(seconds=1)
    signs_moment = False
    vital = VITAL
    unknown_listing = "4999"
    # Who may write something may read it.
    permissions = ("read_products", *(scope for scope in SCOPES if scope.startswith("write_")))

    def __init__(self, run: Run = plain) -> None:
        self._run = run
        self._now = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
        self.admin = Admin(self._now)
        self.admin.stock = dict.fromkeys(self.listings, (0, self._now))
        self._orders = count(1001)

    @property
    def settings(self) -> Mapping[str, object]:
        return {
            "shop": SHOP, "access_token": TOKEN, "client_secret": SECRET, "stock_location": HERE,
            "pickup": {COUNTER: "STORE-1"},
        }  # fmt: skip

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._answer)

    @property
    def now(self) -> datetime:
        return self._now

    def throttled(self, request: httpx.Request) -> httpx.Response:
        cost = {
            "requestedQueryCost": 750,
            "actualQueryCost": None,
            "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": 50, "restoreRate": 100},
        }
        told = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
        return httpx.Response(HTTPStatus.OK, json=told, request=request)

    async def finish_jobs(self) -> None:
        self.admin.finish_jobs()

    async def place_order(self, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        return self.place(wanted, moment, currency)

    async def place_pickup(self, wanted: Sequence[Wanted], moment: datetime) -> Placed:
        return self.place(wanted, moment, "EUR", method="PICK_UP", location=COUNTER)

    def place(
        self, wanted: Sequence[Wanted], moment: datetime, currency: str = "EUR", method: str = "SHIPPING",
        location: str = HERE,
    ) -> Placed:  # fmt: skip
        number = next(self._orders)
        lines = [
            Line(number * 100 + index, one.listing_id, self.listings[one.listing_id], one.quantity, one.unit_price,
                 one.quantity)
            for index, one in enumerate(wanted)
        ]  # fmt: skip
        remaining = {line.number: line.quantity for line in lines}
        part = Part(number * 10, location, method, remaining, {line: line + 50 for line in remaining}, moment)
        order = Order(number, currency, moment, moment, lines, [part], shipping=490)
        order.payments.append(Payment(number * 10 + 1, "SALE", order.total))
        self.admin.orders[number] = order
        told = tuple(
            PlacedLine(**one.model_dump(), line_id=str(line.number)) for one, line in zip(wanted, lines, strict=True)
        )
        return Placed(channel_order_id=str(number), lines=told, total=order.total, currency=currency)

    def order(self, placed: Placed) -> Order:
        return self.admin.orders[int(placed.channel_order_id)]

    async def touch(self, channel_order_id: str, moment: datetime) -> None:
        self.admin.orders[int(channel_order_id)].updated_at = moment

    async def truth(self, channel_order_id: str) -> Truth:
        order = self.admin.orders[int(channel_order_id)]
        collected = any(part.method == "PICK_UP" for part in order.parts) and bool(order.live())
        prepared = any(part.method == "PICK_UP" and part.status == "IN_PROGRESS" for part in order.parts)
        return Truth(
            shipped={str(line): units for line, units in order.shipped().items()},
            tracking_numbers=tuple(dict.fromkeys(sent.tracking for sent in order.live())),
            cancelled={str(line.number): line.quantity - line.current for line in order.lines
                       if line.quantity > line.current},
            refunded=sum(each.amount for each in order.payments if each.kind == "REFUND"),
            pickup="collected" if collected else "ready" if prepared else "",
            returns={str(wish): status == "OPEN" for wish, (number, status) in self.admin.wishes.items()
                     if number == order.number and status != "REQUESTED"},
        )  # fmt: skip

    async def offered(self, listing_id: str) -> int | None:
        return self.admin.stock[listing_id][0]

    async def distort(self, channel_order_id: str) -> None:
        self.admin.distorted.add(channel_order_id)

    async def ask_return(self, placed: Placed) -> str:
        wish = next(self.admin.numbers)
        self.admin.wishes[wish] = (int(placed.channel_order_id), "REQUESTED")
        return str(wish)

    async def ship_by_hand(self, placed: Placed, quantities: Mapping[str, int], tracking_number: str) -> None:
        order = self.order(placed)
        units = {int(line): quantity for line, quantity in quantities.items()}
        for line, quantity in units.items():
            order.parts[0].remaining[line] -= quantity
        order.sent.append(Sent(next(self.admin.numbers), "DHL", tracking_number, units, self.now))

    async def cancel_by_hand(self, placed: Placed, quantities: Mapping[str, int]) -> None:
        order = self.order(placed)
        for line in order.lines:
            self.admin.cancel_units(order, line, quantities.get(str(line.number), 0))

    async def refund_by_hand(self, placed: Placed, amount: int) -> None:
        order = self.order(placed)
        order.payments.append(Payment(next(self.admin.numbers), "REFUND", amount, order.payments[0].number))
        order.refunds.append(Refund(next(self.admin.numbers), "sorry", amount, self.now))

    def withhold(self, permission: str) -> None:
        self.admin.withheld = permission

    def webhook_bodies(self) -> tuple[bytes, ...]:
        order = {"id": 1001, "admin_graphql_api_id": "gid://shopify/Order/1001", "name": "#1001", "total_price": "1.00"}
        refund = {"id": 5002, "order_id": 1001, "admin_graphql_api_id": "gid://shopify/Refund/5002"}
        row = {"id": 1, "quantity": 1, "fulfillment_line_item": {"id": 3, "line_item": {"id": 100100}}}
        wish = {
            "id": 5003, "admin_graphql_api_id": "gid://shopify/Return/5003", "status": "requested",
            "order": {"id": 1001, "admin_graphql_api_id": "gid://shopify/Order/1001"}, "return_line_items": [row],
        }  # fmt: skip
        return tuple(json.dumps(each).encode() for each in (order, refund, wish))

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        return signed(body, moment)

    def payloads(self) -> tuple[bytes, ...]:
        return ()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("X-Shopify-Access-Token") != TOKEN:
            told = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
            return httpx.Response(HTTPStatus.UNAUTHORIZED, json=told)
        assert request.url.host == SHOP
        asked: Rows = json.loads(request.content)
        answer = self._run(asked["query"], asked["variables"], self.admin.root())
        fields: Rows = answer.get("data") or {}
        order: Rows = fields.get("told") or {}
        if "displayFinancialStatus" in order and order["legacyResourceId"] in self.admin.distorted:
            order["displayFinancialStatus"] = "PONDERING"
        cost = {"requestedQueryCost": 100, "actualQueryCost": 40}
        status = {"maximumAvailable": 2000, "currentlyAvailable": 1960, "restoreRate": 100}
        return httpx.Response(HTTPStatus.OK, json=answer | {"extensions": {"cost": cost | {"throttleStatus": status}}})


def signed(body: bytes, moment: datetime, family: str = "x-shopify-", secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        f"{family}hmac-sha256": base64.b64encode(digest).decode(),
        f"{family}shop-domain": SHOP,
        f"{family}triggered-at": moment.isoformat(),
        f"{family}event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
        f"{family}topic": "orders/updated",
    }
