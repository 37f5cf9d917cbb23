"""A WooCommerce shop in memory: its REST API as documented, and as it was seen to behave."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from adapters.marketplaces.woocommerce.auth import base_string, sign

KEY, SECRET = "ck_1a2b3c4d5e6f", "cs_6f5e4d3c2b1a"
STATUSES = {"pending", "on-hold", "failed", "processing", "completed", "cancelled", "refunded"}
API = "/wp-json/wc/v3"


def gmt(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class FakeShop:
    """Orders, refunds, fulfillments and products, with everything that was asked."""

    now: datetime
    has_fulfillments: bool = False
    gateway_refunds: bool = True
    withheld: set[str] = field(default_factory=set[str])
    """What the key, or the user it belongs to, may not do."""
    orders: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    refunds: dict[int, list[dict[str, Any]]] = field(default_factory=dict[int, list[dict[str, Any]]])
    fulfillments: dict[int, list[dict[str, Any]]] = field(default_factory=dict[int, list[dict[str, Any]]])
    stock: dict[str, int | None] = field(default_factory=dict[str, int | None])
    moved: int = 0
    """Minor units, here always hundredths, that the payment gateway gave back."""
    asked: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])
    _ids: int = 100
    _nonces: set[str] = field(default_factory=set[str])

    def new_id(self) -> int:
        self._ids += 1
        return self._ids

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0].removeprefix(API)
        if refusal := self._unauthorized(request) or self._forbidden(request.method, path):
            return refusal
        body: Any = json.loads(request.content) if request.content else {}
        self.asked.append((request.method, path, body))
        match [request.method, *path.strip("/").split("/")]:
            case ["GET", "orders"]:
                return self._list(dict(request.url.params))
            case ["POST", "orders" | "products", *variations, "batch"]:
                return self._batch(f"{variations[0]}:" if variations else "", body.get("update", []))
            case [method, "orders", number, *rest] if number.isdigit() and int(number) in self.orders:
                return self._order(method, int(number), rest, body)
            case [method, "orders", *_]:
                return failure(404 if method == "GET" else 400, "woocommerce_rest_shop_order_invalid_id")
            case _:
                return failure(404, "rest_no_route")

    def _order(self, method: str, number: int, rest: list[str], body: Any) -> httpx.Response:
        match [method, *rest]:
            case ["GET"]:
                return answer(self.orders[number])
            case ["PUT"]:
                return self.change(number, body)
            case ["GET", "refunds"]:
                return answer(self.refunds.get(number, [])[::-1])
            case ["POST", "refunds"]:
                return self.refund(number, body)
            case [_, "fulfillments", *one] if self.has_fulfillments:
                return self._fulfill(method, number, one, body)
            case _:
                return failure(404, "rest_no_route")

    def _unauthorized(self, request: httpx.Request) -> httpx.Response | None:
        if request.url.scheme == "https":
            told = b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            return None if told == f"{KEY}:{SECRET}" else failure(401, "woocommerce_rest_cannot_view")
        params = parse_qsl(urlsplit(str(request.url)).query, keep_blank_values=True)
        signed = [(name, value) for name, value in params if name != "oauth_signature"]
        told = dict(params)
        expected = sign(base_string(request.method, str(request.url).partition("?")[0], signed), SECRET)
        fresh = told.get("oauth_nonce", "") not in self._nonces
        self._nonces.add(told.get("oauth_nonce", ""))
        if told.get("oauth_consumer_key") != KEY or told.get("oauth_signature") != expected or not fresh:
            return failure(401, "woocommerce_rest_authentication_error")
        return None

    def _forbidden(self, method: str, path: str) -> httpx.Response | None:
        """Refuse what the key may not do before its user is asked about, as the shop does."""
        if ("Read (REST API key)" if method == "GET" else "Write (REST API key)") in self.withheld:
            return failure(401, "woocommerce_rest_authentication_error")
        capabilities = {"/orders": "read_private_shop_orders"} if method == "GET" else {
            "/orders/batch": "edit_others_shop_orders", "/products/batch": "edit_others_products"}  # fmt: skip
        denied = f"{capabilities.get(path)} (the key's user)" in self.withheld
        return failure(403, f"woocommerce_rest_cannot_{'view' if method == 'GET' else 'batch'}") if denied else None

    def _list(self, params: dict[str, str]) -> httpx.Response:
        size = int(params.get("per_page", "10"))
        if not 1 <= size <= 100 or params.get("dates_are_gmt") != "true":
            return failure(400, "rest_invalid_param")
        seen = {int(one) for one in params.get("exclude", "").split(",") if one}
        found = [
            one
            for one in self.orders.values()
            if one["date_modified_gmt"] > params["modified_after"] and one["id"] not in seen
            if one["status"] not in {"trash", "auto-draft"}
        ]
        found.sort(key=lambda one: (one["date_modified_gmt"], one["id"] or 0), reverse=params["order"] == "desc")
        assert params["orderby"] == "modified"
        start = (int(params.get("page", "1")) - 1) * size
        return answer(found[start : start + size], headers={"X-WP-Total": str(len(found))})

    def change(self, number: int, body: dict[str, Any]) -> httpx.Response:
        order = self.orders[number]
        if "status" in body:
            if body["status"] not in STATUSES:
                return failure(400, "rest_invalid_param")
            order["status"] = body["status"]
            order["date_modified_gmt"] = gmt(self.now)
            if body["status"] == "completed":
                order["date_completed_gmt"] = gmt(self.now)
        for meta in body.get("meta_data", []):
            # Meta data alone moves no date.
            self.set_meta(number, meta["key"], meta["value"])
        return answer(order)

    def set_meta(self, number: int, key: str, value: Any) -> None:
        rows = self.orders[number]["meta_data"]
        kept = next((row for row in rows if row["key"] == key), None)
        if kept:
            kept["value"] = value
        else:
            rows.append({"id": self.new_id(), "key": key, "value": value})

    def remaining(self, number: int) -> float:
        given = sum(float(one["amount"]) for one in self.refunds.get(number, []))
        return round(float(self.orders[number]["total"]) - given, 3)

    def refund(self, number: int, body: dict[str, Any]) -> httpx.Response:
        amount = float(body["amount"])
        too_much = amount < 0 or amount > self.remaining(number)
        if too_much or (body["api_refund"] and amount and not self.gateway_refunds):
            return failure(500, "woocommerce_rest_cannot_create_order_refund")
        made = {
            "id": self.new_id(),
            "date_created_gmt": gmt(self.now),
            "amount": body["amount"],
            "reason": body["reason"],
            "refunded_payment": body["api_refund"],
            "meta_data": [],
            "line_items": [self._refunded(one) for one in body["line_items"]],
        }
        self.moved += round(amount * 100) if body["api_refund"] else 0
        self.refunds.setdefault(number, []).append(made)
        note = {"id": made["id"], "reason": body["reason"], "total": f"-{body['amount']}"}
        self.orders[number]["refunds"].insert(0, note)
        self.orders[number]["date_modified_gmt"] = gmt(self.now)
        if self.remaining(number) <= 0:
            self.orders[number]["status"] = "refunded"
        return answer(made, status=201)

    def _refunded(self, row: dict[str, Any]) -> dict[str, Any]:
        named = {"id": self.new_id(), "key": "_refunded_item_id", "value": str(row["id"])}
        return {"id": self.new_id(), "quantity": -row["quantity"], "total": "0.00", "meta_data": [named]}

    def _fulfill(self, method: str, number: int, one: list[str], body: Any) -> httpx.Response:
        known = self.fulfillments.setdefault(number, [])
        if method == "GET":
            # It comes back as true from the write, and as "1" afterwards.
            return answer([{**row, "is_fulfilled": "1" if row["is_fulfilled"] else "0"} for row in known])
        if method == "PUT":
            row = next(row for row in known if row["id"] == int(one[0]))
            row["meta_data"] = body["meta_data"]
            return answer(row)
        # Nothing is compared: neither with what was ordered nor with what was sent before.
        made = {"id": self.new_id(), "date_deleted": None, **body}
        known.append(made)
        self.set_meta(number, "_fulfillment_status", "partially_fulfilled")
        return answer(made, status=201)

    def _batch(self, prefix: str, rows: list[dict[str, Any]]) -> httpx.Response:
        if len(rows) > 100:
            return failure(413, "woocommerce_rest_request_entity_too_large")
        if not rows:
            return answer([])
        return answer({"update": [self._stock_row(f"{prefix}{row['id']}", row) for row in rows]})

    def _stock_row(self, listing: str, row: dict[str, Any]) -> dict[str, Any]:
        if listing not in self.stock:
            told = {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 400}}
            return {"id": row["id"], "error": told}
        self.stock[listing] = row["stock_quantity"]
        return {"id": row["id"], "sku": "", "manage_stock": True, "stock_quantity": row["stock_quantity"]}

    def place(self, lines: list[dict[str, Any]], currency: str, moment: datetime, total: str) -> dict[str, Any]:
        number = self.new_id()
        zero = total.partition(".")[0] and "0" + ("." + "0" * len(total.partition(".")[2]) if "." in total else "")
        place = {"first_name": "Ada", "last_name": "Quell", "address_1": "Hauptstr. 1", "city": "Ulm",
                 "postcode": "89073", "country": "DE", "state": "", "company": "", "address_2": ""}  # fmt: skip
        self.orders[number] = {
            "id": number, "number": str(number), "status": "processing", "currency": currency, "version": "11.0.1",
            "date_created": gmt(moment + timedelta(hours=1)), "date_created_gmt": gmt(moment),
            "date_modified_gmt": gmt(moment), "date_paid_gmt": gmt(moment), "date_completed_gmt": None,
            "discount_total": zero, "shipping_total": zero, "total": total, "total_tax": zero,
            "payment_method": "stripe", "billing": {**place, "email": "ada@example.com", "phone": "1"},
            "shipping": place, "line_items": lines, "shipping_lines": [], "fee_lines": [], "refunds": [],
            "meta_data": [],
        }  # fmt: skip
        return self.orders[number]


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    told = {"Content-Type": "application/json; charset=UTF-8", **(headers or {})}
    return httpx.Response(status, content=json.dumps(content), headers=told)


def failure(status: int, code: str) -> httpx.Response:
    return answer({"code": code, "message": "No.", "data": {"status": status}}, status)
