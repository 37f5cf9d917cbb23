"""Orders, lines and holds in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import TextClause, text

from domain.barrier import BARRED_BY
from domain.errors import Conflict, NotFound
from domain.listing import Matched
from domain.messages import ORDER_WORKFLOW, OrderStart, order_workflow_id
from domain.order import KEEPS_STOCK, ChannelOrder, HoldReason, OrderState, Ownership
from domain.ports.stores.order import KeptOrder
from domain.promise import UNPROMISED, Urgency
from domain.snapshot import postal_zone_of
from infra.database.recording import RECORD
from infra.database.store import Store
from infra.database.vault import mark_address

_FIRST_STATE = {
    Ownership.OURS: OrderState.OPEN,
    Ownership.TEST: OrderState.TEST,
    Ownership.EXTERNAL: OrderState.EXTERNAL,
}
_LOAD = text("SELECT load_order(:order_id, :lock)")
_MATCH = text("""
    WITH told AS (
        SELECT * FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS told(
            line_id text, sku text, matched_by text, components jsonb)
    ), matched AS (
        UPDATE order_lines line SET sku = told.sku, matched_by = told.matched_by FROM told
        WHERE line.order_id = :order_id AND line.line_id = told.line_id AND line.sku IS NULL
        RETURNING line.line_id
    )
    INSERT INTO line_components (order_id, line_id, sku, units, share)
    SELECT :order_id, line_id, made_of.sku, made_of.units, made_of.share
    FROM matched JOIN told USING (line_id),
         jsonb_to_recordset(told.components) AS made_of(sku text, units integer, share bigint)""")
_COUNT_CANCELLED = text("""
    UPDATE order_lines line
    SET cancelled = line.cancelled + CAST(told.value AS integer),
        told_cancelled = line.told_cancelled + CASE WHEN :told THEN CAST(told.value AS integer) ELSE 0 END
    FROM jsonb_each_text(CAST(:quantities AS jsonb)) told, kept_lines kept
    WHERE line.order_id = :order_id AND line.line_id = told.key
      AND kept.order_id = line.order_id AND kept.line_id = line.line_id AND kept.open >= CAST(told.value AS integer)""")
_COUNT_BY_HAND = text("""
    UPDATE order_lines line SET by_hand = line.by_hand + CAST(told.value AS integer)
    FROM jsonb_each_text(CAST(:quantities AS jsonb)) told, kept_lines kept
    WHERE line.order_id = :order_id AND line.line_id = told.key
      AND kept.order_id = line.order_id AND kept.line_id = line.line_id
      AND kept.open + kept.planned >= CAST(told.value AS integer)""")
_TELL_CANCELLED = text("""
    UPDATE order_lines line SET told_cancelled = greatest(line.told_cancelled, CAST(told.value AS integer))
    FROM jsonb_each_text(CAST(:totals AS jsonb)) told
    WHERE line.order_id = :order_id AND line.line_id = told.key""")
_PLACE_HOLD = text("""
    INSERT INTO holds (order_id, reason, keeps_stock, placed_by, placed_at)
    SELECT order_id, :reason, :keeps_stock, :placed_by, :now FROM orders
    WHERE order_id = :order_id AND NOT (:placed_by = 'channel' AND EXISTS (
        SELECT FROM holds h WHERE h.order_id = :order_id AND h.reason = :reason AND h.released_at > :now))
    ON CONFLICT (order_id, reason) WHERE released_at IS NULL DO NOTHING""")
_RELEASE_HOLD = text("""
    UPDATE holds SET released_by = :released_by, released_at = :now
    WHERE order_id = :order_id AND reason = :reason AND released_at IS NULL""")
_WAIVED = text("""
    SELECT reason FROM holds
    WHERE order_id = :order_id AND placed_by = :barrier AND released_at IS NOT NULL AND released_by <> :barrier""")
_REQUEST_CANCEL = text("""
    UPDATE orders SET cancel_requested = true WHERE order_id = :order_id AND NOT cancel_requested""")
_ACKNOWLEDGE = text("UPDATE orders SET acknowledged = true, progress_at = now() WHERE order_id = :order_id")
# A sweep may have left a wait of a part that is over; nobody could end it once the order's workflow is.
_CLOSE = text("""
    WITH closed AS (
        UPDATE orders SET state = :state, closed_at = :now, progress_at = now()
        WHERE order_id = :order_id AND state = 'OPEN' RETURNING order_id
    ), ended AS (
        DELETE FROM waits USING closed WHERE waits.order_id = closed.order_id AND starts_with(scope, :parts)
    )
    SELECT FROM closed""")
_OPEN_BEFORE = text("""
    SELECT order_id FROM orders
    WHERE account = :account AND state = 'OPEN' AND recorded_at < :before AND order_id > :after
    ORDER BY order_id LIMIT :limit""")
_EXISTS = text("SELECT 1 FROM orders WHERE order_id = :order_id")


class PostgresOrderStore(Store):
    """Orders, lines and holds."""

    async def record(
        self,
        order_id: str,
        account: str,
        order: ChannelOrder,
        inbox_id: int,
        now: datetime,
        urgency: Urgency = UNPROMISED,
    ) -> bool:
        """Record a new order whole, in one statement; its inbox row is done with it and tied to it."""
        key = self._cipher.new_key()
        start = OrderStart(order_id=order_id, account=account, number=order.number, priority=urgency.priority)
        buyer, address = order.buyer.model_dump_json().encode(), order.address
        seal = self._cipher.seal
        row = await self._first(
            RECORD,
            order_id=order_id,
            account=account,
            told=order.model_dump_json(exclude={"address", "buyer"}),
            state=_FIRST_STATE[order.ownership].value,
            keeps_stock=json.dumps(KEEPS_STOCK),
            inbox_id=inbox_id,
            now=now,
            priority=urgency.priority,
            at_risk_from=urgency.at_risk_from,
            address_mark=mark_address(self._cipher, order_id, address) if address else "",
            country=address.country if address else "",
            postal_zone=postal_zone_of(address.postal_code) if address else "",
            wrapped_key=self._cipher.wrap(key, order_id),
            buyer=seal(key, buyer, order_id, "buyer"),
            address=seal(key, address.model_dump_json().encode(), order_id, "address") if address else None,
            workflow=ORDER_WORKFLOW,
            workflow_id=order_workflow_id(order_id),
            payload=start.model_dump_json(),
        )
        return row is not None

    async def load(self, order_id: str, *, lock: bool = False) -> KeptOrder:
        """Load an order whole, in one statement."""
        found = await self._value(_LOAD, order_id=order_id, lock=lock)
        if found is None:
            raise NotFound("no-order", f"no order {order_id}")
        return KeptOrder.model_validate_json(found)

    async def match_lines(self, order_id: str, found: Mapping[str, Matched]) -> None:
        """Keep what each named line means, in one statement; a line that was matched stays as it is."""
        lines = [
            {"line_id": line_id, "sku": means.sku, "matched_by": means.matched_by}
            | ({} if means.is_plain else means.model_dump(include={"components"}))
            for line_id, means in found.items()
        ]
        await self._run(_MATCH, order_id=order_id, lines=json.dumps(lines))

    async def count_cancelled(self, order_id: str, quantities: Mapping[str, int], *, told: bool) -> None:
        """Add cancelled units per line; raises Conflict when a line has fewer open units."""
        counted = await self._run(_COUNT_CANCELLED, order_id=order_id, quantities=_json(quantities), told=told)
        _require_all(quantities, counted)

    async def tell_cancelled(self, order_id: str, totals: Mapping[str, int]) -> None:
        """Keep that the channel knows of this many cancelled units per line."""
        await self._run(_TELL_CANCELLED, order_id=order_id, totals=_json(totals))

    async def count_by_hand(self, order_id: str, quantities: Mapping[str, int]) -> None:
        """Add units per line that a person shipped; raises Conflict when fewer are open or planned."""
        counted = await self._run(_COUNT_BY_HAND, order_id=order_id, quantities=_json(quantities))
        _require_all(quantities, counted)

    async def place_hold(self, order_id: str, reason: HoldReason, placed_by: str, now: datetime) -> bool:
        """Place a hold; False when it is already there, or when the channel speaks of a time before it ended."""
        keeps = KEEPS_STOCK[reason]
        return await self._changes(
            _PLACE_HOLD, order_id, reason=reason.value, keeps_stock=keeps, placed_by=placed_by, now=now
        )

    async def release_hold(self, order_id: str, reason: HoldReason, released_by: str, now: datetime) -> bool:
        """End a hold; False when there is none of this reason."""
        return await self._changes(_RELEASE_HOLD, order_id, reason=reason.value, released_by=released_by, now=now)

    async def waived(self, order_id: str) -> frozenset[HoldReason]:
        """Return the reasons of which a person ended a barrier's hold."""
        rows = await self._all(_WAIVED, order_id=order_id, barrier=BARRED_BY)
        return frozenset(HoldReason(row["reason"]) for row in rows)

    async def request_cancel(self, order_id: str) -> bool:
        """Keep that the buyer asked for a cancellation; False when that was known."""
        return await self._changes(_REQUEST_CANCEL, order_id)

    async def mark_acknowledged(self, order_id: str) -> None:
        """Keep that the channel was told that we accept the order."""
        await self._changes(_ACKNOWLEDGE, order_id)

    async def open_before(self, account: str, before: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return ids of OPEN orders recorded before a moment, by id, behind `after`."""
        rows = await self._all(_OPEN_BEFORE, account=account, before=before, after=after, limit=limit)
        return tuple(row["order_id"] for row in rows)

    async def close(self, order_id: str, state: OrderState, now: datetime) -> bool:
        """Close an open order in a terminal state; False when it is closed already."""
        return await self._changes(_CLOSE, order_id, state=state.value, now=now, parts=f"{order_id}/F")

    async def _changes(self, statement: TextClause, order_id: str, **bound: object) -> bool:
        """Tell whether the statement changed anything; raises NotFound when there is no such order."""
        if await self._run(statement, order_id=order_id, **bound):
            return True
        if await self._value(_EXISTS, order_id=order_id) is None:
            raise NotFound("no-order", f"no order {order_id}")
        return False


def _json(by_line: Mapping[str, object]) -> str:
    return json.dumps(dict(by_line))


def _require_all(quantities: Mapping[str, int], counted: int) -> None:
    if counted < len(quantities):
        raise Conflict("units-taken", "a line has fewer open units than that")
