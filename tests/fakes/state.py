"""The state of the fake record: plain dicts of frozen rows, cheap to copy and put back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.fulfillment import Fulfillment
from domain.inventory import InventoryLevel
from domain.location import Location
from domain.order import HoldReason
from domain.ports.stores.catalog import Channel
from domain.ports.stores.effect import Effect
from domain.ports.stores.inbox import InboxRow
from domain.ports.stores.inventory import Movement
from domain.ports.stores.money import Refund
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.outbox import Telling
from domain.ports.stores.wait import CauseEvent
from domain.returns import Disposition, Return
from domain.shipment import Parcel, TrackingEvent, TrackingStatus
from domain.values import Address, Buyer, Model, Moment
from domain.waits import Wait


class EffectRow(Model):
    """A row of the effect ledger with what only the ledger looks at."""

    effect: Effect
    generation: int
    request_hash: str
    superseded: bool = False


class StoredMessage(Model):
    """An inbox row with what is not handed out."""

    row: InboxRow
    stored_at: Moment
    order_id: str | None = None


class AuditLine(Model):
    """Who did what, when and why."""

    order_id: str
    verb: str
    actor: str
    reason: str
    at: Moment


class State:
    """Every table as a dict; rows are frozen and replaced whole, so that a shallow copy of the dicts is a snapshot."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.locations: dict[str, Location] = {}
        self.weights: dict[str, int] = {}
        self.listings: dict[tuple[str, str], str] = {}
        self.levels: dict[tuple[str, str], InventoryLevel] = {}
        self.reservations: dict[tuple[str, str, str], int] = {}
        self.movements: dict[str, Movement] = {}
        self.orders: dict[str, KeptOrder] = {}
        self.recorded: dict[str, datetime] = {}
        self.ended_holds: dict[tuple[str, HoldReason], datetime] = {}
        self.fulfillments: dict[str, Fulfillment] = {}
        self.reopened: dict[str, bool] = {}
        self.parcels: dict[str, Parcel] = {}
        self.labels: dict[str, bytes] = {}
        self.scans: dict[tuple[str, TrackingStatus, datetime], TrackingEvent] = {}
        self.refunds: dict[str, Refund] = {}
        self.by_hand: dict[tuple[str, str], int] = {}
        self.returns: dict[str, Return] = {}
        self.return_keys: dict[str, str] = {}
        self.return_tracking: dict[str, str] = {}
        self.inspections: dict[str, Mapping[str, Mapping[Disposition, int]]] = {}
        self.effects: dict[str, EffectRow] = {}
        self.waits: dict[tuple[str, str, str], Wait] = {}
        self.events: dict[int, CauseEvent] = {}
        self.inbox: dict[int, StoredMessage] = {}
        self.inbox_hashes: dict[str, int] = {}
        self.buyers: dict[str, Buyer] = {}
        self.addresses: dict[tuple[str, int], Address] = {}
        self.current_address: dict[str, int] = {}
        self.outbox: dict[int, Telling] = {}
        self.dead: dict[int, Telling] = {}
        self.audit: dict[int, AuditLine] = {}
        self.sequences: dict[str, int] = {}

    def next(self, name: str) -> int:
        """Return the next number of a sequence, from 1."""
        self.sequences[name] = self.sequences.get(name, 0) + 1
        return self.sequences[name]

    def is_erased(self, order_id: str) -> bool:
        """Tell whether the person behind this order was forgotten."""
        return order_id in self.orders and order_id not in self.buyers

    def snapshot(self) -> dict[str, dict[Any, Any]]:
        """Return a copy of every table."""
        return {name: dict(rows) for name, rows in vars(self).items()}

    def restore(self, snapshot: Mapping[str, dict[Any, Any]]) -> None:
        """Put every table back as it was."""
        vars(self).update(snapshot)
