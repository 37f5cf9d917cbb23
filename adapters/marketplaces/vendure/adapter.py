"""Vendure as a marketplace: each method of the port, done by the module named after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import httpx

from adapters.lenient import reading
from adapters.marketplaces.vendure import access, cancellation, mapping, pull, refunds, shipping, stock, webhook, wire
from adapters.marketplaces.vendure.api import AdminApi
from adapters.marketplaces.vendure.session import Session
from adapters.marketplaces.vendure.settings import VendureSettings
from adapters.signature import is_genuine
from adapters.unable import UnableMarketplace
from domain.effect import (
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    Finding,
    Found,
    Outcome,
    Rejected,
)
from domain.errors import CrossdockError, NotFound
from domain.facts import Fact
from domain.order import ChannelOrder
from domain.ports.marketplace import (
    Access,
    AcknowledgeOrder,
    AnswerReturn,
    CancelLines,
    ConfirmPickup,
    ConfirmShipment,
    MarketplaceCapability,
    OfferedStock,
    OrderPage,
    PullRule,
    RawOrder,
    RefundPayment,
    StockResult,
    Write,
)

_BY_REFERENCE = DedupeClass(dedupe=Dedupe.REFERENCE)
CAPABILITY = MarketplaceCapability(
    acknowledges=False,
    confirms_lines=True,
    cancelling_refunds=False,
    refunds=True,
    confirms_pickup=True,
    tells_buyer=False,
    publishes_stock=True,
    # An order carries the moment before its transaction is committed.
    pull=PullRule(overlap=timedelta(minutes=2)),
    dedupe=dict.fromkeys(
        (EffectKind.TRACKING, EffectKind.PICKUP, EffectKind.CANCEL, EffectKind.REFUND),
        _BY_REFERENCE,
    ),
)


class VendureMarketplace(UnableMarketplace):
    """One channel of one Vendure shop."""

    capability = CAPABILITY

    def __init__(self, settings: VendureSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._api = AdminApi(Session(settings, http))
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check_access(self) -> Access:
        """Ask what the administrator may do."""
        return await access.check_access(self._api, self._settings)

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        """List the orders that can have changed."""
        return await pull.list_orders(self._api, self._settings, since, cursor)

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        """Fetch one order as it stands."""
        told = await self._api.fetch_raw(channel_order_id)
        return RawOrder(channel_order_id=channel_order_id, body=pull.to_bytes(told))

    def read_order(self, body: bytes) -> ChannelOrder:
        """Read a raw order."""
        with reading("vendure-unreadable-order"):
            order = wire.Order.model_validate_json(body)
            return mapping.read_order(order, self._settings.pickup, self._settings.begins_at)

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        """Do nothing: Vendure does not ask whether an order is accepted."""
        del write
        return Confirmed()

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        """Ship with a tracking code."""
        # Two shipments of one order at once make the shop stumble.
        async with self._turns.setdefault(write.channel_order_id, asyncio.Lock()):
            return await _known(shipping.confirm_shipment(self._api, write))

    async def confirm_pickup(self, write: ConfirmPickup) -> Outcome:
        """Deliver what was collected."""
        return await _known(shipping.confirm_pickup(self._api, write))

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Cancel units."""
        return await _known(cancellation.cancel_lines(self._api, write))

    async def refund(self, write: RefundPayment) -> Outcome:
        """Refund, and settle."""
        return await _known(refunds.refund(self._api, write))

    async def find(self, write: Write) -> Finding:
        """Look a write up; one that broke off in the middle counts as absent, for sending it again finishes it."""
        try:
            confirmed = await self._find(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)
        return Absent() if confirmed is None else Found(confirmed=confirmed)

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities."""
        return await stock.publish_stock(self._api, self._settings.stock_location, rows)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature of the shop's plugin."""
        return is_genuine(self._settings.webhook_secret.get_secret_value(), headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read which order changed."""
        return webhook.read(body)

    async def _find(self, write: Write) -> Confirmed | None:
        """Return what was done, or None when it was not done to the end."""
        match write:
            case CancelLines():
                return await cancellation.find_cancellation(self._api, write)
            case RefundPayment():
                return await refunds.find_refund(self._api, write)
            case ConfirmShipment():
                return await shipping.find_shipment(self._api, write)
            case ConfirmPickup(collected=True):
                return await shipping.find_pickup(self._api, write)
            case ConfirmPickup() | AcknowledgeOrder() | AnswerReturn():
                return Confirmed()


async def _known(writing: Awaitable[Outcome]) -> Outcome:
    """Carry out a write; one about an order that the shop does not have is rejected, for nothing was sent."""
    try:
        return await writing
    except NotFound as error:
        return Rejected(code=error.code)
