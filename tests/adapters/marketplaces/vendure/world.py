"""The real shop as the conformance suite wants to see it: nothing of it is simulated.

What no API of it can do, a hand in its database does: an order was placed earlier, has a state that nobody documented,
or belongs to a test before this one and lies years back; most orders are copies of one that was bought.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import ClassVar

import httpx
import psycopg

from adapters.conformance.vital import Vital
from adapters.conformance.worlds import MarketplaceWorld, Placed, Truth, Wanted
from adapters.marketplaces.vendure import MANIFEST
from adapters.marketplaces.vendure.mapping import PICKUP_METHOD
from infra.vendure.hand import PERMISSIONS, Administrator
from infra.vendure.seen import SeenOrder
from tests.adapters.marketplaces.vendure import orders
from tests.adapters.marketplaces.vendure.copier import Copier

PAGE = 3
SECRET = "a-secret-of-the-shop"
_TOUCH = 'UPDATE "order" SET "updatedAt" = "orderPlacedAt" + %(by)s WHERE id = %(id)s'
_DISTORT = "UPDATE \"order\" SET state = 'Teleported' WHERE id = %(id)s"
_HIDE = """UPDATE "order" SET "orderPlacedAt" = "orderPlacedAt" - interval '10 years'
  WHERE "orderPlacedAt" > now() - interval '1 year'"""
_STOCK_UP = 'UPDATE stock_level SET "stockOnHand" = "stockAllocated" + 1000000 WHERE "productVariantId" = ANY(%(ids)s)'

_GRANT = "UPDATE role SET permissions = %(granted)s WHERE code = %(role)s"


class VendureWorld(MarketplaceWorld):
    """One shop, in which nothing has happened for years."""

    manifest = MANIFEST
    page_size = PAGE
    listings: ClassVar[Mapping[str, str]] = {"2": "LAN-TIN", "3": "TOT-NAT"}
    tick = timedelta(milliseconds=1)
    permissions = PERMISSIONS
    vital = Vital(
        texts=("id", "type", "state", "currencyCode", "lines.0.id", "lines.0.productVariant.id"),
        amounts=("totalWithTax", "lines.0.unitPriceWithTax", "shippingLines.0.priceWithTax", "payments.0.amount"),
        quantities=("lines.0.quantity", "lines.0.orderPlacedQuantity"),
        moments=("orderPlacedAt", "updatedAt"),
        rows=("lines",),
    )

    def __init__(
        self,
        access: Mapping[str, object],
        wire: httpx.AsyncBaseTransport,
        copier: Copier,
        person: Administrator,
        database: psycopg.Connection,
    ) -> None:
        self._access, self._wire, self._copier, self._person, self._database = access, wire, copier, person, database
        self._placed_at: dict[str, datetime] = {}

    def clear(self) -> None:
        """Let every order lie too far back to be listed, plenty of goods on the shelf, and nothing be withheld."""
        self._grant(PERMISSIONS)
        self._database.execute(_HIDE)
        self._database.execute(_STOCK_UP, {"ids": [int(listing) for listing in self.listings]})

    @property
    def settings(self) -> Mapping[str, object]:
        return {**self._access, "webhook_secret": SECRET}

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return self._wire

    @property
    def now(self) -> datetime:
        moment = datetime.now(UTC)  # noqa: TID251  the shop's clock is the machine's
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def barred(self, request: httpx.Request) -> httpx.Response:
        told = {"errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}], "data": None}
        return httpx.Response(HTTPStatus.OK, json=told, request=request)

    async def place_order(self, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        assert currency in self.currencies
        return await self._place(wanted, moment, "standard")

    async def place_pickup(self, wanted: Sequence[Wanted], moment: datetime) -> Placed:
        return await self._place(wanted, moment, "store-pickup")

    async def _place(self, wanted: Sequence[Wanted], moment: datetime, shipping: str) -> Placed:
        placed = await self._copier.order(wanted, moment, shipping)
        self._placed_at[placed.channel_order_id] = moment
        return placed

    async def touch(self, channel_order_id: str, moment: datetime) -> None:
        by = moment - self._placed_at[channel_order_id]
        self._database.execute(_TOUCH, {"by": by, "id": channel_order_id})

    async def distort(self, channel_order_id: str) -> None:
        self._database.execute(_DISTORT, {"id": channel_order_id})

    async def truth(self, channel_order_id: str) -> Truth:
        return _truth(await self._person.look_at(channel_order_id))

    async def offered(self, listing_id: str) -> int | None:
        return (await self._person.stock_of(self.listings[listing_id])).available

    async def ship_by_hand(self, placed: Placed, quantities: Mapping[str, int], tracking_number: str) -> None:
        sent = await self._person.fulfill(placed.channel_order_id, quantities, tracking_number)
        await self._person.move(sent, "Shipped")

    async def cancel_by_hand(self, placed: Placed, quantities: Mapping[str, int]) -> None:
        await self._person.cancel(placed.channel_order_id, quantities)

    async def refund_by_hand(self, placed: Placed, amount: int) -> None:
        await self._person.refund(placed.channel_order_id, amount)

    def withhold(self, permission: str) -> None:
        self._grant([one for one in PERMISSIONS if one != permission])

    def _grant(self, permissions: Sequence[str]) -> None:
        """Change the role, which bears the administrator's name; the next login is the first to know."""
        granted = ",".join(["Authenticated", *permissions])
        self._database.execute(_GRANT, {"granted": granted, "role": self._access["username"]})

    def webhook_bodies(self) -> tuple[bytes, ...]:
        told = {"id": "e-1", "type": "order.changed", "account": "vendure-eu", "order": "17"}
        return (json.dumps(told | {"occurred_at": "2026-03-01T10:00:00.000Z"}).encode(),)

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        timestamp = str(int(moment.timestamp()))
        signature = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"x-crossdock-timestamp": timestamp, "x-crossdock-signature": f"v1={signature}"}

    def payloads(self) -> tuple[bytes, ...]:
        sent = orders.order(
            state="PartiallyShipped",
            payments=[orders.payment(refunds=[orders.refund()])],
            fulfillments=[orders.fulfillment()],
        )
        return (json.dumps(sent).encode(),)


def _truth(seen: SeenOrder) -> Truth:
    """Return what was done; a parcel counts once it is shipped, its number as soon as it is told."""
    live = [sent for sent in seen.fulfillments if sent.state != "Cancelled"]
    parcels = [sent for sent in live if sent.method != PICKUP_METHOD]
    left = [row for sent in parcels if sent.state in {"Shipped", "Delivered"} for row in sent.lines]
    cancelled = {line.id: line.order_placed_quantity - line.quantity for line in seen.lines}
    collected = any(sent.method == PICKUP_METHOD and sent.state == "Delivered" for sent in live)
    return Truth(
        shipped={
            line: sum(row.quantity for row in left if row.order_line_id == line)
            for line in dict.fromkeys(row.order_line_id for row in left)
        },
        tracking_numbers=tuple(sent.tracking_code or "" for sent in parcels),
        cancelled={line: units for line, units in cancelled.items() if units},
        refunded=sum(refund.total for refund in seen.refunds if refund.state == "Settled"),
        pickup="collected" if collected else "",
    )
