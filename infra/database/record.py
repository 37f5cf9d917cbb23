"""The record in PostgreSQL: a transaction is one connection with all stores on it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import Unavailable
from infra.database.audit import PostgresAuditStore
from infra.database.catalog import PostgresCatalogStore
from infra.database.cipher import Cipher
from infra.database.effect import PostgresEffectStore
from infra.database.fulfillment import PostgresFulfillmentStore
from infra.database.inbox import PostgresInboxStore
from infra.database.inventory import PostgresInventoryStore
from infra.database.money import PostgresMoneyStore
from infra.database.order import PostgresOrderStore
from infra.database.outbox import PostgresOutboxStore
from infra.database.returns import PostgresReturnStore
from infra.database.shipment import PostgresShipmentStore
from infra.database.vault import PostgresVaultStore
from infra.database.wait import PostgresWaitStore


class PostgresTransaction:
    """One transaction over all stores."""

    def __init__(self, connection: AsyncConnection, cipher: Cipher) -> None:
        self._connection = connection
        self.orders = PostgresOrderStore(connection, cipher)
        self.fulfillments = PostgresFulfillmentStore(connection, cipher)
        self.stock = PostgresInventoryStore(connection, cipher)
        self.shipments = PostgresShipmentStore(connection, cipher)
        self.money = PostgresMoneyStore(connection, cipher)
        self.returns = PostgresReturnStore(connection, cipher)
        self.effects = PostgresEffectStore(connection, cipher)
        self.waits = PostgresWaitStore(connection, cipher)
        self.inbox = PostgresInboxStore(connection, cipher)
        self.vault = PostgresVaultStore(connection, cipher)
        self.catalog = PostgresCatalogStore(connection, cipher)
        self.outbox = PostgresOutboxStore(connection, cipher)
        self.audit = PostgresAuditStore(connection, cipher)

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """Open a savepoint; an exception that leaves it rolls back to it and goes on to the caller."""
        async with self._connection.begin_nested():
            yield


class PostgresRecord:
    """The record of everything, in one database."""

    def __init__(self, engine: AsyncEngine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[PostgresTransaction]:
        """Open a transaction; it commits at the end, and rolls back when an exception leaves it.

        Raises:
            Unavailable: the database does not answer, or chose this transaction to end a deadlock. What a COMMIT
                without an answer did is not known: every step is keyed, and is safe to run again.
        """
        try:
            async with self._engine.begin() as connection:
                yield PostgresTransaction(connection, self._cipher)
        except (OperationalError, InterfaceError) as error:
            raise Unavailable("record-unavailable", type(error.orig).__name__) from error
        except PoolTimeoutError as error:
            raise Unavailable("record-busy", "no connection became free in time") from error
