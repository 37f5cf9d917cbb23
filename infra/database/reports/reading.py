"""A reading: one snapshot of the record in which nothing can be changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Row = TypeVar("Row", bound=BaseModel)


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """Open a read-only transaction in which every statement sees the same moment."""
    async with engine.connect() as connection:
        wanted = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        yield await connection.execution_options(**wanted)


async def fetch(connection: AsyncConnection, model: type[Row], statement: TextClause, **bound: object) -> list[Row]:
    """Return the rows of a statement."""
    return [model.model_validate(dict(row)) for row in (await connection.execute(statement, bound)).mappings()]
