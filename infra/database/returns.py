"""Returns in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import TextClause, text

from domain.errors import Conflict, NotFound, Refused
from domain.messages import RETURN_ADVANCED, RETURN_WORKFLOW, ReturnAdvanced, ReturnStart, return_workflow_id
from domain.ports.stores.returns import ReturnRequest
from domain.returns import RETURN_NEXT, Disposition, Return, ReturnLine, ReturnState, return_id
from infra.database.store import Store

_OPEN_STATES = [state.value for state, after in RETURN_NEXT.items() if after]
_RETURN = """
    SELECT r.return_id, r.order_id, r.course, r.state, r.location, r.reason, r.request_id, (
        SELECT coalesce(jsonb_agg(to_jsonb(line) || jsonb_build_object('disposition', (
            SELECT min(disposition) FROM return_findings f
            WHERE f.return_id = line.return_id AND f.line_id = line.line_id HAVING count(*) = 1
        )) ORDER BY line.position), '[]') FROM return_lines line WHERE line.return_id = r.return_id) AS lines
    FROM returns r"""
_LOCK = text("SELECT account, last_return FROM orders WHERE order_id = :order_id FOR UPDATE")
_LOAD = text(f"{_RETURN} WHERE r.return_id = :return_id")
_BY_KEY = text(f"{_RETURN} WHERE r.key = :key")
_BY_TRACKING = text(f"""{_RETURN}
    LEFT JOIN LATERAL (
        SELECT true AS sent FROM parcels p JOIN fulfillment_orders f USING (fulfillment_id)
        WHERE p.tracking_number = :tracking_number AND f.order_id = r.order_id LIMIT 1
    ) goods ON true
    WHERE r.state = ANY(CAST(:states AS text[])) AND (r.tracking_number = :tracking_number OR goods.sent)
    ORDER BY r.tracking_number = :tracking_number DESC NULLS LAST, r.course = 'sent-back' DESC, r.number LIMIT 1""")  # noqa: S608 - a constant
_ENDED = text(f"""{_RETURN}
    WHERE r.tracking_number = :tracking_number AND r.state <> ALL(CAST(:states AS text[]))
    ORDER BY r.number DESC LIMIT 1""")
# Goods that a carrier brought back and goods that a buyer gives back are different units.
_TOO_MANY = text("""
    SELECT asked.line_id FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS asked(line_id text, quantity integer)
    GROUP BY asked.line_id
    HAVING sum(asked.quantity) > (
        SELECT coalesce(sum(line.quantity), 0)
        FROM fulfillment_lines line JOIN fulfillment_orders f USING (fulfillment_id)
        WHERE line.order_id = :order_id AND line.line_id = asked.line_id
          AND f.stage = ANY(CASE WHEN :sent_back THEN '{SENT_BACK}' ELSE CAST('{DELIVERED,COLLECTED}' AS text[]) END)
    ) - (
        SELECT coalesce(sum(line.quantity), 0) FROM return_lines line JOIN returns r USING (return_id)
        WHERE r.order_id = :order_id AND line.line_id = asked.line_id AND (r.course = 'sent-back') = :sent_back
          AND r.state NOT IN ('DECLINED', 'EXPIRED')
    ) LIMIT 1""")
_OPEN = text("""
    WITH numbered AS (
        UPDATE orders SET last_return = last_return + 1 WHERE order_id = :order_id
    ), opened AS (
        INSERT INTO returns (return_id, order_id, number, key, course, state, location, request_id, reason, opened_at,
                             state_at)
        VALUES (:return_id, :order_id, :number, :key, :course, :state, :location, :request_id,
                CASE WHEN EXISTS (SELECT FROM vault WHERE order_id = :order_id AND erased_at IS NOT NULL) THEN NULL
                     ELSE CAST(:reason AS bytea) END, :now, :now)
    ), started AS (
        INSERT INTO outbox (workflow, workflow_id, signal, payload) VALUES (:workflow, :workflow_id, '', :payload)
    )
    INSERT INTO return_lines (return_id, line_id, position, sku, quantity)
    SELECT :return_id, line_id, min(position), min(sku), sum(quantity)
    FROM ROWS FROM (jsonb_to_recordset(CAST(:lines AS jsonb)) AS (line_id text, sku text, quantity integer))
         WITH ORDINALITY AS line(line_id, sku, quantity, position)
    GROUP BY line_id""")
_KEEP_TRACKING = text("UPDATE returns SET tracking_number = :tracking_number WHERE return_id = :return_id")
# The lock comes first, so that the state is judged as the last transaction left it.
_ADVANCE = text("""
    WITH locked AS MATERIALIZED (
        SELECT return_id, order_id, state FROM returns WHERE return_id = :return_id FOR UPDATE
    ), moved AS (
        UPDATE returns SET state = :state, state_at = :now FROM locked
        WHERE returns.return_id = locked.return_id AND locked.state = ANY(CAST(:before AS text[]))
        RETURNING returns.return_id, returns.order_id
    ), told AS (
        INSERT INTO outbox (workflow, workflow_id, signal, payload)
        SELECT :workflow, :workflow_id, :signal, :payload FROM moved WHERE :tells
    )
    SELECT order_id, CASE WHEN CAST(:inbox_id AS bigint) IS NOT NULL
                          THEN finish_inbox(CAST(:inbox_id AS bigint), order_id, :now) END AS finished FROM moved""")
_INSPECT = text("""
    WITH kept AS (
        SELECT line_id, disposition, units FROM jsonb_to_recordset(CAST(:found AS jsonb))
            AS f(line_id text, disposition text, units integer)
    ), obsolete AS (
        DELETE FROM return_findings f WHERE return_id = :return_id
          AND NOT EXISTS (SELECT FROM kept WHERE kept.line_id = f.line_id AND kept.disposition = f.disposition)
    )
    INSERT INTO return_findings (return_id, line_id, disposition, units)
    SELECT :return_id, line_id, disposition, units FROM kept
    ON CONFLICT (return_id, line_id, disposition) DO UPDATE SET units = EXCLUDED.units""")
_INSPECTED = text("""
    SELECT line_id, disposition, units FROM return_findings WHERE return_id = :return_id
    ORDER BY line_id, disposition""")


class PostgresReturnStore(Store):
    """Returns and their lines."""

    async def open(self, request: ReturnRequest, now: datetime) -> Return:
        """Open a return with the outbox row that starts its workflow."""
        order = await self._first(_LOCK, order_id=request.order_id)
        if order is None:
            raise NotFound("no-order", f"no order {request.order_id}")
        if known := await self._find(_BY_KEY, key=request.key):
            return known
        await self._require_returnable(request)
        number = order["last_return"] + 1
        opened = return_id(request.order_id, number)
        start = ReturnStart(order_id=request.order_id, return_id=opened, account=order["account"])
        await self._run(
            _OPEN,
            **request.model_dump(include={"order_id", "key", "course", "location", "request_id"}),
            return_id=opened,
            number=number,
            lines=_lines(request.lines),
            state=ReturnState.AUTHORISED if request.course == "sent-back" else ReturnState.REQUESTED,
            reason=self._cipher.seal_alone(request.reason.encode(), opened, "reason"),
            workflow=RETURN_WORKFLOW,
            workflow_id=return_workflow_id(request.order_id, opened),
            payload=start.model_dump_json(),
            now=now,
        )
        return await self.load(opened)

    async def load(self, return_id: str) -> Return:
        """Load one."""
        found = await self._find(_LOAD, return_id=return_id)
        if found is None:
            raise NotFound("no-return", f"no return {return_id}")
        return found

    async def by_tracking(self, tracking_number: str, *, closed: bool = False) -> Return | None:
        """Return the open return under this tracking number, or with `closed` the one that has ended."""
        if closed:
            return await self._find(_ENDED, tracking_number=tracking_number, states=_OPEN_STATES)
        return await self._find(_BY_TRACKING, tracking_number=tracking_number, states=_OPEN_STATES)

    async def keep_tracking(self, return_id: str, tracking_number: str) -> None:
        """Keep the tracking number under which goods come back."""
        if not await self._run(_KEEP_TRACKING, return_id=return_id, tracking_number=tracking_number):
            raise NotFound("no-return", f"no return {return_id}")

    async def advance(
        self, return_id: str, to: ReturnState, now: datetime, *, tells: bool = False, inbox_id: int | None = None
    ) -> Return | None:
        """Advance along RETURN_NEXT; None when it lost, and then nothing was written."""
        moved = await self._value(
            _ADVANCE,
            return_id=return_id,
            state=to.value,
            before=[state.value for state, after in RETURN_NEXT.items() if to in after],
            workflow=RETURN_WORKFLOW,
            workflow_id=return_workflow_id(return_id.rpartition("/")[0], return_id),
            signal=RETURN_ADVANCED,
            payload=ReturnAdvanced(state=to.value).model_dump_json(),
            tells=tells,
            inbox_id=inbox_id,
            now=now,
        )
        return None if moved is None else await self.load(return_id)

    async def inspect(self, return_id: str, found: Mapping[str, Mapping[Disposition, int]]) -> None:
        """Keep what became of the units; raises Conflict when there are more than were to come back."""
        rows = [
            {"line_id": line.line_id, "disposition": what, "units": units}
            for line in (await self.load(return_id)).lines
            for what, units in _with_missing(line, found.get(line.line_id, {})).items()
        ]
        await self._run(_INSPECT, return_id=return_id, found=json.dumps(rows))

    async def inspected(self, return_id: str) -> Mapping[str, Mapping[Disposition, int]]:
        """Return what `inspect` kept."""
        found: dict[str, dict[Disposition, int]] = {}
        for row in await self._all(_INSPECTED, return_id=return_id):
            found.setdefault(row["line_id"], {})[Disposition(row["disposition"])] = row["units"]
        return found

    async def _find(self, statement: TextClause, **bound: object) -> Return | None:
        row = await self._first(statement, **bound)
        if row is None:
            return None
        sealed = row["reason"]
        reason = "" if sealed is None else self._cipher.open_alone(sealed, row["return_id"], "reason").decode()
        return Return.model_validate(dict(row) | {"reason": reason})

    async def _require_returnable(self, request: ReturnRequest) -> None:
        bound = {"order_id": request.order_id, "sent_back": request.course == "sent-back"}
        line_id = await self._value(_TOO_MANY, lines=_lines(request.lines), **bound)
        if line_id is not None:
            raise Refused("not-returnable", f"line {line_id}: more units than can come back")


def _lines(lines: tuple[ReturnLine, ...]) -> str:
    return json.dumps([line.model_dump(mode="json") for line in lines])


def _with_missing(line: ReturnLine, found: Mapping[Disposition, int]) -> dict[Disposition, int]:
    """Return the units by disposition; what nobody named is MISSING."""
    units = {what: count for what, count in found.items() if count}
    missing = line.quantity - sum(units.values())
    if missing < 0:
        raise Conflict("more-than-returned", f"line {line.line_id}: only {line.quantity} were to come back")
    if missing:
        units[Disposition.MISSING] = units.get(Disposition.MISSING, 0) + missing
    return units
