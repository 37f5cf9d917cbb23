"""The one real Vendure of a test run. A test module that needs it says `pytest_plugins = ["tests.vendure_store"]`."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from infra.settings import DRIVER, Settings
from infra.stack.ports import pick_free
from infra.vendure.hand import Administrator, administrator
from infra.vendure.install import why_not
from infra.vendure.store import Store, running
from tests.postbox import Postbox, open_postbox

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def vendure_folder() -> Path:
    """Where Vendure is installed: kept between runs, beside the stack's own data."""
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    return ROOT / Settings().data_dir / "vendure"


@pytest.fixture(scope="session")
def vendure_store(vendure_folder: Path, postgres_server: str, server_folder: Path) -> Iterator[Store]:
    """A running shop, freshly seeded; its tests share it, so each places orders of its own."""
    (port,) = pick_free(1)
    store = Store(vendure_folder, postgres_server, port, database=f"vendure_{os.getpid()}")
    try:
        with running(store, server_folder):
            yield store
    finally:
        _drop(postgres_server, store.database)


@pytest.fixture(scope="session")
async def administrator_of_store(vendure_store: Store) -> AsyncIterator[Administrator]:
    """A person at the shop's counter."""
    async with administrator(vendure_store) as person:
        yield person


@pytest.fixture
async def postbox(administrator_of_store: Administrator) -> AsyncIterator[Postbox]:
    """Where the shop's webhooks arrive during this test, signed with its secret."""
    with open_postbox() as box:
        await administrator_of_store.send_webhooks(box.address, box.secret, box.account)
        yield box
        await administrator_of_store.send_webhooks(None)


def _drop(server: str, database: str) -> None:
    with psycopg.connect(server.replace(f"{DRIVER}://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
