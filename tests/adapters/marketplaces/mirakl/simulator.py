"""A Mirakl marketplace in memory: the seller API as its contract says."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import httpx

KEY = "5f0c2f3e-shop-key"
DELTA = timedelta(minutes=1)
"""How far the marketplace itself looks back behind `start_update_date`."""


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class FakeMarket:
    """Orders, shipments and stock files, with everything that was asked."""

    now: datetime
    multi: bool = True
    tells_date: bool = True
    withheld: set[str] = field(default_factory=set[str])
    """Roles that the key's user does not have."""
    orders: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    shipments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    stock: dict[str, int | None] = field(default_factory=dict[str, int | None])
    files: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    asked: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])
    _ids: int = 2000

    def new_id(self) -> str:
        self._ids += 1
        return str(self._ids)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0].removeprefix("/api/")
        is_json = request.headers.get("Content-Type") == "application/json"
        body: Any = json.loads(request.content) if is_json else request.content
        if refusal := self._refusal(request, path):
            return refusal
        self.asked.append((request.method, path, body))
        match [request.method, *path.split("/")]:
            case ["GET", "orders"]:
                return self._list(request.url.params)
            case ["PUT", "orders", *rest]:
                return self._give(rest[0], body) if len(rest) == 1 else self._order(rest[0], rest[1], body)
            case [_, "shipments", *rest]:
                return self._ship(request, rest, body)
            case [_, "offers", "stock", "imports", *rest]:
                return self._import(rest, body)
            case _:
                shop = {"shop_id": 2000, "shop_name": "North"}
                return httpx.Response(200, json=shop) if path == "account" else failure(404, "NOT_FOUND")

    def _refusal(self, request: httpx.Request, path: str) -> httpx.Response | None:
        if request.headers.get("Authorization") != KEY:
            return failure(401, "UNAUTHORIZED")
        return failure(403, "FORBIDDEN") if role_for(request.method, path) in self.withheld else None

    def _list(self, params: httpx.QueryParams) -> httpx.Response:
        if "order_ids" in params:
            wanted = params["order_ids"].split(",")
            found = [self.orders[one] for one in wanted if one in self.orders]
            return self._page(found, 0, 100)
        since = iso(datetime.fromisoformat(params["start_update_date"]) - DELTA)
        found = [one for one in self.orders.values() if one["last_updated_date"] >= since]
        found.sort(key=lambda one: (one["created_date"], one["order_id"]))
        if not 1 <= int(params["max"]) <= 100:
            return failure(400, "VALIDATION_ERROR")
        return self._page(found, int(params["offset"]), int(params["max"]))

    def _page(self, found: list[dict[str, Any]], offset: int, size: int) -> httpx.Response:
        headers = {"Date": format_datetime(self.now, usegmt=True)} if self.tells_date else {}
        return answer({"orders": found[offset : offset + size], "total_count": len(found)}, headers=headers)

    def _order(self, order_id: str, what: str, body: Any) -> httpx.Response:
        order = self.orders.get(order_id)
        if order is None:
            return failure(404, "ORDER_NOT_FOUND")
        state = order["order_state"]
        match what:
            case "accept" if state == "WAITING_ACCEPTANCE":
                return self._accept(order, {one["id"]: one["accepted"] for one in body["order_lines"]})
            case "tracking" if state in {"SHIPPING", "SHIPPED"}:
                order["shipping_tracking"] = body.get("tracking_number")
                order["shipping_company"] = body.get("carrier_name") or body.get("carrier_code")
            case "ship" if state == "SHIPPING" and order["shipping_tracking"]:
                self.move(order, "SHIPPED")
            case "cancel" if state == "SHIPPING" and order["can_cancel"]:
                self.move(order, "CANCELED")
            case _:
                return failure(400, "ORDER_INVALID_STATE")
        return httpx.Response(204)

    def _accept(self, order: dict[str, Any], decided: dict[str, bool]) -> httpx.Response:
        lines = {one["order_line_id"]: one for one in order["order_lines"]}
        if decided.keys() - lines.keys():
            return failure(400, "ORDER_LINE_NOT_FOUND")
        if lines.keys() - decided.keys():
            return failure(400, "ORDER_LINE_ACCEPTANCE_DECISION_MISSING")
        self.move(order, "WAITING_DEBIT" if any(decided.values()) else "REFUSED")
        for line_id, accepted in decided.items():
            lines[line_id]["order_line_state"] = "WAITING_DEBIT" if accepted else "REFUSED"
        return httpx.Response(204)

    def move(self, order: dict[str, Any], state: str) -> None:
        order["order_state"] = state
        order["last_updated_date"] = iso(self.now)
        for line in order["order_lines"]:
            if line["order_line_state"] != "REFUSED":
                line["order_line_state"] = state

    def finish_jobs(self) -> None:
        """Debit the buyers of accepted orders, and take the stock files in."""
        for order in self.orders.values():
            if order["order_state"] in {"WAITING_DEBIT", "WAITING_DEBIT_PAYMENT"}:
                self.move(order, "SHIPPING")
        for file in self.files.values():
            if file["status"] == "WAITING":
                file["errors"] = [row for row in file["rows"] if row["offer-sku"] not in self.stock]
                self.stock |= {
                    row["offer-sku"]: int(row["quantity"]) for row in file["rows"] if row not in file["errors"]
                }
                file["status"] = "COMPLETE"

    def _give(self, what: str, body: Any) -> httpx.Response:
        rows = body["refunds" if what == "refund" else "cancelations"]
        lines = {
            line["order_line_id"]: (order, line) for order in self.orders.values() for line in order["order_lines"]
        }
        if not all(row["order_line_id"] in lines and body["order_tax_mode"] == "TAX_INCLUDED" for row in rows):
            return failure(400, "VALIDATION_ERROR")
        if any(self._is_too_much(row, *lines[row["order_line_id"]], what) for row in rows):
            return failure(400, "AMOUNT_INVALID")
        group, made = f"g-{self.new_id()}", list[dict[str, Any]]()
        for row in rows:
            order, line = lines[row["order_line_id"]]
            given = {**row, "id": self.new_id(), "created_date": iso(self.now), "order_refund_id": group}
            line["refunds" if what == "refund" else "cancelations"].append(given)
            order["last_updated_date"] = iso(self.now)
            made.append({**row, "refund_id": given["id"], "cancelation_id": given["id"], "order_refund_id": group})
        return answer({"order_tax_mode": "TAX_INCLUDED", "refunds" if what == "refund" else "cancelations": made})

    def _is_too_much(self, row: dict[str, Any], order: dict[str, Any], line: dict[str, Any], what: str) -> bool:
        given = [*line["refunds"], *line["cancelations"], row]
        units = sum(one["quantity"] for one in [*line["cancelations"], row]) if what == "cancel" else 0
        wrong_state = order["order_state"] not in {"SHIPPING", "SHIPPED"} or (bool(line["taxes"]) != ("taxes" in row))
        return (
            wrong_state
            or units > line["quantity"]
            or any(
                sum(_exact(one[part]) for one in given) > _exact(line[whole])
                for part, whole in (("amount", "price"), ("shipping_amount", "shipping_price"))
            )
        )

    def _ship(self, request: httpx.Request, rest: list[str], body: Any) -> httpx.Response:
        if not self.multi:
            return failure(403, "MULTI_SHIPMENT_DISABLED")
        match [request.method, *rest]:
            case ["GET"]:
                return self._list_shipments(request.url.params)
            case ["POST"]:
                outcomes = [self._add_shipment(one) for one in body["shipments"]]
                status = 201
            case _:
                outcomes = [self._track(one) for one in body["shipments"]]
                status = 200
        told = {
            "shipment_success": [one for one in outcomes if "message" not in one],
            "shipment_errors": [one for one in outcomes if "message" in one],
        }
        return answer(told, status)

    def _list_shipments(self, params: httpx.QueryParams) -> httpx.Response:
        found = [one for one in self.shipments if one["order_id"] in params.get_list("order_id")]
        start, size = int(params.get("page_token", "0")), min(int(params.get("limit", "10")), 2)
        more = {"next_page_token": str(start + size)} if start + size < len(found) else {}
        return answer({"data": found[start : start + size], **more})

    def _add_shipment(self, told: dict[str, Any]) -> dict[str, Any]:
        order = self.orders.get(told["order_id"])
        if order is None or order["order_state"] != "SHIPPING":
            return {"order_id": told["order_id"], "message": "The order status must be 'SHIPPING'."}
        sent = [row for one in self.shipments if one["order_id"] == order["order_id"] for row in one["shipment_lines"]]
        left = {line["order_line_id"]: _open(line, sent) for line in order["order_lines"]}
        if any(row["quantity"] > left.get(row["order_line_id"], 0) for row in told["shipment_lines"]):
            return {"order_id": told["order_id"], "message": "Shipment quantity is invalid."}
        made = {**told, "id": f"s-{self.new_id()}", "status": "SHIPPED", "created_date": iso(self.now)}
        self.shipments.append(made)
        if sum(left.values()) == sum(row["quantity"] for row in told["shipment_lines"]):
            self.move(order, "SHIPPED")
        return made

    def _track(self, told: dict[str, Any]) -> dict[str, Any]:
        found = next((one for one in self.shipments if one["id"] == told["id"]), None)
        if found is None:
            return {"id": told["id"], "message": "No shipment with this id."}
        found["tracking"] = told["tracking"]
        return {"id": told["id"]}

    def _import(self, rest: list[str], body: bytes) -> httpx.Response:
        match rest:
            case []:
                text = body.decode()
                content = re.split(r"\r\n\r\n", text, maxsplit=1)[1].rsplit("\r\n--", 1)[0]
                rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
                import_id = self.new_id()
                self.files[import_id] = {"status": "WAITING", "rows": rows, "errors": []}
                return answer({"import_id": import_id}, 201)
            case [import_id, what] if import_id in self.files:
                file = self.files[import_id]
                if what == "error_report":
                    return httpx.Response(200, content=_report(file["errors"]), headers={"Content-Type": "text/csv"})
                told = {"import_id": import_id, "status": file["status"], "has_error_report": bool(file["errors"])}
                return answer({**told, "date_created": iso(self.now), "shop_id": 1})
            case _:
                return failure(404, "NOT_FOUND")


