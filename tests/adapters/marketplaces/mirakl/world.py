"""A Mirakl marketplace as the conformance suite wants to see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import httpx

from adapters.conformance.worlds import MarketplaceWorld, Placed, PlacedLine, Truth, Vital, Wanted
from adapters.marketplaces.mirakl import MANIFEST
from domain.values import CURRENCY_EXPONENTS
from tests.adapters.marketplaces.mirakl.simulator import KEY, FakeMarket, iso

NOW = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
_PLACE = {
    "firstname": "Ada", "lastname": "Quell", "street_1": "Hauptstr. 1", "street_2": None, "zip_code": "89073",
    "city": "Ulm", "state": None, "country": "Germany", "country_iso_code": "DEU", "company": None,
}  # fmt: skip


def major(amount: int, currency: str) -> float:
    return float(Decimal(amount).scaleb(-CURRENCY_EXPONENTS[currency]))


def minor(amount: float, currency: str) -> int:
    return int(Decimal(str(amount)).scaleb(CURRENCY_EXPONENTS[currency]))


class MiraklWorld(MarketplaceWorld):
    manifest = MANIFEST
    page_size = 3
    listings: ClassVar[Mapping[str, str]] = {"MUG": "MUG", "SCARF-R": "SCARF-R"}
    currencies = ("EUR", "JPY", "KWD")
    tick = timedelta(milliseconds=1)
    permissions = tuple(
        f"ROLE_PARTNER_{what}"
        for what in (
            "SHOP_READ", "ORDER_READ", "ORDER_ACCEPT", "ORDER_SHIP", "ORDER_TRACKING_WRITE", "ORDER_CANCEL",
            "ORDER_REFUND", "OFFER_STOCK_WRITE",
        )
    )  # fmt: skip
    vital = Vital(
        texts=(
            "order_id",
            "order_state",
            "currency_iso_code",
            "order_lines.0.order_line_id",
            "order_lines.0.offer_sku",
        ),
        amounts=("total_price", "shipping_price", "order_lines.0.price"),
        quantities=("order_lines.0.quantity",),
        moments=("created_date", "last_updated_date"),
        rows=("order_lines",),
    )

    def __init__(self, *, multi: bool = True) -> None:
        self.market = FakeMarket(now=NOW, multi=multi, stock=dict.fromkeys(self.listings))
        self._multi = multi

    @property
    def settings(self) -> Mapping[str, object]:
        return {
            "base_url": "https://market.example",
            "api_key": KEY,
            "multi_shipment": self._multi,
            "carriers": {"DHL": "DHL_DE"},
            "cancel_reason": "34",
            "refund_reason": "15",
            "orders_a_page": self.page_size,
        }

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self.market)

    @property
    def now(self) -> datetime:
        return NOW

    async def finish_jobs(self) -> None:
        self.market.finish_jobs()

    async def place_order(self, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        order_id = f"C-{self.market.new_id()}-A"
        lines = [self._line(f"{order_id}-{number}", one, currency) for number, one in enumerate(wanted, start=1)]
        total = sum(one.quantity * one.unit_price for one in wanted)
        self.market.orders[order_id] = {
            "order_id": order_id, "commercial_id": order_id[:-2], "order_state": "WAITING_ACCEPTANCE",
            "created_date": iso(moment), "last_updated_date": iso(moment), "customer_debited_date": iso(moment),
            "currency_iso_code": currency, "order_tax_mode": "TAX_INCLUDED", "can_cancel": True, "can_shop_ship": True,
            "price": major(total, currency), "shipping_price": 0, "total_price": major(total, currency),
            "payment_type": "Visa", "shipping_tracking": None, "fulfillment": {"center": {"code": "DEFAULT"}},
            "customer": {"firstname": "Ada", "lastname": "Quell", "shipping_address": _PLACE}, "order_lines": lines,
        }  # fmt: skip
        placed = [
            PlacedLine(**one.model_dump(), line_id=line["order_line_id"])
            for one, line in zip(wanted, lines, strict=True)
        ]
        return Placed(channel_order_id=order_id, lines=tuple(placed), total=total, currency=currency)

    async def touch(self, channel_order_id: str, moment: datetime) -> None:
        self.market.orders[channel_order_id]["last_updated_date"] = iso(moment)

    async def distort(self, channel_order_id: str) -> None:
        self.market.orders[channel_order_id]["order_state"] = "AWAITING_MOONRISE"

    async def truth(self, channel_order_id: str) -> Truth:
        order = self.market.orders.get(channel_order_id)
        if order is None:
            return Truth()
        lines, state = order["order_lines"], order["order_state"]
        bought = {line["order_line_id"]: line["quantity"] for line in lines}
        gone = {line["order_line_id"]: sum(one["quantity"] for one in line["cancelations"]) for line in lines}
        shipped, numbers = self._sent(order, bought)
        given = [one["amount"] + one["shipping_amount"] for line in lines for one in line["refunds"]]
        return Truth(
            acknowledged=state not in {"WAITING_ACCEPTANCE", "REFUSED"},
            refused=frozenset(line["order_line_id"] for line in lines if line["order_line_state"] == "REFUSED"),
            shipped=shipped,
            tracking_numbers=numbers,
            cancelled=bought if state == "CANCELED" else {line_id: units for line_id, units in gone.items() if units},
            refunded=sum(minor(one, order["currency_iso_code"]) for one in given),
        )

    async def offered(self, listing_id: str) -> int | None:
        return self.market.stock[listing_id]

    async def ship_by_hand(self, placed: Placed, quantities: Mapping[str, int], tracking_number: str) -> None:
        order = self.market.orders[placed.channel_order_id]
        if not self._multi:
            order["shipping_tracking"] = tracking_number
            self.market.move(order, "SHIPPED")
            return
        rows = [{"order_line_id": line_id, "quantity": units} for line_id, units in quantities.items()]
        made = {"id": f"s-{self.market.new_id()}", "order_id": placed.channel_order_id, "status": "SHIPPED"}
        self.market.shipments.append({**made, "shipment_lines": rows, "tracking": {"tracking_number": tracking_number}})

    async def cancel_by_hand(self, placed: Placed, quantities: Mapping[str, int]) -> None:
        for line in self.market.orders[placed.channel_order_id]["order_lines"]:
            if units := quantities.get(line["order_line_id"], 0):
                line["cancelations"].append({"id": self.market.new_id(), "quantity": units, "amount": 0})

    async def refund_by_hand(self, placed: Placed, amount: int) -> None:
        (line, *_) = self.market.orders[placed.channel_order_id]["order_lines"]
        told = {"id": self.market.new_id(), "quantity": 0, "amount": major(amount, placed.currency)}
        line["refunds"].append({**told, "shipping_amount": 0, "order_refund_id": "by-hand"})

    def withhold(self, permission: str) -> None:
        self.market.withheld = {permission}

    def payloads(self) -> tuple[bytes, ...]:
        return ((PAYLOADS / "partly.json").read_bytes(),)

    def _line(self, line_id: str, one: Wanted, currency: str) -> dict[str, Any]:
        price = major(one.quantity * one.unit_price, currency)
        return {
            "order_line_id": line_id, "order_line_state": "WAITING_ACCEPTANCE", "offer_sku": one.listing_id,
            "product_title": "A thing", "quantity": one.quantity, "price": price, "shipping_price": 0,
            "total_price": price, "taxes": [], "shipping_taxes": [], "cancelations": [], "refunds": [],
        }  # fmt: skip

    def _sent(self, order: dict[str, Any], bought: dict[str, int]) -> tuple[dict[str, int], tuple[str, ...]]:
        if not self._multi:
            left = order["order_state"] == "SHIPPED"
            return (bought, (order["shipping_tracking"],)) if left else ({}, ())
        ours = [one for one in self.market.shipments if one["order_id"] == order["order_id"]]
        shipped: dict[str, int] = {}
        for row in (row for one in ours for row in one["shipment_lines"]):
            shipped[row["order_line_id"]] = shipped.get(row["order_line_id"], 0) + row["quantity"]
        return shipped, tuple(one["tracking"]["tracking_number"] for one in ours)
