"""Waits, causes and the events of clearing, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from domain.errors import NotFound
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait
from tests.fakes.state import State

_NO_SHIP_BY = datetime.max.replace(tzinfo=UTC)


class FakeWaitStore:
    """Waits by order, scope and cause."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def lock_causes(self, causes: Iterable[str]) -> None:
        """Do nothing: the one lock is held already."""

    async def rewrite(self, order_id: str, scope: str, causes: dict[str, str], now: datetime) -> int:
        """Replace the waits of this scope."""
        before = {key: wait for key, wait in self._state.waits.items() if key[:2] == (order_id, scope)}
        for key in before:
            self.end(*key)
        ticket = self._next_ticket(order_id, 1 if causes else 0)
        for cause, code in causes.items():
            known = before.get((order_id, scope, cause))
            since = known.since if known else now
            self._put(Wait(order_id=order_id, scope=scope, cause=cause, ticket=ticket, code=code, since=since))
        return ticket

    async def of_order(self, order_id: str) -> tuple[Wait, ...]:
        """Return all waits of an order."""
        return tuple(wait for key, wait in sorted(self._state.waits.items()) if key[0] == order_id)

    async def clear(self, cause: str, now: datetime) -> None:
        """Insert the event of a cleared cause; its time is not read back."""
        del now
        number = self._state.next("events")
        self._state.events[number] = CauseEvent(event_id=number, cause=cause)

    async def next_events(self, limit: int) -> tuple[CauseEvent, ...]:
        """Return open events, oldest first, the latest of each cause."""
        latest = {event.cause: event for _, event in sorted(self._state.events.items())}
        return tuple(latest.values())[:limit]

    async def waiters(self, cause: str, after: str, limit: int) -> tuple[Wait, ...]:
        """Return who waits for the cause, the most urgent first."""
        waiting = sorted(
            (wait for wait in self._state.waits.values() if wait.cause == cause),
            key=lambda wait: (*self._urgency(wait.order_id), wait.scope),
        )
        if after:
            waiting = [wait for wait in waiting if self._urgency(wait.order_id) > self._urgency(after)]
        # A page never ends between two waits of one order, since the next begins behind that order.
        last = waiting[:limit][-1:]
        return tuple(wait for place, wait in enumerate(waiting) if place < limit or wait.order_id == last[0].order_id)

    async def finish(self, event: CauseEvent, now: datetime) -> None:
        """Forget this and all earlier events of its cause."""
        del now
        for number, other in list(self._state.events.items()):
            if other.cause == event.cause and number <= event.event_id:
                del self._state.events[number]

    def add(self, order_id: str, scope: str, cause: str, now: datetime) -> None:
        """Let a scope wait for one more cause, under a new ticket."""
        ticket = self._next_ticket(order_id)
        self._put(Wait(order_id=order_id, scope=scope, cause=cause, ticket=ticket, code="", since=now))

    def end(self, order_id: str, scope: str, cause: str) -> None:
        """End one wait."""
        self._state.waits.pop((order_id, scope, cause), None)

    def _put(self, wait: Wait) -> None:
        self._state.waits[wait.order_id, wait.scope, wait.cause] = wait

    def _next_ticket(self, order_id: str, step: int = 1) -> int:
        if order_id not in self._state.orders:
            raise NotFound("no-order", f"no order {order_id}")
        order = self._state.orders[order_id]
        self._state.orders[order_id] = order.model_copy(update={"ticket": order.ticket + step})
        return order.ticket + step

    def _urgency(self, order_id: str) -> tuple[datetime, str]:
        return self._state.orders[order_id].ship_by or _NO_SHIP_BY, order_id
