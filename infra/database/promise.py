"""Promises at risk and dates that have come, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.lateness import NO_LABEL, UNKEPT, AtRisk, Deed, Expedite, RiskMark
from domain.waits import date_cause
from infra.database.migrations.words import listed
from infra.database.store import Store

# Both lists come from an index in the order in which things came to be at risk; a page looks at no more than it shows.
AT_RISK = text(f"""
    WITH parts AS (
        SELECT order_id, fulfillment_id AS subject, stage, delivery, needs_hand, location, carrier, speed, ship_by,
               deliver_by, expected_hand_over, expected_arrival, at_risk_from AS since
        FROM fulfillment_orders
        WHERE at_risk_from <= :now
          AND stage IN ({listed(UNKEPT)})
          AND (CAST(:since AS timestamptz) IS NULL OR (at_risk_from, fulfillment_id) > (:since, :subject))
        ORDER BY at_risk_from, fulfillment_id LIMIT :limit
    ), waiting AS (
        SELECT order_id, delivery, ship_by, deliver_by, at_risk_from FROM orders o
        WHERE state = 'OPEN' AND at_risk_from <= :now
          AND (CAST(:since AS timestamptz) IS NULL OR (at_risk_from, order_id) > (:since, :subject))
          AND EXISTS (SELECT FROM waits w WHERE w.order_id = o.order_id AND w.scope = '')
        ORDER BY at_risk_from, order_id LIMIT :limit
    ), found AS (
        SELECT * FROM parts
        UNION ALL
        SELECT o.order_id, o.order_id, NULL, o.delivery, true, '', '', '', lines.ship_by, lines.deliver_by, NULL, NULL,
               o.at_risk_from
        FROM waiting o CROSS JOIN LATERAL (
            SELECT min(coalesce(line.ship_by, o.ship_by)) AS ship_by,
                   min(coalesce(line.deliver_by, o.deliver_by)) AS deliver_by
            FROM kept_lines line WHERE line.order_id = o.order_id AND line.open > 0
        ) lines
        ORDER BY since, subject LIMIT :limit
    )
    SELECT found.*, o.country AS zone, coalesce(waiting_for.causes, '{{}}') AS waits_for,
           coalesce(used.deeds, '[]') AS deeds
    FROM found JOIN orders o USING (order_id) LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT cause ORDER BY cause) AS causes FROM waits w
        WHERE w.order_id = found.order_id
          AND w.scope IN (CASE WHEN stage IS NULL THEN '' ELSE subject END, subject || '/step')
    ) waiting_for ON true LEFT JOIN LATERAL (
        SELECT jsonb_agg(to_jsonb(deed) || jsonb_build_object('told', deed.told_at IS NOT NULL) ORDER BY at) AS deeds
        FROM promise_deeds deed WHERE deed.order_id = found.order_id
    ) used ON true
    ORDER BY since, subject""")  # noqa: S608 - constants
_KEEP = text("""
    INSERT INTO promise_deeds (order_id, remedy, subject, detail, at, told_at)
    VALUES (:order_id, :remedy, :subject, :detail, :at, CASE WHEN :told THEN CAST(:at AS timestamptz) END)
    ON CONFLICT (order_id, remedy) DO NOTHING""")
_TOLD = text("""
    UPDATE promise_deeds SET told_at = now() WHERE order_id = :order_id AND remedy = 'word' AND told_at IS NULL""")
_EXPEDITE = text(f"""
    UPDATE fulfillment_orders
    SET speed = :speed, expected_arrival = :expected_arrival, at_risk_from = :at_risk_from
    WHERE fulfillment_id = :fulfillment_id AND stage IN ({listed(NO_LABEL)})""")  # noqa: S608 - constants
# Dates as text sort as they follow each other; whoever waits for a cause that was cleared already is served anyway.
_DATES = text("""
    SELECT DISTINCT cause FROM waits
    WHERE cause LIKE 'date:%' AND cause COLLATE "C" <= :newest
      AND NOT EXISTS (SELECT FROM cause_events e WHERE e.cause = waits.cause)
    ORDER BY cause LIMIT :limit""")


class PostgresPromiseStore(Store):
    """What is at risk, what was done about it, and dates that have come."""

    async def at_risk(self, now: datetime, after: RiskMark | None, limit: int) -> tuple[AtRisk, ...]:
        """Return what was at risk at a moment, in one statement."""
        since, subject = (after.since, after.subject) if after else (None, "")
        rows = await self._all(AT_RISK, now=now, since=since, subject=subject, limit=limit)
        return tuple(AtRisk.model_validate(dict(row)) for row in rows)

    async def keep_deed(self, order_id: str, subject: str, deed: Deed) -> bool:
        """Keep that a remedy was used; False when the order has had it before."""
        return bool(await self._run(_KEEP, order_id=order_id, subject=subject, **deed.model_dump()))

    async def mark_told(self, order_id: str) -> None:
        """Keep that the notifier has had the word to this order's buyer."""
        await self._run(_TOLD, order_id=order_id)

    async def expedite(self, wish: Expedite) -> bool:
        """Choose a faster speed, unless its label is begun."""
        return bool(await self._run(_EXPEDITE, **wish.model_dump()))

    async def dates_come(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return causes that are dates which have come, the earliest first."""
        rows = await self._all(_DATES, newest=date_cause(now), limit=limit)
        return tuple(row["cause"] for row in rows)