_ROLES = (
    ("GET account", "SHOP_READ"), ("GET orders", "ORDER_READ"), ("GET shipments", "ORDER_READ"),
    (r"PUT orders/[^/]+/accept", "ORDER_ACCEPT"), (r"PUT orders/[^/]+/ship", "ORDER_SHIP"),
    (r"PUT orders/[^/]+/tracking", "ORDER_TRACKING_WRITE"), (r"PUT orders/([^/]+/)?cancel", "ORDER_CANCEL"),
    ("PUT orders/refund", "ORDER_REFUND"), ("POST shipments", "ORDER_SHIP"),
    ("POST shipments/tracking", "ORDER_TRACKING_WRITE"), (r".* offers/stock/imports.*", "OFFER_STOCK_WRITE"),
)  # fmt: skip


def role_for(method: str, path: str) -> str:
    """Return the role without which a call is forbidden."""
    found = (role for pattern, role in _ROLES if re.fullmatch(pattern, f"{method} {path}"))
    return f"ROLE_PARTNER_{next(found, '')}"


def _open(line: dict[str, Any], sent: list[dict[str, Any]]) -> int:
    gone = sum(one["quantity"] for one in line["cancelations"])
    if line["order_line_state"] == "REFUSED":
        return 0
    return (
        line["quantity"] - gone - sum(row["quantity"] for row in sent if row["order_line_id"] == line["order_line_id"])
    )


def _exact(told: float | None) -> Decimal:
    return Decimal(str(told or 0))


def _report(errors: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(["error-line", "error-message", "offer-sku", "quantity", "warehouse-code", "update-delete"])
    for number, row in enumerate(errors, start=2):
        writer.writerow([number, 'The offer does not exist; "unknown"', *row.values()])
    return out.getvalue().encode("utf-8-sig")


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    told = {"Content-Type": "application/json;charset=UTF-8", **(headers or {})}
    return httpx.Response(status, content=json.dumps(content), headers=told)


def failure(status: int, code: str) -> httpx.Response:
    return answer({"status": status, "error_code": code, "message": "No."}, status)
