"""What a location leaves in a shared folder is booked once, wherever the process that collects it is killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.sandbox_world import ROOT
from tests.stores.scenes import quantities_of, receive, seed_catalog

pytestmark = [pytest.mark.stack, pytest.mark.timeout(200)]

_STOCK = 1_000


async def test_every_report_is_booked_once_though_the_collector_is_killed(tmp_path: Path, database_url: str) -> None:
    engine = create_engine(database_url)
    record = PostgresRecord(engine, Cipher(bytes(32)))
    await seed_catalog(record)
    await receive(record, _STOCK)
    deaths, reports = await asyncio.to_thread(run_collector, tmp_path, database_url)
    assert deaths > 20, "it is killed at many lines"
    archived = [file.name.split(".")[0] for file in (tmp_path / "archive").iterdir()]
    assert sorted(archived) == sorted(f"till-sold-{number}" for number in range(1, reports + 1))
    assert not [*(tmp_path / "in").glob("*.csv"), *(tmp_path / "rejected").glob("*")]
    async with engine.connect() as connection:
        states = (await connection.execute(text("SELECT state, count(*) FROM inbox GROUP BY state"))).all()
    assert [tuple(row) for row in states] == [("DONE", reports)]
    assert await quantities_of(record) == (_STOCK - reports, 0)
    await engine.dispose()


def run_collector(directory: Path, database_url: str) -> tuple[int, int]:
    """Return how often the program died, and how many reports were left for it."""
    program = [sys.executable, "-m", "tests.end_to_end.doomed_collector", str(directory), database_url]
    done = subprocess.run(program, cwd=ROOT, check=True, timeout=150, capture_output=True)  # noqa: S603 - our own
    deaths, reports = done.stdout.split()
    return int(deaths), int(reports)
