"""Shopify as a marketplace: each method of the port, done by the module named after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import httpx

from adapters.lenient import reading
from adapters.marketplaces.shopify import (
    cancellation,
    documents,
    mapping,
    pull,
    refunds,
    returns,
    shipping,
    stock,
    webhook,
    wire,
)
from adapters.marketplaces.shopify.api import AdminApi
from adapters.marketplaces.shopify.settings import SCOPES, ShopifySettings
from adapters.marketplaces.shopify.store import Store, read_document
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
from domain.errors import ContractBroken, CrossdockError, NotFound, Refused, Unavailable
from domain.facts import Fact
from domain.order import ChannelOrder
from domain.ports.marketplace import (
    Access,
    AcknowledgeOrder,
    AnswerReturn,
    CancelLines,
    ConfirmPickup,
    ConfirmShipment,
    CorrectTracking,
    MarketplaceCapability,
    OfferedStock,
    OrderPage,
    PullRule,
    RawOrder,
    RefundPayment,
    StockResult,
    Write,
)

_LOOKED_UP = DedupeClass(dedupe=Dedupe.REFERENCE)
CAPABILITY = MarketplaceCapability(
    acknowledges=False,
    confirms_lines=True,
    confirms_unnumbered=True,
    corrects_tracking=True,
    cancels="lines",
    cancelling_refunds=False,
    refunds=True,
    answers_returns=True,
    confirms_pickup=True,
    tells_buyer=True,
    publishes_stock=True,
    # The index that lists are made of lags behind; without `read_all_orders` it reaches back 60 days.
    pull=PullRule(overlap=timedelta(minutes=5), reaches=timedelta(days=60)),
    dedupe={
        EffectKind.TRACKING: _LOOKED_UP,
        EffectKind.CORRECTION: _LOOKED_UP,
        EffectKind.PICKUP: _LOOKED_UP,
        EffectKind.RETURN_ANSWER: _LOOKED_UP,
        # A whole order is cancelled by a job, which shows only when it is done.
        EffectKind.CANCEL: DedupeClass(dedupe=Dedupe.REFERENCE, visibility_lag=timedelta(minutes=2)),
        EffectKind.REFUND: DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(hours=1)),
    },
)


class ShopifyMarketplace(UnableMarketplace):
    """One Shopify store."""

    capability = CAPABILITY

    def __init__(self, settings: ShopifySettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._api = AdminApi(settings, http)
        self._store = Store(self._api)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check_access(self) -> Access:
        """Ask which scopes the store granted; a scope to write grants what one to read does."""
        installed = await self._api.read(documents.ACCESS, wire.Installation)
        granted = {scope.handle for scope in installed.access_scopes}
        granted |= {f"read_{scope.removeprefix('write_')}" for scope in granted if scope.startswith("write_")}
        return Access(remote_account=self._settings.shop, missing=tuple(sorted(set(SCOPES) - granted)))

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        """List what has changed."""
        return await pull.list_orders(self._api, since, cursor)

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        """Fetch one order as it stands."""
        return await pull.fetch_order(self._api, channel_order_id)

    def read_order(self, body: bytes) -> ChannelOrder:
        """Read a raw order."""
        with reading("shopify-unreadable-order"):
            return mapping.read_order(read_document(body), self._settings)

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        """Ship with a tracking number."""
        carrier = self._settings.carriers.get(write.carrier, write.carrier)
        return await self._in_turn(write.channel_order_id, shipping.confirm_shipment(self._store, write, carrier))

    async def correct_tracking(self, write: CorrectTracking) -> Outcome:
        """Change the tracking number."""
        carrier = self._settings.carriers.get(write.carrier, write.carrier)
        return await self._in_turn(write.channel_order_id, shipping.correct_tracking(self._store, write, carrier))

    async def confirm_pickup(self, write: ConfirmPickup) -> Outcome:
        """Say that it is ready, or fulfill what was collected."""
        return await self._in_turn(write.channel_order_id, shipping.confirm_pickup(self._store, write))

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Cancel units, or the order."""
        return await self._in_turn(write.channel_order_id, cancellation.cancel_lines(self._store, write))

    async def refund(self, write: RefundPayment) -> Outcome:
        """Give money back."""
        return await self._in_turn(write.channel_order_id, refunds.refund(self._api, write))

    async def answer_return(self, write: AnswerReturn) -> Outcome:
        """Grant or decline."""
        return await self._in_turn(write.channel_order_id, returns.answer_return(self._api, write))

    async def find(self, write: Write) -> Finding:
        """Look a write up; one that broke off in the middle counts as absent, for sending it again finishes it."""
        try:
            finding = await self._find(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)
        return Found(confirmed=finding) if isinstance(finding, Confirmed) else finding or Absent()

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities."""
        return await stock.publish_stock(self._api, self._settings.stock_location, rows)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check Shopify's signature."""
        secret = self._settings.client_secret.get_secret_value()
        return webhook.verify(secret, self._settings.shop, headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read which order changed."""
        return webhook.read(body)

    async def _find(self, write: Write) -> Finding | Confirmed | None:
        match write:
            case CorrectTracking():
                return await shipping.find_correction(self._store, write)
            case ConfirmShipment() | ConfirmPickup():
                return await shipping.find_shipment(self._store, write)
            case CancelLines():
                return await cancellation.find_cancellation(self._store, write)
            case RefundPayment():
                return await refunds.find_refund(self._api, write)
            case AnswerReturn():
                return await returns.find_answer(self._api, write)
            case AcknowledgeOrder():
                return CannotTell(code="cannot-acknowledge")

    async def _in_turn(self, channel_order_id: str, sending: Awaitable[Outcome]) -> Outcome:
        """Send one write of an order after the other: each looks at what is left before it acts."""
        async with self._turns.setdefault(channel_order_id, asyncio.Lock()):
            try:
                return await sending
            except (NotFound, Refused) as error:
                return Rejected(code=error.code)
            except ContractBroken as error:
                # Only what is read before a write can be broken so: nothing was executed.
                raise Unavailable(error.code) from error
