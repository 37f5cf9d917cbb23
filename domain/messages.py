"""Names that cross process borders: workflow ids and types, task queues, signals, updates and their inputs.

Histories and other installations hold these names: they are added to, never changed.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from domain.fulfillment import Stage
from domain.listing import ListingId
from domain.order import HoldReason
from domain.shipment import CarrierName, TrackingNumber
from domain.tracking_number import require_well_typed
from domain.values import FulfillmentId, Model, Quantity, SkuCode, forbid_nul

ORDER_WORKFLOW = "Order"
RETURN_WORKFLOW = "Return"
REFUND_WORKFLOW = "Refund"
PULL_WORKFLOW = "PullOrders"
RECONCILE_WORKFLOW = "Reconcile"
WATCH_WORKFLOW = "WatchPromises"
PUBLISH_STOCK_WORKFLOW = "PublishStock"
STOCK_PROOF_WORKFLOW = "StockProof"
COLLECT_WORKFLOW = "CollectLetters"
COLLECTION_WORKFLOW = "Collection"

WOKEN = "woken"
ADVANCED = "advanced"
CHANGED = "changed"
RETURN_ADVANCED = "return_advanced"

RETRY = "retry"
REROUTE = "reroute"
CANCEL = "cancel"
RESOLVE_SKU = "resolve_sku"
AMEND_ADDRESS = "amend_address"
AMEND_TRACKING = "amend_tracking"
PLACE_HOLD = "place_hold"
RELEASE_HOLD = "release_hold"

ORDERS_QUEUE = "orders"
NOTIFIER_QUEUE = "notifier"


def channel_queue(account: str) -> str:
    """Return the queue of one channel account, so that one throttled account starves nobody."""
    return f"channel-{account}"


def carrier_queue(name: str) -> str:
    """Return the queue of one carrier."""
    return f"carrier-{name}"


def label_queue(seller: str, account: str) -> str:
    """Return the queue of whoever sells a label: a carrier, or the channel itself.

    >>> label_queue("swift", "shop"), label_queue("shop", "shop")
    ('carrier-swift', 'channel-shop')
    """
    return channel_queue(account) if seller == account else carrier_queue(seller)


def location_queue(system: str) -> str:
    """Return the queue of one location system."""
    return f"location-{system}"


def order_workflow_id(order_id: str) -> str:
    """Return the id of an order's workflow.

    >>> order_workflow_id("shop/1")
    'order/shop/1'
    """
    return f"order/{order_id}"


def return_workflow_id(order_id: str, return_id: str) -> str:
    """Return the id of a return's workflow, below its order's."""
    return f"order/{order_id}/return/{return_id.rpartition('/')[2]}"


def refund_workflow_id(order_id: str, number: int) -> str:
    """Return the id of a refund's workflow, below its order's."""
    return f"order/{order_id}/refund/{number}"


def collection_workflow_id(collection_id: str) -> str:
    """Return the id of the workflow that orders a driver.

    >>> collection_workflow_id("STORE-1/swift/2026-03-02/1")
    'collection/STORE-1/swift/2026-03-02/1'
    """
    return f"collection/{collection_id}"


class OrderStart(Model):
    """What an order's workflow is started with: no personal data, no copy of what the record knows.

    Attributes:
        priority: Temporal's, from 1 (first) to 5; None where nobody promised a date.
    """

    order_id: str
    account: str
    number: str = ""
    priority: int | None = None


class ReturnStart(Model):
    """What a return's workflow is started with."""

    order_id: str
    return_id: str
    account: str


class RefundStart(Model):
    """What a refund's workflow is started with."""

    order_id: str
    refund_id: str
    account: str


class CollectionStart(Model):
    """What the workflow that orders a driver is started with."""

    collection_id: str
    carrier: str


class PullStart(Model):
    """One pull of one account; `since` overrides the stored watermark (ISO 8601, from an operator)."""

    account: str
    since: str = ""


class CollectStart(Model):
    """One look into the mailbox of a location system."""

    system: str


class Woken(Model):
    """The causes that this order waited for are cleared, for tickets up to this one."""

    ticket: int


class Advanced(Model):
    """A fulfillment order has come to a stage; the record said so first."""

    fulfillment_id: str
    stage: Stage


class Changed(Model):
    """Something about the order has changed in the record (by the channel, a hold, a cancellation): look again."""

    what: str = ""


class ReturnAdvanced(Model):
    """A return has come to a state; the record said so first."""

    state: str


Person = Annotated[str, AfterValidator(forbid_nul), StringConstraints(min_length=1, max_length=80)]
Why = Annotated[str, AfterValidator(forbid_nul), StringConstraints(min_length=1, max_length=300)]


class Verb(Model):
    """What every operator's verb carries: who, and why. Never personal data of a buyer."""

    actor: Person
    reason: Why


class Retry(Verb):
    """Try again what the order waits for. `effect` and `happened` decide an outcome nobody could look up.

    Attributes:
        effect: the ledger key of an effect whose outcome is unknown, when this settles one.
        happened: whether that effect was done; needed with `effect`.
        remote_id: the other side's id of it, when it was done.
        tracking_number: the tracking number, when it was a label; one that is surely mistyped is refused.
    """

    effect: str = ""
    happened: bool | None = None
    remote_id: str = ""
    tracking_number: Annotated[str, AfterValidator(forbid_nul), AfterValidator(require_well_typed)] = ""


class Reroute(Verb):
    """Take a fulfillment order away from its location and plan it again, elsewhere or at `to`."""

    fulfillment_id: str
    to: str = ""


class Cancel(Verb):
    """Cancel units by line id; none means everything that can still be cancelled.

    Attributes:
        quantities: how many units of each line shall be cancelled in the end, those cancelled before included: saying
            it twice, as a reset does, cancels nothing more.
    """

    quantities: dict[str, Quantity] = Field(default_factory=dict[str, Quantity])


class ResolveSku(Verb):
    """Say which SKU a listing means; every order that waited for it goes on."""

    listing_id: ListingId
    sku: SkuCode


class AmendAddress(Verb):
    """Use another address: `version` names it in the vault, where it was put first."""

    version: int


class AmendTracking(Verb):
    """Say which number a parcel travels under; the channel is told, once, what it was told otherwise.

    Attributes:
        fulfillment_id: whose parcel it is.
        tracking_number: one that is surely mistyped is refused.
        carrier: who carries it, where that is another.
        told: the channel shows it already, since a person entered it there.
    """

    fulfillment_id: FulfillmentId
    tracking_number: Annotated[TrackingNumber, AfterValidator(require_well_typed)]
    carrier: CarrierName = ""
    told: bool = False


class PlaceHold(Verb):
    """Stop the order before its next step."""

    hold: HoldReason = HoldReason.OPERATOR


class ReleaseHold(Verb):
    """End a hold; the order goes on at once."""

    hold: HoldReason


class Answer(Model):
    """What a verb did, in words; `done` is false when the record decided against it."""

    done: bool
    words: str
