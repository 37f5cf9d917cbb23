"""The state of the fake record: plain dicts of frozen rows, cheap to copy and put back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.availability import IncomingGoods
from domain.collection import Collection
from domain.decision import Decision
from domain.fulfillment import Fulfillment
from domain.import_problem import RowProblem
from domain.imports import Entry
from domain.inventory import InventoryLevel
from domain.kit import KitPart
from domain.lateness import Deed, Remedy
from domain.listing import Alias, Listing, Rule
from domain.location import Location
from domain.order import HoldReason
from domain.outage import Outage
from domain.ports.stores.catalog import Channel
from domain.ports.stores.effect import Effect
from domain.ports.stores.inbox import InboxRow
from domain.ports.stores.inventory import Movement
from domain.ports.stores.money import Refund
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.outbox import Telling
from domain.ports.stores.publication import Progress
from domain.ports.stores.reservation import SoftReservation
from domain.ports.stores.wait import CauseEvent
from domain.publication import Publication
from domain.quotes import Question, Quote
from domain.restriction import Nature, Restriction
from domain.returns import Disposition, Return
from domain.shipment import Parcel, TrackingEvent, TrackingStatus
from domain.snapshot import Doubt
from domain.sourcing import PolicyVersion
from domain.suggestion import KnownSku
from domain.values import Address, Buyer, Model, Moment
from domain.waits import Wait


class EffectRow(Model):
    """A row of the effect ledger with what only the ledger looks at."""

    effect: Effect
    generation: int
    request_hash: str
    request: bytes = b""
    superseded: bool = False


class StoredMessage(Model):
    """An inbox row with what is not handed out."""

    row: InboxRow
    stored_at: Moment
    due_at: Moment
    order_id: str | None = None


class AuditLine(Model):
    """Who did what, when and why."""

    order_id: str
    verb: str
    actor: str
    reason: str
    at: Moment


class Reserved(Model):
    """Units that somebody holds at a location, and how many of them came out of a set-aside."""

    units: int = 0
    aside: int = 0


@dataclass
class State:
    """Every table as a dict; rows are frozen and replaced whole, so that a shallow copy of the dicts is a snapshot."""

    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
    locations: dict[str, Location] = field(default_factory=dict[str, Location])
    doubts: dict[tuple[str, str], Doubt] = field(default_factory=dict[tuple[str, str], Doubt])
    policies: dict[int, PolicyVersion] = field(default_factory=dict[int, PolicyVersion])
    quotes: dict[Question, Quote] = field(default_factory=dict[Question, Quote])
    decisions: dict[tuple[str, int], Decision] = field(default_factory=dict[tuple[str, int], Decision])
    weights: dict[str, int] = field(default_factory=dict[str, int])
    known_skus: dict[str, KnownSku] = field(default_factory=dict[str, KnownSku])
    retired_skus: dict[str, bool] = field(default_factory=dict[str, bool])
    listings: dict[tuple[str, str], Listing] = field(default_factory=dict[tuple[str, str], Listing])
    aliases: dict[tuple[str, str], Alias] = field(default_factory=dict[tuple[str, str], Alias])
    rules: dict[tuple[str, int], Rule] = field(default_factory=dict[tuple[str, int], Rule])
    kits: dict[str, tuple[KitPart, ...]] = field(default_factory=dict[str, tuple[KitPart, ...]])
    restrictions: dict[str, frozenset[Restriction]] = field(default_factory=dict[str, frozenset[Restriction]])
    declarations: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    levels: dict[tuple[str, str], InventoryLevel] = field(default_factory=dict[tuple[str, str], InventoryLevel])
    reservations: dict[tuple[str, str, str], Reserved] = field(default_factory=dict[tuple[str, str, str], Reserved])
    soft_reservations: dict[str, SoftReservation] = field(default_factory=dict[str, SoftReservation])
    set_asides: dict[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    incoming: dict[tuple[str, str, str], IncomingGoods] = field(
        default_factory=dict[tuple[str, str, str], IncomingGoods]
    )
    ceilings: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    publications: dict[tuple[str, str], Publication] = field(default_factory=dict[tuple[str, str], Publication])
    publishing: dict[str, Progress] = field(default_factory=dict[str, Progress])
    movements: dict[str, Movement] = field(default_factory=dict[str, Movement])
    moved_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    counted_at: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])
    shelf_sequences: dict[tuple[str, int], datetime] = field(default_factory=dict[tuple[str, int], datetime])
    orders: dict[str, KeptOrder] = field(default_factory=dict[str, KeptOrder])
    recorded: dict[str, datetime] = field(default_factory=dict[str, datetime])
    ended_holds: dict[tuple[str, HoldReason], datetime] = field(default_factory=dict[tuple[str, HoldReason], datetime])
    waived: dict[tuple[str, HoldReason], str] = field(default_factory=dict[tuple[str, HoldReason], str])
    fulfillments: dict[str, Fulfillment] = field(default_factory=dict[str, Fulfillment])
    planned_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    reopened: dict[str, bool] = field(default_factory=dict[str, bool])
    parcels: dict[str, Parcel] = field(default_factory=dict[str, Parcel])
    collections: dict[str, Collection] = field(default_factory=dict[str, Collection])
    driven: dict[str, str] = field(default_factory=dict[str, str])
    told_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    ended_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    replaced_at: dict[tuple[str, int], datetime] = field(default_factory=dict[tuple[str, int], datetime])
    labels: dict[str, bytes] = field(default_factory=dict[str, bytes])
    scans: dict[tuple[str, TrackingStatus, datetime], TrackingEvent] = field(
        default_factory=dict[tuple[str, TrackingStatus, datetime], TrackingEvent]
    )
    refunds: dict[str, Refund] = field(default_factory=dict[str, Refund])
    by_hand: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    returns: dict[str, Return] = field(default_factory=dict[str, Return])
    return_keys: dict[str, str] = field(default_factory=dict[str, str])
    return_tracking: dict[str, str] = field(default_factory=dict[str, str])
    inspections: dict[str, Mapping[str, Mapping[Disposition, int]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[Disposition, int]]]
    )
    effects: dict[str, EffectRow] = field(default_factory=dict[str, EffectRow])
    waits: dict[tuple[str, str, str], Wait] = field(default_factory=dict[tuple[str, str, str], Wait])
    needs: dict[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    called: dict[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    called_at: dict[tuple[str, str, str], datetime] = field(default_factory=dict[tuple[str, str, str], datetime])
    outages: dict[str, Outage] = field(default_factory=dict[str, Outage])
    allowances: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])
    events: dict[int, CauseEvent] = field(default_factory=dict[int, CauseEvent])
    deeds: dict[tuple[str, Remedy], Deed] = field(default_factory=dict[tuple[str, Remedy], Deed])
    staged: dict[tuple[int, int], Entry] = field(default_factory=dict[tuple[int, int], Entry])
    written: dict[tuple[int, int], bool] = field(default_factory=dict[tuple[int, int], bool])
    row_problems: dict[tuple[int, int, str], RowProblem] = field(default_factory=dict[tuple[int, int, str], RowProblem])
    inbox: dict[int, StoredMessage] = field(default_factory=dict[int, StoredMessage])
    inbox_hashes: dict[str, int] = field(default_factory=dict[str, int])
    buyers: dict[str, Buyer] = field(default_factory=dict[str, Buyer])
    addresses: dict[tuple[str, int], Address] = field(default_factory=dict[tuple[str, int], Address])
    current_address: dict[str, int] = field(default_factory=dict[str, int])
    outbox: dict[int, Telling] = field(default_factory=dict[int, Telling])
    dead: dict[int, Telling] = field(default_factory=dict[int, Telling])
    audit: dict[int, AuditLine] = field(default_factory=dict[int, AuditLine])
    sequences: dict[str, int] = field(default_factory=dict[str, int])

    def next(self, name: str) -> int:
        """Return the next number of a sequence, from 1."""
        self.sequences[name] = self.sequences.get(name, 0) + 1
        return self.sequences[name]

    def is_erased(self, order_id: str) -> bool:
        """Tell whether the person behind this order was forgotten."""
        return order_id in self.orders and order_id not in self.buyers

    def natures(self, skus: Iterable[str]) -> dict[str, Nature]:
        """Return what is known of these SKUs beside their stock."""
        return {
            sku: Nature(
                restrictions=self.restrictions.get(sku, frozenset()),
                declared=all(self.declarations.get(sku, ("", ""))),
            )
            for sku in skus
            if sku in self.weights
        }

    def snapshot(self) -> dict[str, dict[Any, Any]]:
        """Return a copy of every table."""
        return {name: dict(rows) for name, rows in vars(self).items()}

    def restore(self, snapshot: Mapping[str, dict[Any, Any]]) -> None:
        """Put every table back as it was."""
        vars(self).update(snapshot)
