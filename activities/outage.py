"""Outages: an order's step that meets one waits for its end, and those who wait leave in order of slack.

A step that is refused by the breaker was surely not executed. It writes a wait instead of failing, under the lock of
the cause: whoever ends the outage afterwards sees it. While the outage lasts one of those who wait is called from time
to time; what it sends is the probe. Its answer clears the cause, and the allocator lets the others go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from activities.context import Context
from activities.steps import StepResult
from domain.errors import Unavailable
from domain.messages import (
    ORDER_WORKFLOW,
    REFUND_WORKFLOW,
    RETURN_WORKFLOW,
    WOKEN,
    Woken,
    order_workflow_id,
    refund_workflow_id,
    return_workflow_id,
)
from domain.outage import Outage, party_out
from domain.ports.stores import Transaction
from domain.ports.stores.outbox import Telling
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait

StepsT = TypeVar("StepsT")
ArgT = TypeVar("ArgT")
ResultT = TypeVar("ResultT")
Run = Callable[[StepsT, ArgT], Awaitable[ResultT]]

_NO_ANSWER = "no-answer"
_TURN = 8
_GOES_WITHIN = timedelta(seconds=60)
"""An order that was let go holds its place in the window until its step is done, but no longer than this."""


def parks(scope: Callable[[Any], str]) -> Callable[[Run[StepsT, ArgT, StepResult]], Run[StepsT, ArgT, StepResult]]:
    """Let a step wait, under this scope of its order, when the party it asks is out.

    For methods of a class whose `_context` is its context; their one argument is the order's id, or has it.
    """

    def make(step: Run[StepsT, ArgT, StepResult]) -> Run[StepsT, ArgT, StepResult]:
        @wraps(step)
        async def take(steps: StepsT, arg: ArgT) -> StepResult:
            try:
                return await step(steps, arg)
            except Unavailable as error:
                party = party_out(error.code)
                if not party:
                    raise
                asked: Any = arg
                order_id: str = arg if isinstance(arg, str) else asked.order_id
                return await wait_for_end(vars(steps)["_context"], order_id, scope(arg), error.code)

        return take

    return make


def skips(result: ResultT) -> Callable[[Run[StepsT, ArgT, ResultT]], Run[StepsT, ArgT, ResultT]]:
    """Let a scheduled run end with this result when the party it asks is out: the next run comes anyway."""

    def make(run: Run[StepsT, ArgT, ResultT]) -> Run[StepsT, ArgT, ResultT]:
        @wraps(run)
        async def take(steps: StepsT, arg: ArgT) -> ResultT:
            try:
                return await run(steps, arg)
            except Unavailable as error:
                if not party_out(error.code):
                    raise
                return result

        return take

    return make


async def wait_for_end(context: Context, order_id: str, scope: str, cause: str) -> StepResult:
    """Let a part of an order wait until a party works again. Locks: order → cause.

    Raises:
        Unavailable: it works again already.
    """
    async with context.record.begin() as tx:
        await tx.orders.load(order_id, lock=True)
        known = await tx.outages.lock(party_out(cause))
        if known is None or known.opened_at is None:
            raise Unavailable("outage-over", "it is tried again at once", retry_after=1)
        ticket = await tx.waits.rewrite(order_id, scope, {cause: _NO_ANSWER}, context.now())
    return StepResult(ticket=ticket, cause=cause, done=False)


async def call_probers(context: Context) -> tuple[Outage, ...]:
    """Call one of those who wait for each party that may be asked again; return everything that is known."""
    async with context.record.begin() as tx:
        known = await tx.outages.known()
    now = context.now()
    for outage in known:
        if outage.opened_at is not None and outage.lets_through(now):
            async with context.record.begin() as tx:
                waiter = await tx.outages.call_prober(outage.party, now)
                if waiter is not None:
                    await let_go(tx, waiter)
    return known


async def serve_turn(context: Context, event: CauseEvent, window: int) -> bool:
    """Let some of those go who waited for a party, the most urgent first; return whether nobody is left.

    So many at once as the window holds: each keeps its place in it until its step is done, which the limits of the
    party may delay. They need not be planned for anew, and so need no review.
    """
    now = context.now()
    async with context.record.begin() as tx:
        room = window - await tx.outages.under_way(event, now - _GOES_WITHIN)
        line = await tx.waits.waiters(event, min(room, _TURN)) if room > 0 else ()
        if room > 0 and not line:
            return await tx.waits.finish(event)
    for waiter in line:
        async with context.record.begin() as tx:
            if await tx.waits.call_up(event, waiter.order_id, now) is not None:
                for wait in await tx.waits.of_order(waiter.order_id):
                    if wait.cause == event.cause:
                        await let_go(tx, wait)
    return False


async def end_outage(tx: Transaction, party: str, context: Context) -> bool:
    """End an outage by a person's word; return whether there was one. A party that is still out is soon out again."""
    await tx.outages.lock(party)
    return await tx.outages.end(party, context.now())


async def let_go(tx: Transaction, wait: Wait) -> None:
    """Tell the workflow whose step waits that it may take it again."""
    workflow, workflow_id = await _workflow_of(tx, wait)
    payload = Woken(ticket=wait.ticket).model_dump_json()
    await tx.outbox.tell(Telling(workflow=workflow, workflow_id=workflow_id, signal=WOKEN, payload=payload))


async def _workflow_of(tx: Transaction, wait: Wait) -> tuple[str, str]:
    """Return which workflow of the order takes the steps of this scope; a return sends its own refund."""
    kind, _, number = wait.scope.removeprefix(f"{wait.order_id}/").partition("/")
    if kind == "refund":
        owner = (await tx.money.load_refund(wait.scope)).key
        if owner.startswith("return:"):
            return RETURN_WORKFLOW, return_workflow_id(wait.order_id, owner.removeprefix("return:"))
        return REFUND_WORKFLOW, refund_workflow_id(wait.order_id, int(number))
    if kind.startswith("R") and kind[1:].isdigit():
        return RETURN_WORKFLOW, return_workflow_id(wait.order_id, kind)
    return ORDER_WORKFLOW, order_workflow_id(wait.order_id)
