"""The port to a notifier: how a buyer is told."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from domain.effect import DedupeClass, EffectKind, Finding, Outcome, OutsideWrite
from domain.values import Buyer, Model


class MessageKind(StrEnum):
    """What a buyer is told."""

    PICKUP_READY = "pickup-ready"
    PICKUP_REMINDER = "pickup-reminder"
    PICKUP_EXPIRED = "pickup-expired"
    CANCELLED = "cancelled"
    DELAYED = "delayed"
    CANCEL_TOO_LATE = "cancel-too-late"
    PARCEL_LOST = "parcel-lost"
    SENT_BACK = "sent-back"
    RETURN_AUTHORISED = "return-authorised"
    RETURN_DECLINED = "return-declined"
    REFUNDED = "refunded"


class NotifierCapability(Model):
    """What a notifier can do."""

    dedupe: Mapping[EffectKind, DedupeClass]


class SendMessage(OutsideWrite):
    """One message; `fields` fill the template of its kind (order number, PIN, amount, …)."""

    kind: MessageKind
    recipient: Buyer
    order_number: str
    fields: Mapping[str, str]


class Notifier(Protocol):
    """One way to reach buyers. Failures as for a marketplace."""

    @property
    def capability(self) -> NotifierCapability:
        """What this notifier can do."""
        ...

    async def send(self, write: SendMessage) -> Outcome:
        """Send the message."""
        ...

    async def find(self, write: SendMessage) -> Finding:
        """Look up whether it was sent."""
        ...
