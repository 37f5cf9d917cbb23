"""A Mirakl marketplace: each method of the port, done by the module named after it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta

import httpx

from adapters.lenient import reading
from adapters.marketplaces.mirakl import acceptance, access, cancellation, mapping, pull, refunds, shipping, stock
from adapters.marketplaces.mirakl.market import Market
from adapters.marketplaces.mirakl.settings import MiraklSettings
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

_BY_STATE = DedupeClass(dedupe=Dedupe.REFERENCE)
_KINDS = (EffectKind.ACKNOWLEDGE, EffectKind.TRACKING, EffectKind.CORRECTION, EffectKind.CANCEL)


CAPABILITY = MarketplaceCapability(
    acknowledges=True,
    refuses_lines=True,
    confirms_lines=True,
    corrects_tracking=True,
    cancelling_refunds=True,
    refunds=True,
    confirms_pickup=False,
    tells_buyer=True,
    publishes_stock=True,
    stock_answers_later=True,
    webhooks=False,
    # More often than that no partner may ask. It looks back a little by itself, we look back a little more.
    pull=PullRule(overlap=timedelta(minutes=5), every=timedelta(minutes=15)),
    # A refund keeps no word of ours: it is found only against what was there before it.
    dedupe={**dict.fromkeys(_KINDS, _BY_STATE), EffectKind.REFUND: DedupeClass(dedupe=Dedupe.NONE)},
)


class MiraklMarketplace(UnableMarketplace):
    """One shop on one marketplace."""

    def __init__(self, settings: MiraklSettings, http: httpx.AsyncClient) -> None:
        # Whether parcels name lines, and which carriers are taken, depends on the marketplace's operator.
        carriers = tuple(sorted(settings.carriers)) if settings.only_coded else ()
        self.capability = CAPABILITY.model_copy(
            update={"confirms_lines": settings.multi_shipment, "carriers": carriers}
        )
        self._settings = settings
        self._market = Market(settings, http)

    async def check_access(self) -> Access:
        """Ask which shop the key is for, and which roles its user lacks."""
        return await access.check_access(self._market)

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        """List the orders that changed."""
        return await pull.list_orders(self._market, since, cursor)

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        """Fetch one order as it stands."""
        return await self._market.fetch_raw(channel_order_id)

    def read_order(self, body: bytes) -> ChannelOrder:
        """Read a raw order."""
        return mapping.read_order(body, self._settings)

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        """Accept the order, but for the lines that are refused."""
        return await _known(acceptance.acknowledge(self._market, write))

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        """Report a shipment."""
        return await _known(shipping.ship(self._market, write))

    async def correct_tracking(self, write: CorrectTracking) -> Outcome:
        """Change the number of a shipment."""
        return await _known(shipping.correct(self._market, write))

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Cancel units."""
        return await _known(cancellation.cancel_lines(self._market, write))

    async def refund(self, write: RefundPayment) -> Outcome:
        """Refund."""
        return await _known(refunds.refund(self._market, write))

    async def find(self, write: Write) -> Finding:
        """Look a write up by what it would have changed."""
        try:
            with reading("mirakl-unreadable-order"):
                return await self._find(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities, later."""
        return await stock.publish_stock(self._market, rows)

    async def stock_results(self, job: str) -> tuple[StockResult, ...] | None:
        """Return the rows of a file that were not taken."""
        return await stock.stock_results(self._market, job)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Believe nothing: the marketplace sends sellers no webhooks."""
        del headers, body, now
        return False

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read nothing."""
        del body
        return ()

    async def _find(self, write: Write) -> Finding:
        order = await self._market.fetch(write.channel_order_id)
        match write:
            case AcknowledgeOrder():
                return acceptance.find(order, write)
            case CancelLines():
                return _found("" if cancellation.is_done(order, write) else None)
            case RefundPayment():
                return refunds.find(order, write)
            case CorrectTracking():
                done = shipping.corrected(order, write)
                return _found(write.remote_id if done else None, write.tracking_number)
            case ConfirmShipment():
                return _found(shipping.find(order, write), write.tracking_number)
            case _:
                return CannotTell()


def _found(remote_id: str | None, number: str | None = None) -> Finding:
    if remote_id is None:
        return Absent()
    return Found(confirmed=Confirmed(remote_id=remote_id, tracking_number=number))


async def _known(outcome: Awaitable[Outcome]) -> Outcome:
    """Return what became of a write, that it is about an order which does not exist included."""
    try:
        with reading("mirakl-unreadable-order"):  # amounts are read before anything is sent
            return await outcome
    except NotFound:
        return Rejected(code="mirakl-no-such-order")
