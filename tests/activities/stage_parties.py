"""The other sides of a play: a request takes a turn before it is executed, and one more before it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from adapters.carriers.sandbox.adapter import CAPABILITIES
from adapters.marketplaces.sandbox.adapter import CAPABILITY as SELLS
from adapters.notifiers.sandbox.adapter import CAPABILITY as WRITES
from adapters.unable import UnableCarrier
from domain.effect import CannotTell, Confirmed, Dedupe, DedupeClass, EffectKind, Finding, Outcome, Rejected
from domain.facts import Fact
from domain.order import ChannelOrder
from domain.ports.carrier import BuyLabel, Carrier, CarrierCapability, InterceptParcel, VoidLabel
from domain.ports.location import LocationCapability, LocationSystem, RecallWork
from domain.ports.marketplace import CancelLines, ConfirmShipment, Marketplace, RawOrder, RefundPayment
from domain.ports.notifier import MessageKind, Notifier, SendMessage
from domain.ports.parties import Carriers
from domain.ports.webhook import WebhookReader
from tests.activities.turnstile import Turnstile

_REPEATABLE = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))


class Truth:
    """What really happened on the other sides, whatever our record believes.

    Attributes:
        labels: tracking number → bought, voided, or gone once the carrier has the parcel.
        stopped: staff were told to stop, and did.
        intercepted: the carrier turned the parcel round.
    """

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.stopped = False
        self.intercepted = False
        self.shipped: list[str] = []
        self.cancelled = 0
        self.refunded = 0
        self.mails: list[MessageKind] = []

    @property
    def gone(self) -> list[str]:
        """The parcels that the carrier has."""
        return [number for number, status in self.labels.items() if status == "gone"]

    @property
    def live(self) -> list[str]:
        """The labels that are paid for and not voided."""
        return [number for number, status in self.labels.items() if status != "voided"]

    def may_leave(self) -> bool:
        """Tell whether staff could hand over a parcel now."""
        return not self.stopped and "bought" in self.labels.values()

    def leave(self) -> str:
        """Let staff give the labelled parcel to the carrier; return its tracking number."""
        number = next(number for number, status in self.labels.items() if status == "bought")
        self.labels[number] = "gone"
        return number


class _NeverAsked:
    """A party of a play answers every request, so that nothing has to be looked up."""

    async def find(self, write: object) -> Finding:
        return CannotTell(code=type(write).__name__)


class _Carrier(_NeverAsked, UnableCarrier):
    def __init__(self, truth: Truth, turnstile: Turnstile) -> None:
        self._truth, self._turnstile = truth, turnstile
        self.capability: CarrierCapability = CAPABILITIES["sandbox-swift"]

    async def buy_label(self, write: BuyLabel) -> Outcome:
        await self._turnstile.turn()
        number = f"T-{write.reference}-{len(self._truth.labels)}"
        self._truth.labels[number] = "bought"
        await self._turnstile.turn()
        return Confirmed(remote_id=number, tracking_number=number)

    async def void_label(self, write: VoidLabel) -> Outcome:
        await self._turnstile.turn()
        if self._truth.labels[write.tracking_number] == "gone":
            return Rejected(code="in-our-hands")
        self._truth.labels[write.tracking_number] = "voided"
        return Confirmed(remote_id=write.remote_id)

    async def intercept(self, write: InterceptParcel) -> Outcome:
        await self._turnstile.turn()
        if self._truth.labels[write.tracking_number] != "gone":
            return Rejected(code="not-here")
        self._truth.intercepted = True
        return Confirmed(remote_id=write.remote_id)


class _Location(_NeverAsked):
    def __init__(self, truth: Truth, turnstile: Turnstile) -> None:
        self._truth, self._turnstile = truth, turnstile
        self.capability = LocationCapability(needs_hand=True, pickup=True, dedupe={EffectKind.RECALL: _REPEATABLE})

    async def recall(self, write: RecallWork) -> Outcome:
        await self._turnstile.turn()
        if self._truth.gone:
            return Rejected(code="already-gone")
        self._truth.stopped = True
        return Confirmed(remote_id=write.fulfillment_id)


class _Marketplace(_NeverAsked):
    capability = SELLS

    def __init__(self, truth: Truth, order: ChannelOrder) -> None:
        self._truth, self._order = truth, order

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        return RawOrder(channel_order_id=channel_order_id, body=b"")

    def read_order(self, body: bytes) -> ChannelOrder:
        del body
        return self._order

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        self._truth.shipped.append(write.tracking_number)
        return Confirmed(remote_id=write.reference)

    async def cancel_lines(self, write: CancelLines) -> Outcome:
        self._truth.cancelled += sum(write.quantities.values())
        return Confirmed(remote_id=write.reference)

    async def refund(self, write: RefundPayment) -> Outcome:
        self._truth.refunded += write.amount
        return Confirmed(remote_id=write.reference)


class _Notifier(_NeverAsked):
    capability = WRITES

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    async def send(self, write: SendMessage) -> Outcome:
        self._truth.mails.append(write.kind)
        return Confirmed(remote_id=write.reference)


class _Reader:
    def __init__(self, facts: Mapping[bytes, Fact]) -> None:
        self._facts = facts

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        return (self._facts[body],)


class StageParties:
    """All of them. Each knows only the requests of a play, so that it is no whole party: hence the casts."""

    def __init__(self, truth: Truth, turnstile: Turnstile, order: ChannelOrder) -> None:
        self.facts: dict[bytes, Fact] = {}
        self._carrier, self._location = _Carrier(truth, turnstile), _Location(truth, turnstile)
        self._marketplace, self._notifier = _Marketplace(truth, order), _Notifier(truth)

    async def marketplace(self, account: str) -> Marketplace:
        del account
        return cast("Marketplace", self._marketplace)

    def carrier(self, name: str) -> Carrier:
        del name
        return cast("Carrier", self._carrier)

    async def carriers(self, account: str) -> Carriers:
        del account
        return self.carrier

    def location(self, system: str) -> LocationSystem:
        del system
        return cast("LocationSystem", self._location)

    def notifier(self) -> Notifier:
        return cast("Notifier", self._notifier)

    async def webhooks(self, party: str) -> WebhookReader:
        del party
        return cast("WebhookReader", _Reader(self.facts))
