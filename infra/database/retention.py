"""The forgetting of leftovers in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from infra.database.store import Store

_DEAD_TELLINGS = text("""
    DELETE FROM outbox WHERE outbox_id = ANY(ARRAY(
        SELECT outbox_id FROM outbox WHERE dead AND written_at < :before
        ORDER BY written_at LIMIT :limit FOR UPDATE SKIP LOCKED))""")
_MESSAGES_OF_NOBODY = text("""
    DELETE FROM inbox WHERE inbox_id = ANY(ARRAY(
        SELECT inbox_id FROM inbox WHERE state = 'DONE' AND order_id IS NULL AND finished_at < :before
        ORDER BY finished_at LIMIT :limit FOR UPDATE SKIP LOCKED))""")
_QUOTES = text("""
    DELETE FROM quotes WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM quotes WHERE holds_until < :before
        ORDER BY holds_until LIMIT :limit FOR UPDATE SKIP LOCKED))""")
_LOCK_CAUSES = text("""
    SELECT cause FROM causes c
    WHERE NOT EXISTS (SELECT FROM waits w WHERE w.cause = c.cause)
      AND NOT EXISTS (SELECT FROM cause_events e WHERE e.cause = c.cause)
    LIMIT :limit FOR UPDATE SKIP LOCKED""")
# A statement of its own sees what was written until the locks were granted.
_CAUSES = text("""
    DELETE FROM causes c WHERE cause = ANY(CAST(:causes AS text[]))
      AND NOT EXISTS (SELECT FROM waits w WHERE w.cause = c.cause)
      AND NOT EXISTS (SELECT FROM cause_events e WHERE e.cause = c.cause)""")


class PostgresRetentionStore(Store):
    """Deletes rows, a bounded number at a time."""

    async def forget_dead_tellings(self, before: datetime, limit: int) -> int:
        """Forget tellings whose workflow did not exist."""
        return await self._run(_DEAD_TELLINGS, before=before, limit=limit)

    async def forget_messages_of_nobody(self, before: datetime, limit: int) -> int:
        """Forget finished messages that belong to no order."""
        return await self._run(_MESSAGES_OF_NOBODY, before=before, limit=limit)

    async def forget_quotes(self, before: datetime, limit: int) -> int:
        """Forget what carriers quoted and holds no longer."""
        return await self._run(_QUOTES, before=before, limit=limit)

    async def forget_causes(self, limit: int) -> int:
        """Forget causes that nobody waits for and no open event names."""
        causes = [row["cause"] for row in await self._all(_LOCK_CAUSES, limit=limit)]
        return await self._run(_CAUSES, causes=causes) if causes else 0
