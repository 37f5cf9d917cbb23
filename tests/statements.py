"""The SQL statements that an engine's connections send; BEGIN, COMMIT and savepoints are not among them."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncCursor
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


def watch_statements(engine: AsyncEngine) -> list[str]:
    """Return a list that grows by every statement from now on, each in one line."""
    sent: list[str] = []

    class Counting(AsyncCursor[Any]):
        async def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            sent.append(" ".join((query.decode() if isinstance(query, bytes) else str(query)).split()))
            return await super().execute(query, *arguments, **options)

    @event.listens_for(engine.sync_engine, "checkout")
    def count(connection: Any, *_rest: object) -> None:
        connection.driver_connection.cursor_factory = Counting

    return sent
