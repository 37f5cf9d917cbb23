"""The outbox in PostgreSQL; its rows notify ``crossdock_outbox`` when their transaction commits."""

from __future__ import annotations

from sqlalchemy import text

from domain.errors import NotFound
from domain.messages import ORDER_WORKFLOW, OrderStart, order_workflow_id
from domain.ports.stores.outbox import Telling
from infra.database.store import Store

_TELL = text("""
    INSERT INTO outbox (workflow, workflow_id, signal, payload) VALUES (:workflow, :workflow_id, :signal, :payload)""")
_ORDER = text("SELECT order_id, account, number, priority FROM orders WHERE order_id = :order_id")
# Materialized: a plan may run a plain subquery once per row, and each run would lock and take the next rows.
_TAKE = text("""
    WITH oldest AS MATERIALIZED (
        SELECT outbox_id FROM outbox WHERE NOT dead ORDER BY outbox_id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM outbox USING oldest WHERE outbox.outbox_id = oldest.outbox_id
        RETURNING outbox.outbox_id, workflow, workflow_id, signal, payload
    )
    SELECT * FROM taken ORDER BY outbox_id""")
_BURY = text("""
    INSERT INTO outbox (workflow, workflow_id, signal, payload, dead)
    VALUES (:workflow, :workflow_id, :signal, :payload, true)""")


class PostgresOutboxStore(Store):
    """Rows that wait for the relay."""

    async def tell(self, telling: Telling) -> None:
        """Write a row."""
        await self._run(_TELL, **telling.model_dump(exclude={"outbox_id"}))

    async def start_order(self, order_id: str) -> None:
        """Write the row that starts an order's workflow; raises NotFound."""
        order = await self._first(_ORDER, order_id=order_id)
        if order is None:
            raise NotFound("no-order", f"no order {order_id}")
        start = OrderStart(**order).model_dump_json()
        await self.tell(
            Telling(workflow=ORDER_WORKFLOW, workflow_id=order_workflow_id(order_id), signal="", payload=start)
        )

    async def take(self, limit: int) -> tuple[Telling, ...]:
        """Take up to `limit` rows out, oldest first, skipping those another relay holds."""
        return tuple(Telling(**row) for row in await self._all(_TAKE, limit=limit))

    async def bury(self, dead: tuple[Telling, ...]) -> None:
        """Keep rows whose workflow does not exist."""
        for telling in dead:
            await self._run(_BURY, **telling.model_dump(exclude={"outbox_id"}))
