"""A WooCommerce shop as the conformance suite wants to see it."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

import httpx

from adapters.conformance.worlds import CannotHappen, MarketplaceWorld, Placed, PlacedLine, Truth, Vital, Wanted
from adapters.marketplaces.woocommerce import MANIFEST
from domain.values import CURRENCY_EXPONENTS
from tests.adapters.marketplaces.woocommerce.simulator import KEY, SECRET, FakeShop, gmt

NOW = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
HOOK_SECRET = "hook-secret-1"
PAYLOADS = Path(__file__).parent / "payloads"
OURS = "_crossdock_shipment_"


def major(amount: int, currency: str) -> str:
    exponent = CURRENCY_EXPONENTS[currency]
    return f"{Decimal(amount).scaleb(-exponent):.{exponent}f}"


class WooWorld(MarketplaceWorld):
    manifest = MANIFEST
    page_size = 3
    listings: ClassVar[Mapping[str, str]] = {"52": "MUG", "60:61": "SCARF-R"}
    currencies = ("EUR", "JPY", "KWD")
    tick = timedelta(seconds=1)
    signs_moment = False
    permissions = (
        "Read (REST API key)", "Write (REST API key)", "read_private_shop_orders (the key's user)",
        "edit_others_shop_orders (the key's user)", "edit_others_products (the key's user)",
    )  # fmt: skip
    vital = Vital(
        texts=("id", "status", "currency", "line_items.0.id", "line_items.0.product_id"),
        amounts=("total", "total_tax", "shipping_total", "line_items.0.subtotal"),
        quantities=("line_items.0.quantity",),
        moments=("date_created_gmt", "date_modified_gmt"),
        rows=("line_items",),
    )

    def __init__(self, shipments: Literal["meta", "native"] = "meta", scheme: str = "https") -> None:
        self.shop = FakeShop(now=NOW, has_fulfillments=shipments == "native", stock=dict.fromkeys(self.listings))
        self._shipments, self._scheme = shipments, scheme

    @property
    def settings(self) -> Mapping[str, object]:
        return {
            "base_url": f"{self._scheme}://shop.example",
            "consumer_key": KEY,
            "consumer_secret": SECRET,
            "webhook_secret": HOOK_SECRET,
            "shipments": self._shipments,
            "pickup": {"local_pickup": "STORE-1"},
            "orders_a_page": self.page_size,
        }

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self.shop)

    @property
    def now(self) -> datetime:
        return NOW

    async def place_order(self, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        lines = [self._line(one, currency) for one in wanted]
        total = sum(one.quantity * one.unit_price for one in wanted)
        order = self.shop.place(lines, currency, moment, major(total, currency))
        placed = [
            PlacedLine(**one.model_dump(), line_id=str(line["id"])) for one, line in zip(wanted, lines, strict=True)
        ]
        return Placed(channel_order_id=str(order["id"]), lines=tuple(placed), total=total, currency=currency)

    async def place_pickup(self, wanted: Sequence[Wanted], moment: datetime) -> Placed:
        placed = await self.place_order(wanted, moment, "EUR")
        self._order(placed)["shipping_lines"] = [{"method_id": "local_pickup", "instance_id": "2"}]
        return placed

    async def touch(self, channel_order_id: str, moment: datetime) -> None:
        self.shop.orders[int(channel_order_id)]["date_modified_gmt"] = gmt(moment)

    async def distort(self, channel_order_id: str) -> None:
        self.shop.orders[int(channel_order_id)]["status"] = "awaiting-moonrise"

    async def truth(self, channel_order_id: str) -> Truth:
        number = int(channel_order_id)
        if number not in self.shop.orders:
            return Truth()
        order, refunds = self.shop.orders[number], self.shop.refunds.get(number, [])
        bought = {str(line["id"]): line["quantity"] for line in order["line_items"]}
        shipments = self._sent(order, bought)
        pickup = bool(order["shipping_lines"]) and order["status"] == "completed"
        gone = [{_line_of(row): -row["quantity"]} for refund in refunds for row in refund["line_items"]]
        return Truth(
            shipped=_sum([quantities for quantities, _ in shipments]),
            tracking_numbers=tuple(number for _, number in shipments if number),
            cancelled=bought if order["status"] == "cancelled" else _sum(gone),
            refunded=_minor(refunds, order["currency"]),
            pickup="collected" if pickup else "",
        )

    async def offered(self, listing_id: str) -> int | None:
        return self.shop.stock[listing_id]

    async def ship_by_hand(self, placed: Placed, quantities: Mapping[str, int], tracking_number: str) -> None:
        if self._shipments == "meta":
            raise CannotHappen("what a person enters by the plugin names no lines")
        items = [{"item_id": int(line_id), "qty": units} for line_id, units in quantities.items()]
        meta = [{"key": "_items", "value": items}, {"key": "_tracking_number", "value": tracking_number}]
        made = {"id": self.shop.new_id(), "is_fulfilled": True, "date_deleted": None, "meta_data": meta}
        self.shop.fulfillments.setdefault(int(placed.channel_order_id), []).append(made)
        self.shop.set_meta(int(placed.channel_order_id), "_fulfillment_status", "partially_fulfilled")

    async def cancel_by_hand(self, placed: Placed, quantities: Mapping[str, int]) -> None:
        rows = [{"id": line_id, "quantity": units, "refund_total": 0} for line_id, units in quantities.items()]
        self._refund(placed, 0, rows)

    async def refund_by_hand(self, placed: Placed, amount: int) -> None:
        self._refund(placed, amount, [])

    def withhold(self, permission: str) -> None:
        self.shop.withheld = {permission}

    def webhook_bodies(self) -> tuple[bytes, ...]:
        return ((PAYLOADS / "ugly.json").read_bytes(), b'{"id": 4711}')

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        del moment
        signature = b64encode(hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).digest()).decode()
        return {"x-wc-webhook-signature": signature, "x-wc-webhook-topic": "order.updated"}

    def payloads(self) -> tuple[bytes, ...]:
        return ((PAYLOADS / "ugly.json").read_bytes(),)

    def _line(self, one: Wanted, currency: str) -> dict[str, Any]:
        product, _, variation = one.listing_id.partition(":")
        subtotal = major(one.quantity * one.unit_price, currency)
        return {
            "id": self.shop.new_id(), "name": "A thing",
            "product_id": int(product), "variation_id": int(variation or "0"),
            "quantity": one.quantity, "subtotal": subtotal, "total": subtotal, "total_tax": "0.00",
            "sku": self.listings.get(one.listing_id, ""), "price": one.unit_price / 100, "meta_data": [],
        }  # fmt: skip

    def _sent(self, order: dict[str, Any], bought: dict[str, int]) -> list[tuple[dict[str, int], str]]:
        """Return what was told of as sent; the last parcel is, once the order is completed."""
        rows = self._noted(order) if self._shipments == "meta" else self._fulfilled(order["id"])
        whole = _sum([quantities for quantities, _ in rows]) == bought
        return rows[:-1] if whole and order["status"] == "processing" else rows

    def _noted(self, order: dict[str, Any]) -> list[tuple[dict[str, int], str]]:
        kept = [row["value"] for row in order["meta_data"] if row["key"].startswith(OURS)]
        return [({row["line_id"]: row["quantity"] for row in one["lines"]}, one["tracking_number"]) for one in kept]

    def _fulfilled(self, number: int) -> list[tuple[dict[str, int], str]]:
        every = self.shop.fulfillments.get(number, [])
        kept = [{row["key"]: row["value"] for row in one["meta_data"]} for one in every]
        return [({str(row["item_id"]): row["qty"] for row in one["_items"]}, one["_tracking_number"]) for one in kept]

    def _order(self, placed: Placed) -> dict[str, Any]:
        return self.shop.orders[int(placed.channel_order_id)]

    def _refund(self, placed: Placed, amount: int, rows: list[dict[str, Any]]) -> None:
        wish = {"amount": major(amount, placed.currency), "reason": "by hand", "line_items": rows, "api_refund": False}
        assert self.shop.refund(int(placed.channel_order_id), wish).is_success


def _line_of(row: dict[str, Any]) -> str:
    return str(row["meta_data"][0]["value"])


def _sum(rows: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {line_id: sum(row.get(line_id, 0) for row in rows) for line_id in {key for row in rows for key in row}}


def _minor(refunds: list[dict[str, Any]], currency: str) -> int:
    return sum(int(Decimal(one["amount"]).scaleb(CURRENCY_EXPONENTS[currency])) for one in refunds)


def read_payload(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PAYLOADS / name).read_text())
    return document
