"""What is held against a channel, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text

from domain.comparison import KnownOrder
from domain.fulfillment import GONE
from domain.order import NOT_OURS
from domain.ports.stores.comparison import SentParcel
from infra.database.store import Store

_GONE = sorted(stage.value for stage in GONE)
_NOT_CARRIED = [state.value for state in NOT_OURS]
_SENT = text("""
    SELECT f.order_id, p.fulfillment_id, p.parcel_id, p.told_at,
           coalesce(nullif(p.told_number, ''), p.tracking_number) AS tracking_number
    FROM fulfillment_orders f JOIN parcels p USING (fulfillment_id)
    WHERE f.order_id = ANY(CAST(:order_ids AS text[])) AND f.stage = ANY(CAST(:gone AS text[]))
      AND p.state = 'LIVE' AND CASE WHEN p.told_at IS NULL THEN p.tracking_number ELSE p.told_number END <> ''
    ORDER BY p.parcel_id""")
_KNOWN = text("""
    SELECT order_id, (
        SELECT jsonb_object_agg(line_id, jsonb_build_object('quantity', quantity, 'told_cancelled', told_cancelled))
        FROM order_lines line WHERE line.order_id = o.order_id
    ) AS lines, (
        SELECT coalesce(jsonb_object_agg(tracking_number, units), '{}') FROM (
            SELECT p.told_number AS tracking_number, jsonb_object_agg(line.line_id, line.quantity) AS units
            FROM fulfillment_orders f JOIN parcels p USING (fulfillment_id) JOIN fulfillment_lines line
                USING (fulfillment_id)
            WHERE f.order_id = o.order_id AND p.state = 'LIVE' AND p.told_at IS NOT NULL AND p.told_number <> ''
              AND line.quantity > 0
            GROUP BY p.parcel_id
        ) told
    ) AS sent, (
        SELECT coalesce(jsonb_agg(p.tracking_number), '[]')
        FROM fulfillment_orders f JOIN parcels p USING (fulfillment_id)
        WHERE f.order_id = o.order_id AND o.state <> 'OPEN' AND f.stage = ANY(CAST(:gone AS text[]))
          AND p.state = 'LIVE' AND p.told_at IS NULL AND p.tracking_number <> ''
    ) AS untold
    FROM orders o WHERE order_id = ANY(CAST(:order_ids AS text[])) AND state <> ALL(CAST(:not_carried AS text[]))
    ORDER BY order_id""")
_RECORDED_SINCE = text("""
    SELECT order_id FROM orders
    WHERE account = :account AND recorded_at >= :since AND order_id > :after
      AND state <> ALL(CAST(:not_carried AS text[]))
    ORDER BY order_id LIMIT :limit""")
_FORGET = text("UPDATE parcels SET told_at = NULL, told_number = '' WHERE parcel_id = :parcel_id")


class PostgresComparisonStore(Store):
    """Readings for the reconciliation."""

    async def sent(self, order_ids: Collection[str]) -> tuple[SentParcel, ...]:
        """Return the live parcels of these orders that have left us."""
        rows = await self._all(_SENT, order_ids=list(order_ids), gone=_GONE)
        return tuple(SentParcel(**row) for row in rows)

    async def known(self, order_ids: Collection[str]) -> tuple[KnownOrder, ...]:
        """Return those of these orders that we carry or carried, in one statement."""
        rows = await self._all(_KNOWN, order_ids=list(order_ids), gone=_GONE, not_carried=_NOT_CARRIED)
        return tuple(KnownOrder(**row) for row in rows)

    async def recorded_since(self, account: str, since: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return the ids of orders that we carry or carried."""
        rows = await self._all(
            _RECORDED_SINCE, account=account, since=since, after=after, limit=limit, not_carried=_NOT_CARRIED
        )
        return tuple(row["order_id"] for row in rows)

    async def forget_told(self, parcel_id: str) -> None:
        """Keep that the channel does not know of this parcel after all."""
        await self._run(_FORGET, parcel_id=parcel_id)
