"""One order, whole, as an operator looks at it. Nothing in it is personal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.order import OrderState
from domain.values import Model
from infra.database.reports.reading import fetch

_HEADER = text("""
    SELECT order_id, account, channel_order_id, number, state, ownership, delivery, pickup_location, currency, total,
           shipping, discount, tax, captured, refunding, placed_at, recorded_at, ship_by, deliver_by, country,
           closed_at, progress_at, acknowledged, cancel_requested, gift
    FROM orders WHERE order_id = :order_id""")
_LINES = text("""
    SELECT line_id, listing_id, channel_sku, sku, title, quantity, unit_price, cancelled, by_hand, planned, done, lost,
           returned, open, ship_by, deliver_by, not_before
    FROM kept_lines WHERE order_id = :order_id ORDER BY position""")
_PARTS = text("""
    SELECT f.fulfillment_id, f.location, f.delivery, f.stage, f.carrier, f.speed, f.needs_hand, f.stage_at, f.reasons,
           f.ship_by, f.deliver_by, f.expected_hand_over, f.expected_arrival,
           (SELECT coalesce(sum(line.quantity), 0) FROM fulfillment_lines line
            WHERE line.fulfillment_id = f.fulfillment_id) AS units
    FROM fulfillment_orders f WHERE f.order_id = :order_id ORDER BY f.number""")
_PARCELS = text("""
    SELECT p.parcel_id, p.fulfillment_id, p.carrier, p.state, p.tracking_number, p.labelled_at, p.voided_at, p.told_at,
           scan.status AS last_scan, scan.occurred_at AS last_scan_at, driver.collection_id,
           driver.state AS collection_state, driver.ready_at AS collected_from, driver.closes_at AS collected_until
    FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id)
    LEFT JOIN (collection_parcels goes JOIN collections driver USING (collection_id))
        ON goes.parcel_id = p.parcel_id AND goes.held
    LEFT JOIN LATERAL (
        SELECT status, occurred_at FROM tracking_events e WHERE e.tracking_number = p.tracking_number
        ORDER BY occurred_at DESC, event_id DESC LIMIT 1) scan ON true
    WHERE f.order_id = :order_id ORDER BY f.number, p.number""")
_REFUNDS = text("""
    SELECT refund_id, amount, currency, state, reason, reserved_at, settled_at FROM refunds WHERE order_id = :order_id
    UNION ALL
    SELECT channel_refund_id, amount, (SELECT currency FROM orders o WHERE o.order_id = h.order_id), 'BY_HAND',
           'made on the channel', entered_at, entered_at
    FROM hand_refunds h WHERE order_id = :order_id
    ORDER BY reserved_at, refund_id""")
_HOLDS = text("""
    SELECT reason, keeps_stock, placed_by, placed_at FROM holds
    WHERE order_id = :order_id AND released_at IS NULL ORDER BY hold_id""")
_WAITS = text("""
    SELECT scope, cause, code, since,
           CASE WHEN cause LIKE 'stock:%' THEN
               (SELECT min(expected_at) FROM incoming_goods WHERE sku = substr(cause, 7) AND received < units)
                WHEN cause LIKE 'date:%' THEN CAST(substr(cause, 6) AS timestamptz)
           END AS expected_at
    FROM waits WHERE order_id = :order_id ORDER BY since, scope, cause""")


class OrderHeader(Model):
    """The order itself. Money is in minor units of `currency`; `refunding` counts reserved refunds too."""

    order_id: str
    account: str
    channel_order_id: str
    number: str
    state: OrderState
    ownership: str
    delivery: str
    pickup_location: str | None
    currency: str
    total: int
    shipping: int
    discount: int
    tax: int
    captured: int
    refunding: int
    placed_at: datetime
    recorded_at: datetime
    ship_by: datetime | None
    deliver_by: datetime | None
    country: str = ""
    gift: bool = False
    closed_at: datetime | None
    progress_at: datetime
    acknowledged: bool
    cancel_requested: bool


class LineRow(Model):
    """One line with what became of its units; `open` ones nobody has planned yet."""

    line_id: str
    listing_id: str
    channel_sku: str
    sku: str | None
    title: str
    quantity: int
    unit_price: int
    cancelled: int
    by_hand: int
    planned: int
    done: int
    lost: int
    returned: int
    open: int
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    not_before: datetime | None = None


class FulfillmentRow(Model):
    """One fulfillment order; `reasons` says why this location, `expected_…` when it leaves (or left) and arrives."""

    fulfillment_id: str
    location: str
    delivery: str
    stage: str
    carrier: str
    stage_at: datetime
    reasons: tuple[str, ...]
    units: int
    speed: str = ""
    needs_hand: bool = True
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    expected_hand_over: datetime | None = None
    expected_arrival: datetime | None = None


class ParcelRow(Model):
    """One parcel with its latest scan by the carrier's time; `told_at` is when the channel learnt its number.

    `collected_…` is when the driver is wanted with whom it goes.
    """

    parcel_id: str
    fulfillment_id: str
    carrier: str
    state: str
    tracking_number: str | None
    labelled_at: datetime | None
    voided_at: datetime | None
    told_at: datetime | None
    last_scan: str | None
    last_scan_at: datetime | None
    collection_id: str | None = None
    collection_state: str | None = None
    collected_from: datetime | None = None
    collected_until: datetime | None = None


class RefundRow(Model):
    """Money given back, by us or by hand on the channel."""

    refund_id: str
    amount: int
    currency: str
    state: str
    reason: str
    reserved_at: datetime
    settled_at: datetime | None


class HoldRow(Model):
    """An active hold."""

    reason: str
    keeps_stock: bool
    placed_by: str
    placed_at: datetime


class WaitRow(Model):
    """A wait; `scope` is the part of the order that waits, empty for the order as a whole."""

    scope: str
    cause: str
    code: str
    since: datetime
    expected_at: datetime | None = None


class OrderPage(Model):
    """Everything about one order."""

    header: OrderHeader
    lines: list[LineRow]
    fulfillments: list[FulfillmentRow]
    parcels: list[ParcelRow]
    refunds: list[RefundRow]
    holds: list[HoldRow]
    waits: list[WaitRow]


async def read_order_page(connection: AsyncConnection, order_id: str) -> OrderPage | None:
    """Return everything about an order; None when there is none."""
    headers = await fetch(connection, OrderHeader, _HEADER, order_id=order_id)
    if not headers:
        return None
    return OrderPage(
        header=headers[0],
        lines=await fetch(connection, LineRow, _LINES, order_id=order_id),
        fulfillments=await fetch(connection, FulfillmentRow, _PARTS, order_id=order_id),
        parcels=await fetch(connection, ParcelRow, _PARCELS, order_id=order_id),
        refunds=await fetch(connection, RefundRow, _REFUNDS, order_id=order_id),
        holds=await fetch(connection, HoldRow, _HOLDS, order_id=order_id),
        waits=await fetch(connection, WaitRow, _WAITS, order_id=order_id),
    )
