"""The audit in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from infra.database.store import Store

_NOTE = text("""
    INSERT INTO audit (order_id, verb, actor, reason, at) VALUES (:order_id, :verb, :actor, :reason, :now)""")


class PostgresAuditStore(Store):
    """Append-only lines."""

    async def note(self, order_id: str, verb: str, actor: str, reason: str, now: datetime) -> None:
        """Write one line."""
        await self._run(_NOTE, order_id=order_id, verb=verb, actor=actor, reason=reason, now=now)
