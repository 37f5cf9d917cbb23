"""Amazon as a marketplace: each method of the port, done by the module named after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import httpx

from adapters.marketplaces.amazon import access, cancellation, mapping, orders, refunds, shipping, stock
from adapters.marketplaces.amazon.api import SellerApi
from adapters.marketplaces.amazon.mailbox import Queue
from adapters.marketplaces.amazon.settings import AmazonSettings
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
)
from domain.errors import CrossdockError
from domain.facts import Fact
from domain.order import ChannelOrder
from domain.ports.mailbox import Letter
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

_BY_PARCEL_NUMBER = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=30))
_BY_ORDER = DedupeClass(dedupe=Dedupe.REFERENCE, visibility_lag=timedelta(hours=2))
_BY_FEED = DedupeClass(dedupe=Dedupe.NONE)

CAPABILITY = MarketplaceCapability(
    acknowledges=False,
    confirms_lines=True,
    corrects_tracking=True,
    cancels="orders",
    # Amazon charges the buyer when goods leave.
    cancelling_refunds=True,
    refunds=True,
    confirms_pickup=False,
    tells_buyer=True,
    publishes_stock=True,
    stock_answers_later=True,
    webhooks=False,
    mailbox=True,
    # One page costs three minutes of the limit: pulls leave room for pages, reconciliation and expired tokens.
    pull=PullRule(overlap=timedelta(minutes=5), every=timedelta(minutes=10), reaches=timedelta(days=730)),
    dedupe={
        EffectKind.TRACKING: _BY_PARCEL_NUMBER,
        EffectKind.CORRECTION: _BY_PARCEL_NUMBER,
        EffectKind.CANCEL: _BY_ORDER,
        # Orders do not show refunds; that a feed gave one is known only as long as the feed's id is.
        EffectKind.REFUND: _BY_FEED,
    },
)


class AmazonMarketplace(UnableMarketplace):
    """One selling account in one region."""

    capability = CAPABILITY

    def __init__(
        self,
        settings: AmazonSettings,
        http: httpx.AsyncClient,
        clock: Callable[[], float] = time.time,  # noqa: TID251  Amazon asks when a parcel left, and when we signed
    ) -> None:
        self._api = SellerApi(settings, http)
        self._account = f"{settings.seller_id}/{','.join(sorted(settings.marketplaces))}"
        self._clock = clock
        self._queue = Queue(settings.queue, http, clock) if settings.queue else None

    async def check_access(self) -> Access:
        """Log in, and tell whose account it is in which stores, and what lacks."""
        await self._api.log_in()
        return Access(remote_account=self._account, missing=await access.missing(self._api, self._queue))

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        """List the orders that changed."""
        return await orders.list_orders(self._api, since, cursor)

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        """Fetch one order as it stands."""
        return await orders.fetch_order(self._api, channel_order_id)

    def read_order(self, body: bytes) -> ChannelOrder:
        """Read a raw order."""
        return mapping.read_order(body)

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        """Do nothing: Amazon does not ask whether an order is accepted."""
        del write
        return Confirmed()

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        """Tell of a parcel."""
        return await shipping.confirm(self._api, write, datetime.fromtimestamp(self._clock(), UTC))

    async def correct_tracking(self, write: CorrectTracking) -> Outcome:
        """Tell of the same parcel again, with its new number."""
        return await shipping.confirm(self._api, write, datetime.fromtimestamp(self._clock(), UTC))

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Hand in the cancellation of the whole order."""
        return await cancellation.cancel(self._api, write)

    async def refund(self, write: RefundPayment) -> Outcome:
        """Hand in a refund."""
        return await refunds.refund(self._api, write)

    async def find(self, write: Write) -> Finding:
        """Look a write up."""
        try:
            return await self._find(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities."""
        return await stock.publish(self._api, rows)

    async def stock_results(self, job: str) -> tuple[StockResult, ...] | None:
        """Return what a feed refused."""
        return await stock.results(self._api, job)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Believe nothing: Amazon sends no webhooks, and its queue is read with credentials of our own."""
        del headers, body, now
        return False

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read a message of the queue."""
        return mapping.read_notification(body)

    async def fetch_letters(self) -> tuple[Letter, ...]:
        """Return the messages in the queue; none without one."""
        return await self._queue.fetch_letters() if self._queue else ()

    async def answer_letter(self, letter: Letter, refusal: str) -> None:
        """Take a message out of the queue, be it stored or set aside."""
        if self._queue is None:
            await super().answer_letter(letter, refusal)
        else:
            await self._queue.answer_letter(letter)

    async def _find(self, write: Write) -> Finding:
        match write:
            case ConfirmShipment():
                return await shipping.find(self._api, write)
            case CancelLines():
                return await cancellation.find(self._api, write)
            case RefundPayment():
                return await refunds.find(self._api, write)
            case AcknowledgeOrder():
                return Found(confirmed=Confirmed())
            case ConfirmPickup() | AnswerReturn():
                return Absent()
