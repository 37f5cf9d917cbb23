"""The sandbox's marketplace as a world to be held against."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from adapters.conformance.worlds import MarketplaceWorld, Placed, PlacedLine, Truth, Vital, Wanted
from adapters.marketplaces.sandbox import MANIFEST
from infra.sandbox import compose, trade
from infra.sandbox.order import Line, Order, Payment, ReturnRequest
from infra.sandbox.records import LineQuantity
from tests.adapters.sandbox_inside import SandboxInside, told

ACCOUNT = "sandbox-eu"


class SandboxMarketplaceWorld(SandboxInside, MarketplaceWorld):
    manifest = MANIFEST
    page_size = 3
    listings: ClassVar[Mapping[str, str]] = {"LST-KETTLE": "KETTLE", "LST-TEAPOT": "TEAPOT"}
    currencies = ("EUR", "JPY", "KWD")
    unknown_order = "SX-0"
    unknown_listing = "LST-NOBODY"
    vital = Vital(
        texts=("id", "currency"),
        amounts=("total", "lines.0.unit_price"),
        quantities=("lines.0.quantity",),
        moments=("placed_at", "updated_at"),
        rows=("lines",),
    )

    @property
    def settings(self) -> Mapping[str, object]:
        return {**super().settings, "account": ACCOUNT}

    async def place_order(self, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        return self._place("ship", wanted, moment, currency)

    async def place_pickup(self, wanted: Sequence[Wanted], moment: datetime) -> Placed:
        return self._place("pickup", wanted, moment, "EUR")

    def _place(self, script: str, wanted: Sequence[Wanted], moment: datetime, currency: str) -> Placed:
        lines = [self._line(number, one) for number, one in enumerate(wanted, start=1)]
        order = compose.assemble(self.world, ACCOUNT, script, lines, seed="1")
        order.currency, order.placed_at, order.updated_at = currency, moment, moment
        order.payments = [Payment(tender="card", captured=order.total)]
        self.world.keep(order)
        placed = [
            PlacedLine(line_id=line.id, listing_id=line.listing_id, quantity=line.quantity, unit_price=line.unit_price)
            for line in lines
        ]
        return Placed(channel_order_id=order.id, lines=tuple(placed), total=order.total, currency=currency)

    def _line(self, number: int, wanted: Wanted) -> Line:
        listing = self.world.catalog.listing(ACCOUNT, wanted.listing_id)
        assert listing
        line = compose.make_line(number, listing, wanted.quantity)
        line.unit_price = wanted.unit_price
        return line

    async def touch(self, channel_order_id: str, moment: datetime) -> None:
        self._order(channel_order_id).updated_at = moment

    async def distort(self, channel_order_id: str) -> None:
        self._order(channel_order_id).overrides = {"status": "teleported"}

    async def truth(self, channel_order_id: str) -> Truth:
        order = self._order(channel_order_id)
        collected = order.delivery == "pickup"
        shipped = {} if collected else {one.id: one.shipped_quantity for one in order.lines if one.shipped_quantity}
        return Truth(
            acknowledged=order.status != "new",
            shipped=shipped,
            tracking_numbers=tuple(one.tracking_number for one in order.shipments),
            cancelled={one.id: one.cancelled_quantity for one in order.lines if one.cancelled_quantity},
            refunded=order.refunded,
            pickup=order.pickups[-1].status if order.pickups else "",
            returns={one.id: one.answer == "granted" for one in order.returns if one.answer},
        )

    async def offered(self, listing_id: str) -> int | None:
        offer = self.world.offers.get(f"{ACCOUNT}/{listing_id}")
        return offer.quantity if offer else None

    async def ask_return(self, placed: Placed) -> str:
        order, wish_id = self._order(placed.channel_order_id), self.world.new_id("ret")
        units = [LineQuantity(line_id=order.lines[0].id, quantity=1)]
        wish = ReturnRequest(id=wish_id, course="label", lines=units, reason="other", requested_at=self.now)
        order.returns.append(wish)
        return wish_id

    async def ship_by_hand(self, placed: Placed, quantities: Mapping[str, int], tracking_number: str) -> None:
        wish = trade.ShipmentWish(tracking_number=tracking_number, lines=_counted(quantities))
        trade.ship(self.world, self._order(placed.channel_order_id), wish, "hand")

    async def cancel_by_hand(self, placed: Placed, quantities: Mapping[str, int]) -> None:
        order = self._order(placed.channel_order_id)
        trade.cancel(self.world, order, trade.CancelWish(lines=_counted(quantities)), "hand")

    async def refund_by_hand(self, placed: Placed, amount: int) -> None:
        wish = trade.RefundWish(amount=amount, currency=placed.currency)
        trade.refund(self.world, self._order(placed.channel_order_id), wish, "hand")

    def webhook_bodies(self) -> tuple[bytes, ...]:
        changed = told(type="order.changed", order_id="SX-1001")
        asked = told(
            type="return.requested", order_id="SX-1001", return_request_id="ret-1", course="store", location="STORE-1",
            reason="other", lines=[{"line_id": "L1", "quantity": 1}],
        )  # fmt: skip
        scanned = told(
            type="parcel.scanned", tracking_number="SW0000000001", reference="label:1", status="in_transit",
            scanned_at="2026-03-01T10:00:00+00:00",
        )  # fmt: skip
        return tuple(json.dumps(one).encode() for one in (changed, asked, scanned))

    def _order(self, channel_order_id: str) -> Order:
        return self.world.orders[channel_order_id]


def _counted(quantities: Mapping[str, int]) -> list[LineQuantity]:
    return [LineQuantity(line_id=line_id, quantity=units) for line_id, units in quantities.items()]
