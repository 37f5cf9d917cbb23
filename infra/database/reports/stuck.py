"""What stands still until somebody acts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.values import Model
from domain.waits import CauseKind, advise
from infra.database.reports.reading import fetch

NEEDS_PERSON = tuple(kind.value for kind in CauseKind if advise("", f"{kind.value}:").needs_person)
"""The kinds of causes that nothing but a person clears."""

_STUCK_WAITS = text("""
    SELECT order_id, scope, cause, code, since,
           CASE WHEN cause LIKE 'stock:%' THEN
               (SELECT min(expected_at) FROM incoming_goods WHERE sku = substr(cause, 7) AND received < units)
           END AS expected_at
    FROM waits
    WHERE split_part(cause, ':', 1) = ANY(CAST(:kinds AS text[]))
       OR (split_part(cause, ':', 1) IN ('adapter', 'outage') AND since < :silent_before)
       OR (cause LIKE 'delivery:%' AND since < :undelivered_before)
    ORDER BY since, order_id, scope, cause""")
_DATED = text("""
    SELECT order_id, scope, cause, code, since, CAST(substr(cause, 6) AS timestamptz) AS expected_at FROM waits
    WHERE cause LIKE 'date:%' ORDER BY cause COLLATE "C", order_id, scope""")
# The relay gives up on a workflow that does not exist. That matters while its order is open and stands where it did.
_UNTOLD = text("""
    SELECT b.outbox_id, b.workflow_id, b.signal, b.written_at, o.order_id
    FROM outbox b JOIN orders o ON b.workflow_id LIKE 'order/%' AND o.order_id = concat_ws('/',
        split_part(b.workflow_id, '/', 2), split_part(b.workflow_id, '/', 3))
    WHERE b.dead AND CASE split_part(b.workflow_id, '/', 4)
        WHEN '' THEN o.state = 'OPEN' AND o.progress_at <= b.written_at
        WHEN 'return' THEN EXISTS (
            SELECT FROM returns r WHERE r.return_id = o.order_id || '/' || split_part(b.workflow_id, '/', 5)
              AND r.state NOT IN ('REFUNDED', 'DECLINED', 'EXPIRED') AND r.state_at <= b.written_at)
        ELSE EXISTS (
            SELECT FROM refunds r WHERE r.order_id = o.order_id AND r.state = 'RESERVED'
              AND CAST(r.number AS text) = split_part(b.workflow_id, '/', 5)) END
    ORDER BY b.written_at, b.outbox_id""")


class StuckWait(Model):
    """A wait that a person has to end; `expected_at` is when goods that are waited for are announced to come."""

    order_id: str
    scope: str
    cause: str
    code: str
    since: datetime
    expected_at: datetime | None = None


class Untold(Model):
    """A wake-up that found no workflow, of something that is still under way."""

    outbox_id: int
    workflow_id: str
    signal: str
    written_at: datetime
    order_id: str


async def list_stuck_waits(
    connection: AsyncConnection, silent_before: datetime, undelivered_before: datetime
) -> list[StuckWait]:
    """Return waits that need a person, oldest first.

    Also those for a party that has not answered since `silent_before`, or a parcel under way since
    `undelivered_before`.
    """
    bound = {"silent_before": silent_before, "undelivered_before": undelivered_before}
    return await fetch(connection, StuckWait, _STUCK_WAITS, kinds=list(NEEDS_PERSON), **bound)


async def list_dated_waits(connection: AsyncConnection) -> list[StuckWait]:
    """Return waits for a date, such as of preorders, the earliest first; they end by themselves."""
    return await fetch(connection, StuckWait, _DATED)


async def list_untold(connection: AsyncConnection) -> list[Untold]:
    """Return wake-ups that reached nobody and are still needed, oldest first."""
    return await fetch(connection, Untold, _UNTOLD)
