"""Fulfillment orders in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import TextClause, text

from domain.decision import Decision
from domain.errors import NotFound
from domain.fulfillment import Fulfillment
from domain.messages import ADVANCED, ORDER_WORKFLOW, Advanced, order_workflow_id
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.order import Refusal
from infra.database.sourcing import packed
from infra.database.store import Store

_ADD = text("""
    WITH parts AS (
        SELECT part.*, CAST(substring(part.fulfillment_id FROM '[0-9]+$') AS integer) AS number
        FROM jsonb_to_recordset(CAST(:parts AS jsonb)) AS part(
            fulfillment_id text, order_id text, location text, delivery text, stage text, needs_hand boolean,
            labels_itself boolean, carrier text, speed text, ship_by timestamptz, deliver_by timestamptz,
            expected_hand_over timestamptz, expected_arrival timestamptz, at_risk_from timestamptz, lines jsonb)
    ), added AS (
        INSERT INTO fulfillment_orders (
            fulfillment_id, order_id, number, location, delivery, stage, needs_hand, labels_itself, carrier, speed,
            ship_by, deliver_by, expected_hand_over, expected_arrival, at_risk_from, reasons, planned_at, stage_at)
        SELECT fulfillment_id, order_id, number, location, delivery, stage, needs_hand, labels_itself, carrier, speed,
               ship_by, deliver_by, expected_hand_over, expected_arrival, at_risk_from,
               CAST(:reasons AS text[]), :now, :now
        FROM parts
    ), counted AS (
        UPDATE orders SET last_number = greatest(last_number, newest.number), progress_at = now()
        FROM (SELECT order_id, max(number) AS number FROM parts GROUP BY order_id) newest
        WHERE orders.order_id = newest.order_id
    ), decided AS (
        INSERT INTO decisions (order_id, number, decided_at, places_version, policy_version, snapshot, plan)
        SELECT order_id, min(number), :now, CAST(:places_version AS bigint), CAST(:policy_version AS integer),
               CAST(:snapshot AS bytea), CAST(:plan AS bytea)
        FROM parts WHERE CAST(:snapshot AS bytea) IS NOT NULL GROUP BY order_id
    )
    INSERT INTO fulfillment_lines (fulfillment_id, order_id, line_id, position, sku, quantity, cancelling)
    SELECT fulfillment_id, order_id, line_id, position, sku, quantity, cancelling
    FROM parts, ROWS FROM (
        jsonb_to_recordset(parts.lines) AS (line_id text, sku text, quantity integer, cancelling integer)
    ) WITH ORDINALITY AS line(line_id, sku, quantity, cancelling, position)""")
_LOAD = text("""
    SELECT CAST(fulfillment_json(f) AS text) FROM fulfillment_orders f WHERE fulfillment_id = :fulfillment_id""")
_ADVANCE = text("SELECT advance_fulfillment(CAST(:move AS jsonb), CAST(:telling AS jsonb))")
_CANCELLING = text("""
    UPDATE fulfillment_lines line SET cancelling = greatest(cancelling, CAST(told.value AS integer))
    FROM jsonb_each_text(CAST(:quantities AS jsonb)) told
    WHERE fulfillment_id = :fulfillment_id AND line_id = told.key""")
_REJECT = text("""
    UPDATE fulfillment_lines line
    SET quantity = greatest(quantity - CAST(told.value AS integer), 0),
        rejected = rejected + CAST(told.value AS integer), reject_reason = :reason, refused = true,
        refused_until = CAST(:until AS timestamptz), refused_since = CAST(:since AS timestamptz)
    FROM jsonb_each_text(CAST(:quantities AS jsonb)) told
    WHERE fulfillment_id = :fulfillment_id AND line_id = told.key""")
_REFUSE = text("""
    UPDATE fulfillment_lines
    SET refused = true, refused_until = CAST(:until AS timestamptz), refused_since = CAST(:since AS timestamptz)
    WHERE fulfillment_id = :fulfillment_id""")
_REOPEN = text("UPDATE fulfillment_orders SET reopened = true WHERE fulfillment_id = :fulfillment_id")


class PostgresFulfillmentStore(Store):
    """Fulfillment orders and their lines."""

    async def add(
        self, parts: tuple[Fulfillment, ...], reasons: tuple[str, ...], now: datetime, decision: Decision | None = None
    ) -> None:
        """Add planned fulfillment orders with their lines and the decision that made them, in one statement."""
        rows = json.dumps([part.model_dump(mode="json") for part in parts])
        snapshot, plan = (None, None) if decision is None else packed(decision)
        versions = (0, 0) if decision is None else (decision.places_version, decision.snapshot.policy_version)
        await self._run(
            _ADD, parts=rows, reasons=list(reasons), now=now, snapshot=snapshot, plan=plan,
            places_version=versions[0], policy_version=versions[1],
        )  # fmt: skip

    async def load(self, fulfillment_id: str) -> Fulfillment:
        """Load one."""
        found = await self._value(_LOAD, fulfillment_id=fulfillment_id)
        if found is None:
            raise NotFound("no-fulfillment", f"no fulfillment order {fulfillment_id}")
        return Fulfillment.model_validate_json(found)

    async def advance(self, move: Move) -> Fulfillment | None:
        """Advance in one statement that locks the order first; None when it lost, and then nothing was written."""
        telling = {
            "workflow": ORDER_WORKFLOW,
            "prefix": order_workflow_id(""),
            "signal": ADVANCED,
            "payload": Advanced(fulfillment_id=move.fulfillment_id, stage=move.to).model_dump_json(),
        }
        moved = await self._value(_ADVANCE, move=move.model_dump_json(), telling=json.dumps(telling))
        return None if moved is None else Fulfillment.model_validate_json(moved)

    async def mark_cancelling(self, fulfillment_id: str, quantities: Mapping[str, int]) -> None:
        """Keep how many units per line end as cancelled, never fewer than before."""
        await self._change(_CANCELLING, fulfillment_id, quantities=json.dumps(dict(quantities)))

    async def reject_lines(
        self, fulfillment_id: str, quantities: Mapping[str, int], reason: str, refusal: Refusal
    ) -> None:
        """Take rejected units off its lines and remember that its location refuses them."""
        told = json.dumps(dict(quantities))
        await self._change(_REJECT, fulfillment_id, quantities=told, reason=reason, **dict(refusal))

    async def refuse_location(self, fulfillment_id: str, refusal: Refusal) -> None:
        """Remember that nothing of it is asked for at its location."""
        await self._change(_REFUSE, fulfillment_id, **dict(refusal))

    async def reopen(self, fulfillment_id: str) -> None:
        """Count the units of a lost fulfillment order as open again."""
        await self._change(_REOPEN, fulfillment_id)

    async def _change(self, statement: TextClause, fulfillment_id: str, **bound: object) -> None:
        if not await self._run(statement, fulfillment_id=fulfillment_id, **bound):
            await self.load(fulfillment_id)
