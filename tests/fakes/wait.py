"""Waits, causes and the events of clearing, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from itertools import accumulate

from domain.barrier import BARRIERS
from domain.errors import NotFound
from domain.fulfillment import Stage
from domain.ports.stores.wait import CauseEvent
from domain.waits import Cause, CauseKind, Wait
from tests.fakes.state import State

_NO_SHIP_BY = datetime.max.replace(tzinfo=UTC)


class FakeWaitStore:
    """Waits by order, scope and cause."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def lock_causes(self, causes: Iterable[str]) -> None:
        """Do nothing: the one lock is held already."""

    async def rewrite(
        self, order_id: str, scope: str, causes: dict[str, str], now: datetime, units: Mapping[str, int] | None = None
    ) -> int:
        """Replace the waits of this scope."""
        before = {key: wait for key, wait in self._state.waits.items() if key[:2] == (order_id, scope)}
        for key in before:
            if key[2] not in causes:
                self.end(*key)
        ticket = self._next_ticket(order_id, 1 if causes else 0)
        for cause, code in causes.items():
            known = before.get((order_id, scope, cause))
            since = known.since if known else now
            self._put(Wait(order_id=order_id, scope=scope, cause=cause, ticket=ticket, code=code, since=since))
            self._state.needs[order_id, scope, cause] = max((units or {}).get(cause, 1), 1)
        return ticket

    async def of_order(self, order_id: str) -> tuple[Wait, ...]:
        """Return all waits of an order."""
        return tuple(wait for key, wait in sorted(self._state.waits.items()) if key[0] == order_id)

    async def clear(self, cause: str, now: datetime) -> None:
        """Insert the event of a cleared cause; its time is not read back."""
        del now
        number = self._state.next("events")
        self._state.events[number] = CauseEvent(event_id=number, cause=cause)

    async def clear_barred(self, causes: Collection[str], now: datetime) -> None:
        """Clear these causes, and what bars goods from places, where anybody waits for them."""
        for cause in sorted({wait.cause for wait in self._state.waits.values()}):
            if cause in causes or cause.startswith(tuple(f"hold:{reason}:" for reason in BARRIERS)):
                await self.clear(cause, now)

    async def forget_idle(self) -> None:
        """Forget events that have nobody to call up."""
        idle = [number for number, event in self._state.events.items() if not self._uncalled(event)]
        for number in idle:
            del self._state.events[number]

    async def next_events(self, limit: int, after: int = 0) -> tuple[CauseEvent, ...]:
        """Return the latest open event of each cause, in order of their numbers."""
        latest = {event.cause: event for _, event in sorted(self._state.events.items())}
        wanted = sorted((event for event in latest.values() if event.event_id > after), key=lambda one: one.event_id)
        return tuple(wanted[:limit])

    async def waiters(self, event: CauseEvent, limit: int) -> tuple[Wait, ...]:
        """Return who is to be served next, the most urgent first."""
        line = self._line(event)[:limit]
        together = accumulate(self._state.needs[_key(wait)] for wait in line)
        supply = self._supply(event.cause, "")
        return tuple(
            wait for wait, taken in zip(line, together, strict=True)
            if wait is line[0] or supply is None or taken <= supply
        )  # fmt: skip

    async def call_up(self, event: CauseEvent, order_id: str, now: datetime | None = None) -> int | None:
        """Mark the order's wait; the one lock is held already."""
        waits = [wait for wait in self._uncalled(event) if wait.order_id == order_id]
        self._state.called.update({_key(wait): event.event_id for wait in waits})
        self._state.called_at.update({_key(wait): now for wait in waits if now})
        return max((wait.ticket for wait in waits), default=None)

    async def finish(self, event: CauseEvent) -> bool:
        """Forget this and all earlier events of its cause, unless somebody was not called up yet."""
        if self._line(event):
            return False
        ended = [
            number for number, other in self._state.events.items()
            if other.cause == event.cause and number <= event.event_id
        ]  # fmt: skip
        for number in ended:
            del self._state.events[number]
        return bool(ended)

    async def setting_out(self, since: datetime) -> int:
        """Return how many parts were planned since then that nobody has taken up yet."""
        planned = (part for part in self._state.fulfillments.values() if part.stage is Stage.PLANNED)
        return sum(self._state.planned_at[part.fulfillment_id] > since for part in planned)

    def add(self, order_id: str, scope: str, cause: str, now: datetime) -> None:
        """Let a scope wait for one more cause, under a new ticket."""
        ticket = self._next_ticket(order_id)
        self._put(Wait(order_id=order_id, scope=scope, cause=cause, ticket=ticket, code="", since=now))
        self._state.needs[order_id, scope, cause] = 1

    def end(self, order_id: str, scope: str, cause: str) -> None:
        """End one wait."""
        for table in (self._state.waits, self._state.needs, self._state.called, self._state.called_at):
            table.pop((order_id, scope, cause), None)

    def _put(self, wait: Wait) -> None:
        self._state.waits[wait.order_id, wait.scope, wait.cause] = wait

    def _next_ticket(self, order_id: str, step: int = 1) -> int:
        if order_id not in self._state.orders:
            raise NotFound("no-order", f"no order {order_id}")
        order = self._state.orders[order_id]
        self._state.orders[order_id] = order.model_copy(update={"ticket": order.ticket + step})
        return order.ticket + step

    def _line(self, event: CauseEvent) -> list[Wait]:
        """Return whom the event has not called up yet and could serve, the most urgent first."""
        waiting = filter(self._is_servable, self._uncalled(event))
        return sorted(waiting, key=lambda wait: (*self._urgency(wait.order_id), wait.scope))

    def _uncalled(self, event: CauseEvent) -> list[Wait]:
        return [
            wait for key, wait in self._state.waits.items()
            if wait.cause == event.cause and self._state.called.get(key, 0) < event.event_id
        ]  # fmt: skip

    def _is_servable(self, wait: Wait) -> bool:
        order = self._state.orders[wait.order_id]
        supply = self._supply(wait.cause, (order.pickup_location or "") if order.delivery == "pickup" else "")
        return supply is None or supply >= self._state.needs[_key(wait)]

    def _supply(self, cause_text: str, place: str) -> int | None:
        """Return how many units there are at a place, or anywhere; None where it is no matter of units."""
        cause = Cause.parse(cause_text)
        if cause.kind is not CauseKind.STOCK:
            return None
        return sum(
            max(level.on_hand - level.reserved - level.safety, 0)
            for (sku, location), level in self._state.levels.items()
            if sku == cause.subject and place in {"", location}
        )

    def _urgency(self, order_id: str) -> tuple[datetime, str]:
        order = self._state.orders[order_id]
        dates = (line.ship_by or order.ship_by or _NO_SHIP_BY for line in order.lines)
        return min(dates, default=_NO_SHIP_BY), order_id


def _key(wait: Wait) -> tuple[str, str, str]:
    return wait.order_id, wait.scope, wait.cause
