"""The record: every store, reached through one transaction."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.ports.stores.allowance import AllowanceStore
from domain.ports.stores.audit import AuditStore
from domain.ports.stores.availability import AvailabilityStore
from domain.ports.stores.catalog import CatalogStore
from domain.ports.stores.collection import CollectionStore
from domain.ports.stores.comparison import ComparisonStore
from domain.ports.stores.effect import EffectStore
from domain.ports.stores.fulfillment import FulfillmentStore
from domain.ports.stores.imports import ImportStore
from domain.ports.stores.inbox import InboxStore
from domain.ports.stores.inventory import InventoryStore
from domain.ports.stores.kit import KitStore
from domain.ports.stores.listing import ListingStore
from domain.ports.stores.money import MoneyStore
from domain.ports.stores.order import OrderStore
from domain.ports.stores.outage import OutageStore
from domain.ports.stores.outbox import OutboxStore
from domain.ports.stores.promise import PromiseStore
from domain.ports.stores.publication import PublicationStore
from domain.ports.stores.quotes import QuoteStore
from domain.ports.stores.reservation import ReservationStore
from domain.ports.stores.retention import RetentionStore
from domain.ports.stores.returns import ReturnStore
from domain.ports.stores.shelf import ShelfStore
from domain.ports.stores.shipment import ShipmentStore
from domain.ports.stores.sourcing import SourcingStore
from domain.ports.stores.takeover import TakeoverStore
from domain.ports.stores.vault import VaultStore
from domain.ports.stores.wait import WaitStore


class Transaction(Protocol):
    """One transaction (READ COMMITTED) over all stores: all of it happens, or nothing."""

    @property
    def orders(self) -> OrderStore:
        """Orders, lines and holds."""
        ...

    @property
    def fulfillments(self) -> FulfillmentStore:
        """Fulfillment orders."""
        ...

    @property
    def stock(self) -> InventoryStore:
        """The stock ledger."""
        ...

    @property
    def shelves(self) -> ShelfStore:
        """What locations tell of their own shelves."""
        ...

    @property
    def availability(self) -> AvailabilityStore:
        """What may be promised to which channel."""
        ...

    @property
    def reservations(self) -> ReservationStore:
        """Who owns reservations, and until when."""
        ...

    @property
    def publications(self) -> PublicationStore:
        """What channels were told that they may sell."""
        ...

    @property
    def shipments(self) -> ShipmentStore:
        """Parcels, labels and scans."""
        ...

    @property
    def collections(self) -> CollectionStore:
        """Drivers that were ordered."""
        ...

    @property
    def money(self) -> MoneyStore:
        """The money ledger."""
        ...

    @property
    def returns(self) -> ReturnStore:
        """Returns."""
        ...

    @property
    def effects(self) -> EffectStore:
        """The effect ledger."""
        ...

    @property
    def waits(self) -> WaitStore:
        """Waits, causes and their events."""
        ...

    @property
    def promises(self) -> PromiseStore:
        """What may be late, and dates that have come."""
        ...

    @property
    def inbox(self) -> InboxStore:
        """What came in."""
        ...

    @property
    def comparison(self) -> ComparisonStore:
        """What is held against a channel."""
        ...

    @property
    def takeover(self) -> TakeoverStore:
        """Orders of channels that are only watched."""
        ...

    @property
    def vault(self) -> VaultStore:
        """Personal data."""
        ...

    @property
    def catalog(self) -> CatalogStore:
        """Channels, SKUs, listings, locations."""
        ...

    @property
    def listings(self) -> ListingStore:
        """What lines mean: listings, aliases, rules."""
        ...

    @property
    def kits(self) -> KitStore:
        """Kits and retired SKUs."""
        ...

    @property
    def imports(self) -> ImportStore:
        """Files on their way in."""
        ...

    @property
    def outbox(self) -> OutboxStore:
        """What Temporal has to be told."""
        ...

    @property
    def audit(self) -> AuditStore:
        """Who did what."""
        ...

    @property
    def retention(self) -> RetentionStore:
        """The forgetting of leftovers."""
        ...

    @property
    def sourcing(self) -> SourcingStore:
        """Places as planning sees them, policies, decisions."""
        ...

    @property
    def quotes(self) -> QuoteStore:
        """What carriers quoted."""
        ...

    @property
    def outages(self) -> OutageStore:
        """Parties that do not answer."""
        ...

    @property
    def allowances(self) -> AllowanceStore:
        """How fast parties may be asked."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Open a savepoint; an exception that leaves it rolls back to it and goes on to the caller."""
        ...


class Record(Protocol):
    """The record of everything."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction; it commits at the end, and rolls back when an exception leaves it."""
        ...
