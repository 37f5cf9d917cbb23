"""The command line on a record of its own."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.stores.scenes import seed_catalog
from workers.cli.app import app

KEY = bytes(32)

Run = Callable[..., Awaitable[Result]]
Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def engine(database_url: str) -> AsyncGenerator[AsyncEngine]:
    made = create_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
async def record(engine: AsyncEngine) -> PostgresRecord:
    kept = PostgresRecord(engine, Cipher(KEY))
    await seed_catalog(kept)
    return kept


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a command."""
    return {
        "CROSSDOCK_DATABASE_URL": database_url,
        "CROSSDOCK_DATA_DIR": str(tmp_path / "data"),
        "CROSSDOCK_VAULT_KEY": base64.b64encode(KEY).decode(),
    }


@pytest.fixture
def run(env: dict[str, str]) -> Run:
    """Run a command as from a terminal."""

    async def invoke(*arguments: str, **changes: str) -> Result:
        # A command runs a loop of its own, which needs a thread of its own beside the test's.
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=env | changes)

    return invoke


@pytest.fixture
def ask(run: Run) -> Ask:
    """Run a command with --json; return what it printed. It has to end with `exit_code`."""

    async def invoke(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
        result = await run(*arguments, "--json")
        assert result.exit_code == exit_code, (result.output, result.exception)
        return json.loads(result.stdout)

    return invoke
