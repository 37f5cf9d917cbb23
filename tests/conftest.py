"""The real servers of a test run: one PostgreSQL, one Temporal, a fresh database for every test."""

import gc
import importlib
import itertools
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from psycopg import sql
from temporalio.client import Client

from infra.settings import DRIVER, Settings
from infra.stack.children import stop_together
from infra.stack.ports import pick_free
from infra.stack.postgres import Postgres
from infra.stack.temporal_server import TemporalServer
from infra.temporal import connect, ensure_namespace_ready

TEST_DATABASE = "CROSSDOCK_TEST_DATABASE"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="crossdock-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[str]:
    """The address of a database whose owner may create others, in SQLAlchemy's form."""
    choice = os.environ.get(TEST_DATABASE, "embedded")
    if choice == "embedded":
        yield from _embedded_postgres(server_folder)
    elif choice == "testcontainers":
        yield from _contained_postgres()
    else:
        yield Settings(database_url=choice).database_url or choice


@pytest.fixture(scope="session")
def template_database(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database that is only copied, never used."""
    name = f"crossdock_template_{os.getpid()}"
    _recreate(postgres_server, name)
    migrate = cast("Callable[[str], None]", importlib.import_module("infra.database.migrate").migrate)
    migrate(_with_database(postgres_server, name))
    yield name
    _drop(postgres_server, name)


@pytest.fixture
def database_url(postgres_server: str, template_database: str) -> Iterator[str]:
    """The address of this test's own, migrated and empty database."""
    name = f"crossdock_test_{os.getpid()}_{next(_numbers)}"
    _recreate(postgres_server, name, template_database)
    yield _with_database(postgres_server, name)
    _drop(postgres_server, name)


@pytest.fixture(scope="session")
def temporal_server(server_folder: Path) -> Iterator[str]:
    """The address of a real, empty Temporal server without Web UI."""
    (port,) = pick_free(1)
    server = TemporalServer(server_folder / "temporal", port, durable=False)
    running = server.start()
    try:
        running.wait_until_ready()
        yield server.address
    finally:
        stop_together([running])


@pytest.fixture(scope="session")
async def temporal_client(temporal_server: str) -> Client:
    client = await connect(Settings(), address=temporal_server)
    await ensure_namespace_ready(client)
    return client


def _embedded_postgres(folder: Path) -> Iterator[str]:
    (port,) = pick_free(1)
    server = Postgres(folder / "postgres", port, durable=False)
    running = server.start()
    try:
        server.wait_until_ready(running)
        yield server.url()
    finally:
        stop_together([running])


def _contained_postgres() -> Iterator[str]:
    if reason := _why_docker_is_absent():
        pytest.skip(f"{TEST_DATABASE}=testcontainers needs Docker, which does not answer: {reason}")
    containers: Any = importlib.import_module("testcontainers.postgres")
    with containers.PostgresContainer("postgres:18", driver="psycopg") as server:
        yield server.get_connection_url()


def _why_docker_is_absent() -> str | None:
    docker: Any = importlib.import_module("docker")
    with warnings.catch_warnings():
        # Docker's client leaves a socket open when nobody listens; it must be collected in here.
        warnings.simplefilter("ignore", ResourceWarning)
        reason = None
        try:
            docker.from_env().close()
        except docker.errors.DockerException as error:
            reason = str(error)
        gc.collect()
    return reason


def _recreate(server: str, name: str, template: str = "template1") -> None:
    _drop(server, name)
    _execute(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _drop(server: str, name: str) -> None:
    _execute(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server.replace(f"{DRIVER}://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute(statement)


def _with_database(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"
