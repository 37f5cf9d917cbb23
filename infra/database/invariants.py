"""The invariants: every violation that the views ``inv_*`` of the schema list; none at rest."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.values import Model

_VIEWS = text(r"""
    SELECT viewname FROM pg_views WHERE schemaname = current_schema() AND viewname LIKE 'inv\_%' ORDER BY viewname""")


class Violation(Model):
    """One row of one view."""

    view: str
    row: dict[str, object]


async def violations(engine: AsyncEngine) -> list[Violation]:
    """Return every violation, as one snapshot of the record shows them."""
    found: list[Violation] = []
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        for view in (await connection.scalars(_VIEWS)).all():
            # The name comes from the catalogue, where only a migration writes.
            rows = await connection.scalars(text(f'SELECT to_jsonb(v) FROM "{view}" v'))  # noqa: S608
            found += [Violation(view=view, row=row) for row in rows]
    return found
