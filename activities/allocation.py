"""The allocator: when a cause is cleared, the orders that waited for it are served in order of ship-by date.

Granting, not waking all: an order is told only after something was planned for it, since a useless wake costs history.
"""

from __future__ import annotations

from activities.context import Context
from activities.review import review_in
from activities.steps import ReviewRequest
from domain.messages import WOKEN, Woken, order_workflow_id
from domain.ports.stores.outbox import Telling
from domain.ports.stores.wait import CauseEvent
from domain.waits import Cause, CauseKind, Wait

EVENTS = 20
WAITERS = 50


async def allocate_once(context: Context) -> int:
    """Serve one batch of events; return how many there were. Each order has a transaction of its own."""
    async with context.record.begin() as tx:
        events = await tx.waits.next_events(EVENTS)
    for event in events:
        await _serve(context, event)
        async with context.record.begin() as tx:
            await tx.waits.finish(event, context.now())
    return len(events)


async def _serve(context: Context, event: CauseEvent) -> None:
    after = ""
    while await _anything_left(context, event.cause):
        async with context.record.begin() as tx:
            waiters = await tx.waits.waiters(event.cause, after, WAITERS)
        if not waiters:
            return
        for waiter in waiters:
            after = waiter.order_id
            await _grant(context, waiter)
            if not await _anything_left(context, event.cause):
                return


async def _anything_left(context: Context, cause_text: str) -> bool:
    """Tell whether the cause can serve anybody: stock that is used up wakes nobody."""
    cause = Cause.parse(cause_text)
    if cause.kind is not CauseKind.STOCK:
        return True
    async with context.record.begin() as tx:
        return any(level.available > 0 for level in await tx.stock.levels([cause.subject]))


async def _grant(context: Context, waiter: Wait) -> None:
    """Plan for one order what can be planned now, and wake it if that was anything."""
    async with context.record.begin() as tx:
        seen = await review_in(tx, ReviewRequest(order_id=waiter.order_id), context.policy, context.now())
        if seen.planned:
            payload = Woken(ticket=max(waiter.ticket, seen.ticket)).model_dump_json()
            workflow_id = order_workflow_id(waiter.order_id)
            await tx.outbox.tell(Telling(workflow="Order", workflow_id=workflow_id, signal=WOKEN, payload=payload))
