"""Who waits for a lock, as the database tells it: what tests of races go by instead of time."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

PATIENCE = 60.0
_BLOCKED = text("""
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'""")


async def until_blocked(engine: AsyncEngine, task: asyncio.Task[Any]) -> None:
    """Return once a task waits for a lock, being the only one of this database that can, or has ended without one."""
    async with asyncio.timeout(PATIENCE), engine.connect() as connection:
        while not task.done() and not (await connection.execute(_BLOCKED)).scalar_one():
            await connection.rollback()
            await asyncio.sleep(0.01)
