"""The record in PostgreSQL: a transaction is one connection with all stores on it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar, cast

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from domain.errors import Unavailable
from infra.database.allowance import PostgresAllowanceStore
from infra.database.audit import PostgresAuditStore
from infra.database.availability import PostgresAvailabilityStore
from infra.database.catalog import PostgresCatalogStore
from infra.database.cipher import Cipher
from infra.database.collection import PostgresCollectionStore
from infra.database.comparison import PostgresComparisonStore
from infra.database.effect import PostgresEffectStore
from infra.database.fulfillment import PostgresFulfillmentStore
from infra.database.imports import PostgresImportStore
from infra.database.inbox import PostgresInboxStore
from infra.database.inventory import PostgresInventoryStore
from infra.database.kit import PostgresKitStore
from infra.database.listing import PostgresListingStore
from infra.database.money import PostgresMoneyStore
from infra.database.order import PostgresOrderStore
from infra.database.outage import PostgresOutageStore
from infra.database.outbox import PostgresOutboxStore
from infra.database.promise import PostgresPromiseStore
from infra.database.publication import PostgresPublicationStore
from infra.database.quotes import PostgresQuoteStore
from infra.database.reservation import PostgresReservationStore
from infra.database.retention import PostgresRetentionStore
from infra.database.returns import PostgresReturnStore
from infra.database.shelf import PostgresShelfStore
from infra.database.shipment import PostgresShipmentStore
from infra.database.sourcing import Memory, PostgresSourcingStore
from infra.database.store import Connection, Store
from infra.database.takeover import PostgresTakeoverStore
from infra.database.vault import PostgresVaultStore
from infra.database.wait import PostgresWaitStore

S = TypeVar("S", bound=Store)


class _Made:
    """A store that a transaction makes when it is first asked for: there are many, and most use two or three."""

    def __init__(self, store: type[Store]) -> None:
        self._store = store

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, tx: PostgresTransaction, owner: type) -> Store:
        made = vars(tx)[self._name] = self._store(tx.connection, tx.cipher)
        return made


def _made(store: type[S]) -> S:
    """Declare a store by its own type, as the port does: a descriptor of it would not be one."""
    return cast("S", _Made(store))


class PostgresTransaction:
    """One transaction over all stores."""

    orders = _made(PostgresOrderStore)
    fulfillments = _made(PostgresFulfillmentStore)
    stock = _made(PostgresInventoryStore)
    shelves = _made(PostgresShelfStore)
    availability = _made(PostgresAvailabilityStore)
    reservations = _made(PostgresReservationStore)
    publications = _made(PostgresPublicationStore)
    shipments = _made(PostgresShipmentStore)
    collections = _made(PostgresCollectionStore)
    money = _made(PostgresMoneyStore)
    returns = _made(PostgresReturnStore)
    effects = _made(PostgresEffectStore)
    waits = _made(PostgresWaitStore)
    promises = _made(PostgresPromiseStore)
    inbox = _made(PostgresInboxStore)
    comparison = _made(PostgresComparisonStore)
    takeover = _made(PostgresTakeoverStore)
    vault = _made(PostgresVaultStore)
    catalog = _made(PostgresCatalogStore)
    listings = _made(PostgresListingStore)
    kits = _made(PostgresKitStore)
    imports = _made(PostgresImportStore)
    outbox = _made(PostgresOutboxStore)
    audit = _made(PostgresAuditStore)
    retention = _made(PostgresRetentionStore)
    quotes = _made(PostgresQuoteStore)
    outages = _made(PostgresOutageStore)
    allowances = _made(PostgresAllowanceStore)

    def __init__(self, connection: Connection, cipher: Cipher, memory: Memory) -> None:
        self.connection = connection
        self.cipher = cipher
        self._memory = memory

    @property
    def sourcing(self) -> PostgresSourcingStore:
        """What plans stand on."""
        return PostgresSourcingStore(self.connection, self.cipher, self._memory)

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """Open a savepoint; an exception that leaves it rolls back to it and goes on to the caller."""
        async with self.connection.transaction():
            yield


class PostgresRecord:
    """The record of everything, in one database."""

    def __init__(self, engine: AsyncEngine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher
        self._memory = Memory()

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[PostgresTransaction]:
        """Open a transaction; it commits at the end, and rolls back when an exception leaves it.

        Raises:
            Unavailable: the database does not answer, or chose this transaction to end a deadlock. What a COMMIT
                without an answer did is not known: every step is keyed, and is safe to run again.
        """
        try:
            pooled = await self._engine.raw_connection()
        except PoolTimeoutError as error:
            raise Unavailable("record-busy", "no connection became free in time") from error
        except psycopg.OperationalError as error:
            raise Unavailable("record-unavailable", type(error).__name__) from error
        connection = cast("Connection", pooled.driver_connection)
        try:
            yield PostgresTransaction(connection, self._cipher, self._memory)
            await connection.commit()
        except BaseException as error:
            with contextlib.suppress(psycopg.Error):
                await connection.rollback()
            if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
                raise Unavailable("record-unavailable", type(error).__name__) from error
            raise
        finally:
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                await greenlet_spawn(pooled.invalidate)
            pooled.close()
