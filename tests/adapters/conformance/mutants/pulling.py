"""Broken adapters that lose orders, or read what nobody told."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from adapters.marketplaces.sandbox.adapter import CAPABILITY, SandboxMarketplace
from domain.errors import ContractBroken
from domain.order import ChannelOrder
from domain.ports.marketplace import OrderPage, PullRule, RawOrder


class DropsTheLastPage(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        return page.model_copy(update={"next_cursor": None, "watermark": since}) if cursor else page


class LosesTies(SandboxMarketplace):
    """Its pages begin behind the moment of the last row."""

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(datetime.fromisoformat(cursor) if cursor else since, None)
        if page.next_cursor is None:
            return page
        last = self.read_order(page.orders[-1].body).updated_at + timedelta(microseconds=1)
        return page.model_copy(update={"next_cursor": last.isoformat()})


class CountsPages(SandboxMarketplace):
    """Its pages are numbers: an order that moves to the end pulls another out of sight."""

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        rows: list[RawOrder] = []
        page = await super().list_orders(since, None)
        rows += page.orders
        while page.next_cursor:
            page = await super().list_orders(since, page.next_cursor)
            rows += page.orders
        first = int(cursor or 0)
        more = str(first + 3) if len(rows) > first + 3 else None
        return OrderPage(orders=tuple(rows[first : first + 3]), next_cursor=more, watermark=None)


class ReadsRowsTwice(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        return page.model_copy(update={"orders": (*page.orders, *page.orders[-1:])})


class RunsAhead(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        return page.model_copy(update={"watermark": page.watermark and page.watermark + timedelta(minutes=5)})


class TellsTheWatermarkTooEarly(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        return page.model_copy(update={"watermark": self.read_order(page.orders[0].body).updated_at})


class TellsNaiveMoments(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        return page.model_copy(update={"watermark": page.watermark and page.watermark.replace(tzinfo=None)})


class LeavesOutTheBorder(SandboxMarketplace):
    capability = CAPABILITY.model_copy(update={"pull": PullRule(overlap=timedelta(0))})

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        return await super().list_orders(since + timedelta(microseconds=1), cursor)


class SkipsWhatItCannotRead(SandboxMarketplace):
    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        page = await super().list_orders(since, cursor)
        for raw in page.orders:
            self.read_order(raw.body)
        return page


class TakesDatesForUtc(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        return super().read_order(_each(body, lambda key, told: f"{told}Z" if _is_naive(key, told) else told))


class DropsTheZone(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        return super().read_order(
            _each(body, lambda key, told: f"{told[:19]}Z" if key.endswith("_at") and isinstance(told, str) else told)
        )


class RoundsMoney(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        return super().read_order(_each(body, lambda _key, told: round(told) if isinstance(told, float) else told))


class CalculatesInFloats(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        order = super().read_order(body)
        lines = [line.model_copy(update={"unit_price": int(line.unit_price / 100 * 100)}) for line in order.lines]
        return order.model_copy(update={"lines": tuple(lines)})


class GuessesStatuses(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        try:
            return super().read_order(body)
        except ContractBroken:
            return super().read_order(_each(body, lambda key, told: "new" if key == "status" else told))


class RefusesNewFields(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        if b"not-known" in body:
            raise ContractBroken("strange-field")
        return super().read_order(body)


class StumblesOverBodies(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        assert json.loads(body)["lines"][0]["quantity"] + 1
        return super().read_order(body)


class OverlooksPeople(SandboxMarketplace):
    def read_order(self, body: bytes) -> ChannelOrder:
        return super().read_order(body).model_copy(update={"shipments": ()})


class MakesUpOrders(SandboxMarketplace):
    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        try:
            return await super().fetch_order(channel_order_id)
        except Exception:  # noqa: BLE001  that is what is wrong with it
            return RawOrder(channel_order_id=channel_order_id, body=b"{}")


def _is_naive(key: str, told: object) -> bool:
    return key == "placed_at" and isinstance(told, str) and "T" in told and not told.endswith("Z") and "+" not in told


def _each(body: bytes, change: Callable[[str, Any], Any]) -> bytes:
    """The document with every field changed."""

    def changed(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(name, inner) for name, inner in cast("dict[str, Any]", value).items()}
        return (
            [changed(key, one) for one in cast("list[Any]", value)] if isinstance(value, list) else change(key, value)
        )

    try:
        return json.dumps(changed("", json.loads(body))).encode()
    except (ValueError, RecursionError):
        return body
