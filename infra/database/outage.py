"""Outages in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.outage import CALLED_LASTS, PROBE_LASTS, Outage, outage_cause
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait
from infra.database.store import Store
from infra.database.wait import PostgresWaitStore

_KNOWN = text("SELECT * FROM outages ORDER BY party")
_ONE = text("SELECT * FROM outages WHERE party = :party")
_KEEP = text("""
    WITH counts_no_longer AS (
        DELETE FROM cause_events WHERE cause = :cause AND CAST(:opened_at AS timestamptz) IS NOT NULL
    )
    INSERT INTO outages (party, failures, failed_at, opened_at, probes, probe_at)
    VALUES (:party, :failures, :failed_at, :opened_at, :probes, :probe_at)
    ON CONFLICT (party) DO UPDATE SET (failures, failed_at, opened_at, probes, probe_at) = (
        EXCLUDED.failures, EXCLUDED.failed_at, EXCLUDED.opened_at, EXCLUDED.probes, EXCLUDED.probe_at)""")
_END = text("""
    WITH ended AS (
        DELETE FROM outages WHERE party = :party RETURNING opened_at
    )
    INSERT INTO cause_events (cause, cleared_at) SELECT :cause, :now FROM ended WHERE opened_at IS NOT NULL""")
_TAKE_PROBE = text("""
    UPDATE outages SET probe_at = :until WHERE party = :party AND opened_at IS NOT NULL AND probe_at <= :now""")
_CALL_PROBER = text("""
    WITH chosen AS (
        SELECT w.order_id, w.scope, w.cause FROM waits w
        WHERE w.cause = :cause
          AND EXISTS (SELECT FROM outages WHERE party = :party AND opened_at IS NOT NULL AND probe_at <= :now)
          AND NOT EXISTS (SELECT FROM waits WHERE cause = :cause AND called_at > :called_after)
        ORDER BY w.called_at NULLS FIRST, w.due, w.order_id, w.scope LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE waits w SET called_at = :now FROM chosen
    WHERE (w.order_id, w.scope, w.cause) = (chosen.order_id, chosen.scope, chosen.cause)
    RETURNING w.order_id, w.scope, w.cause, w.ticket, w.code, w.since""")

_UNDER_WAY = text("""
    SELECT count(*) FROM waits WHERE cause = :cause AND called_at > :since AND called = :event_id""")


class PostgresOutageStore(Store):
    """Parties that failed lately."""

    async def known(self) -> tuple[Outage, ...]:
        """Return all of them, by party."""
        return tuple(Outage(**row) for row in await self._all(_KNOWN))

    async def lock(self, party: str) -> Outage | None:
        """Lock the cause, then read: what is read under a lock has to be read after it was granted."""
        await PostgresWaitStore(self._connection, self._cipher).lock_causes((outage_cause(party),))
        row = await self._first(_ONE, party=party)
        return None if row is None else Outage(**row)

    async def keep(self, outage: Outage) -> None:
        """Keep what is known."""
        await self._run(_KEEP, **outage.model_dump(), cause=outage_cause(outage.party))

    async def end(self, party: str, now: datetime) -> bool:
        """Forget it, and clear its cause if it was open."""
        return await self._run(_END, party=party, cause=outage_cause(party), now=now) > 0

    async def take_probe(self, party: str, now: datetime) -> bool:
        """Become the one who probes, for as long as a probe lasts at most."""
        return await self._run(_TAKE_PROBE, party=party, now=now, until=now + PROBE_LASTS) > 0

    async def under_way(self, event: CauseEvent, since: datetime) -> int:
        """Count those who were called up and wait still."""
        return int(await self._value(_UNDER_WAY, **event.model_dump(), since=since))

    async def call_prober(self, party: str, now: datetime) -> Wait | None:
        """Choose who is to send the next probe."""
        bound = {"cause": outage_cause(party), "called_after": now - CALLED_LASTS}
        row = await self._first(_CALL_PROBER, party=party, now=now, **bound)
        return None if row is None else Wait(**row)
