"""The port to a marketplace: everything Crossdock asks of one channel account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from domain.effect import DedupeClass, EffectKind, Finding, Outcome, OutsideWrite
from domain.order import ChannelOrder
from domain.ports.carrier import Carrier
from domain.ports.mailbox import Mailbox
from domain.values import Model


class PullRule(Model):
    """How a channel lists what has changed, and so how it is pulled without losing anything.

    Attributes:
        overlap: how far each pull looks back behind its watermark: late rows, ties and coarse dates are in it.
        every: how often it may be pulled at most; zero: as often as the operator likes.
        reaches: how far back it lists at all; None: to its beginning.
        includes_since: whether an order of exactly that moment is listed.
    """

    overlap: timedelta
    every: timedelta = timedelta(0)
    reaches: timedelta | None = None
    includes_since: bool = True

    def within_reach(self, since: datetime, now: datetime) -> datetime:
        """Return the moment, or the earliest that is listed where that is later."""
        return since if self.reaches is None else max(since, now - self.reaches)


class MarketplaceCapability(Model):
    """What a marketplace can do; the engine asks this, never its name.

    Attributes:
        acknowledges: it wants to be told that an order was accepted.
        refuses_lines: with the acknowledgement single lines can be refused.
        confirms: it can be told of a shipment at all.
        confirms_lines: a shipment names lines and quantities (otherwise the whole order).
        confirms_unnumbered: a shipment may have no tracking number; it is known by our reference then.
        corrects_tracking: the tracking number of a confirmed shipment can be changed.
        cancels: what the seller can cancel: units of lines, whole orders only, or nothing.
        cancelling_refunds: a cancellation gives the money back by itself.
        refunds: money can be given back through it.
        answers_returns: it wants to hear whether a return is granted.
        confirms_pickup: it wants to hear that a pickup is ready and was collected.
        tells_buyer: it tells the buyer of shipments and cancellations itself.
        publishes_stock: it takes absolute quantities.
        versions_stock: it refuses a quantity whose version is not greater than the one it has.
        stock_answers_later: what became of published rows is asked for later, by the id of a job.
        sells_labels: labels for its orders are bought from itself; its adapter is `SellsLabels` then.
        carriers: the only carriers it takes, by our names: of an adapter whose settings give them codes, and whose
            channel refuses all others, those that have one; none: it takes any.
        webhooks: it sends signed webhooks.
        mailbox: it leaves hints in a queue that is emptied.
        pull: how it lists what has changed.
        dedupe: how each kind of write is kept from being done twice.
    """

    acknowledges: bool
    confirms_lines: bool
    cancels: Literal["lines", "orders", "nothing"] = "lines"
    cancelling_refunds: bool
    refunds: bool
    confirms_pickup: bool
    tells_buyer: bool
    publishes_stock: bool
    pull: PullRule
    dedupe: Mapping[EffectKind, DedupeClass]
    refuses_lines: bool = False
    confirms: bool = True
    confirms_unnumbered: bool = False
    corrects_tracking: bool = False
    answers_returns: bool = False
    versions_stock: bool = False
    stock_answers_later: bool = False
    sells_labels: bool = False
    carriers: tuple[str, ...] = ()
    webhooks: bool = True
    mailbox: bool = False


class Access(Model):
    """What the credentials of a channel let us do.

    Attributes:
        remote_account: the account's own id over there, in which it differs from every other; empty: it does not say.
        missing: permissions that lack, in the marketplace's own words.
    """

    remote_account: str
    missing: tuple[str, ...] = ()


class RawOrder(Model):
    """One order document as received, not parsed. `channel_order_id` is empty when even that cannot be read."""

    channel_order_id: str
    body: bytes


class OrderPage(Model):
    """One page of changed orders.

    Attributes:
        next_cursor: where to go on, or None after the last page.
        watermark: on the last page, the channel's own moment up to which everything was listed.
        reached: where a list runs in order of change: its moment up to which this page and those before it listed
            everything, so that a pull which breaks off goes on from there.
    """

    orders: tuple[RawOrder, ...]
    next_cursor: str | None
    watermark: datetime | None
    reached: datetime | None = None


class ChannelWrite(OutsideWrite):
    """What every write to a channel carries beside our reference: the order it is about."""

    channel_order_id: str


class AcknowledgeOrder(ChannelWrite):
    """We accept the order, but for the lines named in `refused`."""

    refused: tuple[str, ...] = ()


class ConfirmShipment(ChannelWrite):
    """Goods left: quantities by line id, with their tracking number; empty where they have none."""

    quantities: Mapping[str, int]
    carrier: str
    tracking_number: str


class CorrectTracking(ConfirmShipment):
    """A confirmed shipment has another tracking number; `remote_id` is the channel's id of the shipment."""

    remote_id: str
    replaces: str


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


class AnswerReturn(ChannelWrite):
    """A return that the buyer asked for on the channel is granted or declined."""

    request_id: str
    granted: bool
    reason: str = ""


class OfferedStock(Model):
    """The absolute quantity of one listing that may be sold; `version` is 0 where the channel does not compare them."""

    listing_id: str
    sku: str
    quantity: int
    version: int = 0


class StockResult(Model):
    """What became of one published row; `code` is empty when it was taken.

    Attributes:
        job: the id of a job that still has to take it: its result is asked for later.
    """

    listing_id: str
    code: str = ""
    job: str = ""


Write = (
    AcknowledgeOrder | ConfirmShipment | CorrectTracking | ConfirmPickup | CancelLines | RefundPayment | AnswerReturn
)


class Marketplace(Mailbox, Protocol):
    """One channel account.

    Reads raise Unavailable, Unauthorized, NotFound or ContractBroken. Writes return what became of them, and raise
    Unavailable or Unauthorized only when they were surely not executed.
    """

    @property
    def capability(self) -> MarketplaceCapability:
        """What this marketplace can do."""
        ...

    async def check_access(self) -> Access:
        """Ask whose account this is, and which permissions lack; changes nothing there."""
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

    async def correct_tracking(self, write: CorrectTracking) -> Outcome:
        """Change the tracking number of a confirmed shipment."""
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

    async def answer_return(self, write: AnswerReturn) -> Outcome:
        """Grant or decline a return that the buyer asked for on the channel."""
        ...

    async def find(self, write: Write) -> Finding:
        """Look up whether this write was done, by its reference or by what it would have changed."""
        ...

    async def publish_stock(self, rows: tuple[OfferedStock, ...]) -> tuple[StockResult, ...]:
        """Set absolute quantities; one failing row does not lose the others."""
        ...

    async def stock_results(self, job: str) -> tuple[StockResult, ...] | None:
        """Return what became of the rows of a job; None while it runs. Rows that were taken may be left out."""
        ...


@runtime_checkable
class SellsLabels(Protocol):
    """A marketplace that also sells labels: a carrier, which goes by the name of the account.

    The adapter is one also while the channel's settings let others sell: what was bought there is voided there.
    """

    @property
    def labels(self) -> Carrier:
        """Return the carrier that the marketplace is; no I/O."""
        ...
