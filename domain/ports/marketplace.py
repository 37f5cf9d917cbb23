"""The port to a marketplace: everything Crossdock asks of one channel account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from domain.effect import DedupeClass, EffectKind, Finding, Outcome
from domain.order import ChannelOrder
from domain.ports.webhook import WebhookReader
from domain.values import Model


class MarketplaceCapability(Model):
    """What a marketplace can do; the engine asks this, never its name.

    Attributes:
        acknowledges: it wants to be told that an order was accepted.
        confirms_lines: a shipment names lines and quantities (otherwise the whole order).
        cancels_lines: single lines can be cancelled by the seller.
        cancelling_refunds: a cancellation gives the money back by itself.
        refunds: money can be given back through it.
        confirms_pickup: it wants to hear that a pickup is ready and was collected.
        tells_buyer: it tells the buyer of shipments and cancellations itself.
        publishes_stock: it takes absolute quantities.
        versions_stock: it refuses a quantity whose version is not greater than the one it has.
        overlap: how far each pull looks back behind its watermark.
        dedupe: how each kind of write is kept from being done twice.
    """

    acknowledges: bool
    confirms_lines: bool
    cancels_lines: bool
    cancelling_refunds: bool
    refunds: bool
    confirms_pickup: bool
    tells_buyer: bool
    publishes_stock: bool
    overlap: timedelta
    dedupe: Mapping[EffectKind, DedupeClass]
    versions_stock: bool = False


class RawOrder(Model):
    """One order document as received, not parsed. `channel_order_id` is empty when even that cannot be read."""

    channel_order_id: str
    body: bytes


class OrderPage(Model):
    """One page of changed orders.

    Attributes:
        next_cursor: where to go on, or None after the last page.
        watermark: on the last page, the channel's own moment up to which everything was listed.
    """

    orders: tuple[RawOrder, ...]
    next_cursor: str | None
    watermark: datetime | None


class ChannelWrite(Model):
    """What every write to a channel carries: the order, and our reference, the same for every attempt."""

    channel_order_id: str
    reference: str


class AcknowledgeOrder(ChannelWrite):
    """We accept the order."""


class ConfirmShipment(ChannelWrite):
    """Goods left: quantities by line id, with their tracking number."""

    quantities: Mapping[str, int]
    carrier: str
    tracking_number: str


class ConfirmPickup(ChannelWrite):
    """A pickup is ready for the buyer, or was collected."""

    quantities: Mapping[str, int]
    collected: bool


class CancelLines(ChannelWrite):
    """Units will not come: `quantities` are those to cancel now, `totals` what each line stands at afterwards."""

    quantities: Mapping[str, int]
    totals: Mapping[str, int]
    reason: str


class RefundPayment(ChannelWrite):
    """Give money back: minor units in the order's currency; `quantities` names lines where it belongs to some."""

    amount: int
    currency: str
    quantities: Mapping[str, int]
    reason: str


class OfferedStock(Model):
    """The absolute quantity of one listing that may be sold; `version` is 0 where the channel does not compare them."""

    listing_id: str
    sku: str
    quantity: int
    version: int = 0


class StockResult(Model):
    """What became of one published row; `code` is empty when it was taken."""

    listing_id: str
    code: str = ""


Write = AcknowledgeOrder | ConfirmShipment | ConfirmPickup | CancelLines | RefundPayment


class Marketplace(WebhookReader, Protocol):
    """One channel account.

    Reads raise Unavailable, Unauthorized, NotFound or ContractBroken. Writes return what became of them, and raise
    Unavailable or Unauthorized only when they were surely not executed.
    """

    @property
    def capability(self) -> MarketplaceCapability:
        """What this marketplace can do."""
        ...

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        """List orders placed or changed at or after `since`, oldest first, raw."""
        ...

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        """Fetch one order as it stands now, raw."""
        ...

    def read_order(self, body: bytes) -> ChannelOrder:
        """Read a raw order; unknown fields are ignored, what we act on is strict.

        Raises:
            ContractBroken: it is not readable, does not add up, or has a status nobody knows.
        """
        ...

    async def acknowledge(self, write: AcknowledgeOrder) -> Outcome:
        """Accept the order."""
        ...

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        """Report a shipment with its tracking number."""
        ...

    async def confirm_pickup(self, write: ConfirmPickup) -> Outcome:
        """Report a pickup as ready or collected."""
        ...

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        """Cancel units of lines."""
        ...

    async def refund(self, write: RefundPayment) -> Outcome:
        """Give money back."""
        ...

    async def find(self, write: Write) -> Finding:
        """Look up whether this write was done, by its reference or by what it would have changed."""
        ...

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities; one failing row does not lose the others."""
        ...
