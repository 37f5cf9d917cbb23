"""The record twice: in memory, and in PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ports.stores import Record
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.fakes.record import FakeRecord
from tests.stores.scenes import seed_catalog


@pytest.fixture
def fake_record() -> FakeRecord:
    return FakeRecord()


@pytest.fixture(scope="session")
def stores_url(postgres_server: str, template_database: str) -> Iterator[str]:
    """The address of one database for the whole suite: emptied for each test, which is faster than making one."""
    name = f"crossdock_stores_{os.getpid()}"
    with psycopg.connect(_plain(postgres_server), autocommit=True) as server:
        server.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))
        server.execute(_statement("CREATE DATABASE {} TEMPLATE {}", name, template_database))
        yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
        server.execute(_statement("DROP DATABASE {} WITH (FORCE)", name))


@pytest.fixture(scope="session")
def empty_stores(stores_url: str) -> Iterator[Callable[[], None]]:
    """Empties every table that the migrations left empty, without waking the triggers that forbid it."""
    with psycopg.connect(_plain(stores_url), autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [str(name) for (name,) in found.fetchall()]
        filled = {table for table in tables if connection.execute(_statement("SELECT FROM {} LIMIT 1", table)).rowcount}
        deletes = sql.SQL("; ").join(_statement("DELETE FROM {}", table) for table in tables if table not in filled)
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET lock_timeout = '60s'")
        yield lambda: connection.execute(deletes).close()


@pytest.fixture(scope="session")
async def stores_engine(stores_url: str) -> AsyncGenerator[AsyncEngine]:
    engine = create_engine(stores_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def postgres_record(stores_engine: AsyncEngine, empty_stores: Callable[[], None]) -> Record:
    empty_stores()
    return PostgresRecord(stores_engine, Cipher(bytes(32)))


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
def empty_record(request: pytest.FixtureRequest) -> Record:
    return request.getfixturevalue(f"{request.param}_record")


@pytest.fixture
async def record(empty_record: Record) -> Record:
    """A record with a channel, two locations and two SKUs."""
    await seed_catalog(empty_record)
    return empty_record


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _statement(template: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*(sql.Identifier(name) for name in names))
