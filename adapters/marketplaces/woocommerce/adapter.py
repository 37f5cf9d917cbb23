"""WooCommerce as a marketplace: each method of the port, done by the module named after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import httpx

from adapters.lenient import reading
from adapters.marketplaces.woocommerce import access, cancellation, mapping, pull, refunds, shipping, stock, webhook
from adapters.marketplaces.woocommerce.settings import WooCommerceSettings
from adapters.marketplaces.woocommerce.shop import Shop
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

_BY_REFERENCE = DedupeClass(dedupe=Dedupe.REFERENCE)
CAPABILITY = MarketplaceCapability(
    acknowledges=False,
    confirms_lines=True,
    confirms_unnumbered=True,
    corrects_tracking=True,
    cancelling_refunds=False,
    refunds=True,
    confirms_pickup=True,
    tells_buyer=False,
    publishes_stock=True,
    # Whole seconds, and an order carries its moment before it is written.
    pull=PullRule(overlap=timedelta(minutes=2)),
    dedupe={
        EffectKind.TRACKING: _BY_REFERENCE,
        EffectKind.CORRECTION: _BY_REFERENCE,
        EffectKind.PICKUP: _BY_REFERENCE,
        EffectKind.CANCEL: _BY_REFERENCE,
        # The shop asks the payment gateway while we wait, and notes the refund afterwards.
        EffectKind.REFUND: DedupeClass(dedupe=Dedupe.REFERENCE, visibility_lag=timedelta(minutes=2)),
    },
)


class WooCommerceMarketplace(UnableMarketplace):
    """One shop."""

    capability = CAPABILITY

    def __init__(self, settings: WooCommerceSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._shop = Shop(settings, http)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check_access(self) -> Access:
        """Tell which shop it is, and what the key and its user may not do."""
        return await access.check_access(self._shop)

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        """List the orders that changed."""
        return await pull.list_orders(self._shop, since, cursor)

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        """Fetch one order as it stands."""
        return await self._shop.fetch_raw(channel_order_id)

    def read_order(self, body: bytes) -> ChannelOrder:
        """Read a raw order."""
        return mapping.read_order(body, self._settings)

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        """Do nothing: the shop does not ask whether an order is accepted."""
        del write
        return Confirmed()

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        """Note a shipment."""
        # The plugin keeps all parcels of an order in one entry, which two at once would overwrite.
        async with self._turn(write.channel_order_id):
            return await _known(shipping.ship(self._shop, write))

    async def correct_tracking(self, write: CorrectTracking) -> Outcome:
        """Change the number of a shipment."""
        async with self._turn(write.channel_order_id):
            return await _known(shipping.correct(self._shop, write))

    async def confirm_pickup(self, write: ConfirmPickup) -> Outcome:
        """Note what was collected; the shop has no word for ready."""
        if not write.collected:
            return Confirmed()
        async with self._turn(write.channel_order_id):
            return await _known(shipping.ship(self._shop, write))

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Cancel units."""
        return await _known(cancellation.cancel_lines(self._shop, write))

    async def refund(self, write: RefundPayment) -> Outcome:
        """Refund."""
        return await _known(refunds.refund(self._shop, write))

    async def find(self, write: Write) -> Finding:
        """Look a write up; one that broke off in the middle counts as absent, for sending it again finishes it."""
        try:
            with reading("woocommerce-unreadable-order"):
                if isinstance(write, RefundPayment):
                    return await refunds.find(self._shop, write)
                remote_id = await self._find(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)
        number = write.tracking_number if isinstance(write, ConfirmShipment) else None
        found = Found(confirmed=Confirmed(remote_id=remote_id or "", tracking_number=number or None))
        return Absent() if remote_id is None else found

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities."""
        return await stock.publish_stock(self._shop, rows)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature; it covers no moment."""
        del now
        return webhook.is_genuine(self._settings.webhook_secret.get_secret_value(), headers, body)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read which order changed."""
        return webhook.read(body)

    async def _find(self, write: Write) -> str | None:
        """Return the shop's id of what was done, or None when it was not done to the end."""
        order, _, progress = await self._shop.fetch(write.channel_order_id)
        match write:
            case CancelLines():
                remote_id = cancellation.find(order, write)
            case CorrectTracking():
                remote_id = write.remote_id if shipping.corrected(progress, write) else None
            case ConfirmShipment() | ConfirmPickup(collected=True):
                sent = shipping.find(progress, write)
                remote_id = sent.remote_id if sent else None
            case _:
                return ""  # what is not told needs not be found
        return None if progress.is_behind else remote_id

    def _turn(self, channel_order_id: str) -> asyncio.Lock:
        return self._turns.setdefault(channel_order_id, asyncio.Lock())


async def _known(outcome: Awaitable[Outcome]) -> Outcome:
    """Return what became of a write, that it is about an order which does not exist included."""
    try:
        with reading("woocommerce-unreadable-order"):  # amounts are read before anything is sent
            return await outcome
    except NotFound:
        return Rejected(code="woocommerce-no-such-order")
