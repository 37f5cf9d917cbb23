"""Waking: when a cause is cleared, the orders that waited for it are served in turns, the most urgent first.

Granting, not waking all: an order is told only after something was planned for it, since a useless wake costs history.
Any number of processes may serve at once. Nothing is leased and no progress is kept outside the rows themselves: each
grant is one transaction that marks its own wait, so that a process may die at any point and nobody notices.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from activities.context import Context
from activities.ending import wake
from activities.outage import serve_turn
from activities.quoting import ask_first
from activities.review import review_in
from activities.steps import ReviewRequest
from domain.errors import Unavailable
from domain.outage import party_out
from domain.ports.stores import Transaction
from domain.ports.stores.wait import CauseEvent, Wait
from domain.waits import CauseKind

_log = logging.getLogger(__name__)

WINDOW = 5
"""How many orders may be on their way at once after they were served; more only queue before new orders."""

_CAUSES = 50
_TURN = 8
_SETS_OUT_WITHIN = timedelta(seconds=5)
_BREATH = 0.1
_PATIENCE = 10
"""Breaths; new orders may never leave any room, and those that waited go on all the same, one after the other."""


class Waking:
    """Serves cleared causes in turns, so that one with ten thousand waiters delays no other.

    Args:
        context: the world.
        window: how many orders that were served may not have set out yet. It shapes the rate: the next are served as
            fast as the engine takes up those before, and new orders meet a short queue. An order that has not set out
            within five seconds (its location does not answer, say) counts no longer.
    """

    def __init__(self, context: Context, window: int = WINDOW) -> None:
        self._context = context
        self._window = window
        self._after = 0

    async def go_round(self) -> int:
        """Give each open cause one turn; return how many are still open. Each order has a transaction of its own."""
        async with self._context.record.begin() as tx:
            await tx.waits.forget_idle()
            events = await tx.waits.next_events(_CAUSES, after=self._after)
        # Many causes take more than one round: the next begins where this one ended.
        self._after = events[-1].event_id if len(events) == _CAUSES else 0
        still_open = [event for event in events if not await self._serve(event)]
        return len(still_open) + (len(events) == _CAUSES)

    async def _serve(self, event: CauseEvent) -> bool:
        """Give one cause its turn; return whether it is done with."""
        if party_out(event.cause):
            done = await serve_turn(self._context, event, self._window)
            if not done:
                await asyncio.sleep(_BREATH)
            return done
        line = await self._next_in_line(event)
        if line:
            # One after the other: where goods are scarce, the more urgent must not be overtaken.
            served = [await self._grant(event, waiter) for waiter in line]
            done = False
        else:
            async with self._context.record.begin() as tx:
                done = await tx.waits.finish(event)
            served = [done]
        if not any(served):
            # Somebody else is at every one of them, and is about to finish.
            await asyncio.sleep(_BREATH)
        return done

    async def _next_in_line(self, event: CauseEvent) -> tuple[Wait, ...]:
        """Wait until there is room for another, or for a while, then say who comes next."""
        breaths = 0
        while True:
            async with self._context.record.begin() as tx:
                room = self._window - await tx.waits.setting_out(self._context.now() - _SETS_OUT_WITHIN)
                if room > 0 or breaths >= _PATIENCE:
                    return await tx.waits.waiters(event, min(max(room, 1), _TURN))
            breaths += 1
            await asyncio.sleep(_BREATH)

    async def _grant(self, event: CauseEvent, waiter: Wait) -> bool:
        """Plan for one order what can be planned now; return whether this was its turn."""

        async def plan(*, asks: bool) -> bool:
            async with self._context.record.begin() as tx:
                return await self._plan(tx, event, waiter.order_id, asks=asks)

        try:
            return await ask_first(self._context, waiter.order_id, plan)
        except Unavailable:
            return False
        except Exception:  # noqa: BLE001 - it is logged, and one order stands for itself
            # An order that cannot be reviewed must not stop those behind it; it waits on, where operators see it.
            _log.exception("%s could not be reviewed", waiter.order_id)
            async with self._context.record.begin() as tx:
                return await tx.waits.call_up(event, waiter.order_id) is not None

    async def _plan(self, tx: Transaction, event: CauseEvent, order_id: str, *, asks: bool) -> bool:
        ticket = await tx.waits.call_up(event, order_id)
        if ticket is None:
            return False
        context = self._context
        seen = await review_in(tx, ReviewRequest(order_id=order_id), context.policy, context.now(), asks=asks)
        # What was planned before could not set out under a hold; it can now, also when the rest of the order waits on.
        let_go = event.cause.startswith(CauseKind.HOLD) and not seen.held
        if seen.planned or let_go or not seen.ticket:
            await wake(tx, order_id, max(ticket, seen.ticket))
        return True
