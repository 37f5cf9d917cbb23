"""The record: every store, reached through one transaction."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.ports.stores.audit import AuditStore
from domain.ports.stores.catalog import CatalogStore
from domain.ports.stores.effect import EffectStore
from domain.ports.stores.fulfillment import FulfillmentStore
from domain.ports.stores.inbox import InboxStore
from domain.ports.stores.inventory import InventoryStore
from domain.ports.stores.money import MoneyStore
from domain.ports.stores.order import OrderStore
from domain.ports.stores.outbox import OutboxStore
from domain.ports.stores.returns import ReturnStore
from domain.ports.stores.shipment import ShipmentStore
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
    def shipments(self) -> ShipmentStore:
        """Parcels, labels and scans."""
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
    def inbox(self) -> InboxStore:
        """What came in."""
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
    def outbox(self) -> OutboxStore:
        """What Temporal has to be told."""
        ...

    @property
    def audit(self) -> AuditStore:
        """Who did what."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Open a savepoint; an exception that leaves it rolls back to it and goes on to the caller."""
        ...


class Record(Protocol):
    """The record of everything."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction; it commits at the end, and rolls back when an exception leaves it."""
        ...
