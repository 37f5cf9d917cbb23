"""A store: statements on the one connection of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from infra.database.cipher import Cipher


class Store:
    """What every store stands on. Statements are module constants, so that each is compiled once."""

    def __init__(self, connection: AsyncConnection, cipher: Cipher) -> None:
        self._connection = connection
        self._cipher = cipher

    async def _run(self, statement: TextClause, **bound: object) -> int:
        """Run a statement; return how many rows it touched."""
        return (await self._connection.execute(statement, bound)).rowcount

    async def _first(self, statement: TextClause, **bound: object) -> RowMapping | None:
        """Return the first row, or None."""
        return (await self._connection.execute(statement, bound)).mappings().first()

    async def _value(self, statement: TextClause, **bound: object) -> Any:  # noqa: ANN401 - a column of any type
        """Return the first column of the first row, or None."""
        return (await self._connection.execute(statement, bound)).scalar()

    async def _all(self, statement: TextClause, **bound: object) -> Sequence[RowMapping]:
        """Return all rows."""
        return (await self._connection.execute(statement, bound)).mappings().all()
