"""Which workflows of an order wait, and for what: where a verb has to be sent."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.messages import order_workflow_id, refund_workflow_id, return_workflow_id
from domain.values import Model
from infra.database.reports.reading import fetch

# A return takes its own steps, answers the channel and sends its own refund, so that its workflow waits.
_WAITING = text("""
    SELECT w.cause, coalesce(r.return_id, substring(m.key FROM '^return:(.*)$')) AS return_id, m.number AS refund_number
    FROM waits w
    LEFT JOIN returns r ON r.order_id = w.order_id
        AND (r.return_id = w.scope OR starts_with(w.scope, r.return_id || '/'))
    LEFT JOIN refunds m ON m.refund_id = w.scope
    WHERE w.order_id = :order_id
    ORDER BY w.since, w.scope, w.cause""")


class _Wait(Model):
    cause: str
    return_id: str | None
    refund_number: int | None


class WaitingWorkflow(Model):
    """A workflow that waits for a cause."""

    workflow_id: str
    cause: str


async def list_waiting_workflows(connection: AsyncConnection, order_id: str) -> list[WaitingWorkflow]:
    """Return each wait of an order with the workflow that waits, longest first."""
    waits = await fetch(connection, _Wait, _WAITING, order_id=order_id)
    return [WaitingWorkflow(workflow_id=_workflow_id(order_id, wait), cause=wait.cause) for wait in waits]


def _workflow_id(order_id: str, wait: _Wait) -> str:
    if wait.return_id:
        return return_workflow_id(order_id, wait.return_id)
    if wait.refund_number:
        return refund_workflow_id(order_id, wait.refund_number)
    return order_workflow_id(order_id)
