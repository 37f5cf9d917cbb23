"""Who does not answer, since when, and how many orders wait for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.values import Model
from infra.database.reports.reading import fetch

_OUTAGES = text("""
    SELECT party, opened_at, failed_at, failures, probes, probe_at,
           (SELECT count(DISTINCT order_id) FROM waits WHERE cause = 'outage:' || party) AS waiting
    FROM outages WHERE opened_at IS NOT NULL ORDER BY opened_at, party""")


class OutageRow(Model):
    """One outage; `waiting` counts orders, `probe_at` is when the next probe may go out."""

    party: str
    opened_at: datetime
    failed_at: datetime
    failures: int
    probes: int
    probe_at: datetime
    waiting: int


async def list_outages(connection: AsyncConnection) -> list[OutageRow]:
    """Return all outages, longest first."""
    return await fetch(connection, OutageRow, _OUTAGES)
