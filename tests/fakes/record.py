"""The record in memory: one lock makes every transaction serializable, a snapshot makes it whole or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.fakes.allowance import FakeAllowanceStore
from tests.fakes.audit import FakeAuditStore
from tests.fakes.availability import FakeAvailabilityStore
from tests.fakes.catalog import FakeCatalogStore
from tests.fakes.collection import FakeCollectionStore
from tests.fakes.comparison import FakeComparisonStore
from tests.fakes.effect import FakeEffectStore
from tests.fakes.fulfillment import FakeFulfillmentStore
from tests.fakes.imports import FakeImportStore
from tests.fakes.inbox import FakeInboxStore
from tests.fakes.inventory import FakeInventoryStore
from tests.fakes.kit import FakeKitStore
from tests.fakes.listing import FakeListingStore
from tests.fakes.money import FakeMoneyStore
from tests.fakes.order import FakeOrderStore
from tests.fakes.outage import FakeOutageStore
from tests.fakes.outbox import FakeOutboxStore
from tests.fakes.promise import FakePromiseStore
from tests.fakes.publication import FakePublicationStore
from tests.fakes.quotes import FakeQuoteStore
from tests.fakes.reservation import FakeReservationStore
from tests.fakes.retention import FakeRetentionStore
from tests.fakes.returns import FakeReturnStore
from tests.fakes.shelf import FakeShelfStore
from tests.fakes.shipment import FakeShipmentStore
from tests.fakes.sourcing import FakeSourcingStore
from tests.fakes.state import State
from tests.fakes.takeover import FakeTakeoverStore
from tests.fakes.vault import FakeVaultStore
from tests.fakes.wait import FakeWaitStore


class FakeTransaction:
    """One transaction over all fake stores."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.orders = FakeOrderStore(state)
        self.fulfillments = FakeFulfillmentStore(state)
        self.stock = FakeInventoryStore(state)
        self.shelves = FakeShelfStore(state)
        self.availability = FakeAvailabilityStore(state)
        self.reservations = FakeReservationStore(state)
        self.publications = FakePublicationStore(state)
        self.shipments = FakeShipmentStore(state)
        self.collections = FakeCollectionStore(state)
        self.money = FakeMoneyStore(state)
        self.returns = FakeReturnStore(state)
        self.effects = FakeEffectStore(state)
        self.waits = FakeWaitStore(state)
        self.promises = FakePromiseStore(state)
        self.inbox = FakeInboxStore(state)
        self.comparison = FakeComparisonStore(state)
        self.takeover = FakeTakeoverStore(state)
        self.vault = FakeVaultStore(state)
        self.catalog = FakeCatalogStore(state)
        self.listings = FakeListingStore(state)
        self.kits = FakeKitStore(state)
        self.imports = FakeImportStore(state)
        self.outbox = FakeOutboxStore(state)
        self.audit = FakeAuditStore(state)
        self.retention = FakeRetentionStore(state)
        self.sourcing = FakeSourcingStore(state)
        self.quotes = FakeQuoteStore(state)
        self.outages = FakeOutageStore(state)
        self.allowances = FakeAllowanceStore(state)

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """Put the state back when an exception leaves the block; the exception goes on."""
        snapshot = self._state.snapshot()
        try:
            yield
        except BaseException:
            self._state.restore(snapshot)
            raise


class FakeRecord:
    """The record of everything, in memory. `state` lets a test look at what no store hands out."""

    def __init__(self) -> None:
        self.state = State()
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[FakeTransaction]:
        """Open the one transaction there can be; others wait for it."""
        async with self._lock:
            transaction = FakeTransaction(self.state)
            async with transaction.savepoint():
                yield transaction
