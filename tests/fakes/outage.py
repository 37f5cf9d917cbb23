"""Outages in memory."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.outage import CALLED_LASTS, PROBE_LASTS, Outage, outage_cause
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait
from tests.fakes.state import State
from tests.fakes.wait import FakeWaitStore

_NEVER = datetime.min.replace(tzinfo=UTC)
_NO_SHIP_BY = datetime.max.replace(tzinfo=UTC)


class FakeOutageStore:
    """Parties that failed lately."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def known(self) -> tuple[Outage, ...]:
        """Return all of them, by party."""
        return tuple(outage for _, outage in sorted(self._state.outages.items()))

    async def lock(self, party: str) -> Outage | None:
        """Return what is known; the one lock is held already."""
        return self._state.outages.get(party)

    async def keep(self, outage: Outage) -> None:
        """Keep what is known."""
        self._state.outages[outage.party] = outage
        if outage.opened_at is not None:
            cause = outage_cause(outage.party)
            for number in [number for number, event in self._state.events.items() if event.cause == cause]:
                del self._state.events[number]

    async def end(self, party: str, now: datetime) -> bool:
        """Forget it, and clear its cause if it was open."""
        known = self._state.outages.pop(party, None)
        if known is None or known.opened_at is None:
            return False
        await FakeWaitStore(self._state).clear(outage_cause(party), now)
        return True

    async def take_probe(self, party: str, now: datetime) -> bool:
        """Become the one who probes."""
        known = self._state.outages.get(party)
        if known is None or known.probe_at is None or known.probe_at > now:
            return False
        self._state.outages[party] = known.model_copy(update={"probe_at": now + PROBE_LASTS})
        return True

    async def under_way(self, event: CauseEvent, since: datetime) -> int:
        """Count those who were called up and wait still."""
        called = [key for key in self._state.waits if self._state.called.get(key) == event.event_id]
        return sum(self._state.called_at.get(key, _NEVER) > since for key in called if key[2] == event.cause)

    async def call_prober(self, party: str, now: datetime) -> Wait | None:
        """Choose who is to send the next probe."""
        known = self._state.outages.get(party)
        waits = [key for key in self._state.waits if key[2] == outage_cause(party)]
        called = {key: self._state.called_at.get(key, _NEVER) for key in waits}
        if known is None or known.probe_at is None or known.probe_at > now or not waits:
            return None
        if max(called.values()) > now - CALLED_LASTS:
            return None
        chosen = min(waits, key=lambda key: (called[key], self._state.orders[key[0]].ship_by or _NO_SHIP_BY, key))
        self._state.called_at[chosen] = now
        return self._state.waits[chosen]
