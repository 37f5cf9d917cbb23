"""A store: statements on the one connection of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import DictRow, dict_row, tuple_row
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql.psycopg import dialect

from infra.database.cipher import Cipher

Connection = AsyncConnection[Any]


class Store:
    """What every store stands on. Statements are module constants: each is compiled once, and prepared by the server.

    They go to the driver directly: by way of SQLAlchemy a statement costs four times the interpreter's time.
    """

    def __init__(self, connection: Connection, cipher: Cipher) -> None:
        self._connection = connection
        self._cipher = cipher

    async def _run(self, statement: TextClause, **bound: object) -> int:
        """Run a statement; return how many rows it touched."""
        return (await self._execute(statement, bound)).rowcount

    async def _first(self, statement: TextClause, **bound: object) -> DictRow | None:
        """Return the first row, or None."""
        return await (await self._execute(statement, bound)).fetchone()

    async def _value(self, statement: TextClause, **bound: object) -> Any:  # noqa: ANN401 - a column of any type
        """Return the first column of the first row, or None."""
        cursor = self._connection.cursor(row_factory=tuple_row)
        row = await (await cursor.execute(_compiled(statement), bound)).fetchone()
        return None if row is None else row[0]

    async def _all(self, statement: TextClause, **bound: object) -> Sequence[DictRow]:
        """Return all rows."""
        return await (await self._execute(statement, bound)).fetchall()

    async def _execute(self, statement: TextClause, bound: dict[str, object]) -> AsyncCursor[DictRow]:
        return await self._connection.cursor(row_factory=dict_row).execute(_compiled(statement), bound)


@cache
def _compiled(statement: TextClause) -> bytes:
    """Write ``:name`` the driver's way; the statement is the program's own, never made of input."""
    return str(statement.compile(dialect=dialect())).encode()
