"""Ending: what an order waited for is over, so that whatever stood before it goes on, each step by its ticket."""

from __future__ import annotations

from datetime import datetime

from domain.messages import WOKEN, Woken, order_workflow_id
from domain.order import HoldReason
from domain.ports.stores import Transaction
from domain.ports.stores.outbox import Telling
from domain.waits import hold_cause


async def wake(tx: Transaction, order_id: str, ticket: int) -> None:
    """Let the steps of an order that waited under this ticket, or an earlier one, be taken again."""
    payload = Woken(ticket=ticket).model_dump_json()
    await tx.outbox.tell(
        Telling(workflow="Order", workflow_id=order_workflow_id(order_id), signal=WOKEN, payload=payload)
    )


async def end_waits(tx: Transaction, order_id: str, cause: str, now: datetime, *, but: str | None = None) -> int:
    """End the waits of an order for one cause, whatever scope they have; return the ticket that covers them.

    `but` names a scope that is left to whoever calls.
    """
    ticket = 0
    waits = await tx.waits.of_order(order_id)
    for scope in sorted({wait.scope for wait in waits if wait.cause == cause and wait.scope != but}):
        left = {wait.cause: wait.code for wait in waits if wait.scope == scope and wait.cause != cause}
        ticket = await tx.waits.rewrite(order_id, scope, left, now)
    return ticket


async def end_hold(tx: Transaction, order_id: str, reason: HoldReason, by: str, told: datetime, now: datetime) -> bool:
    """End a hold as of a moment, and wake whoever waited for that; False when there was none. The order is locked."""
    ended = await tx.orders.release_hold(order_id, reason, by, told)
    await let_go(tx, order_id, reason, now)
    return ended


async def let_go(tx: Transaction, order_id: str, reason: HoldReason, now: datetime, *, but: str | None = None) -> None:
    """Wake whoever waited for the end of a hold; a review alone wakes none of the steps that did."""
    if ticket := await end_waits(tx, order_id, hold_cause(reason.value, order_id), now, but=but):
        await wake(tx, order_id, ticket)
