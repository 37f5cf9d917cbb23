"""The breaker: while a party is out nothing is sent to it but one probe at a time, from whichever worker.

The record knows who is out. Each process keeps what it was told last, so that a request to a party that is well costs
no statement; a worker is told at once (`workers.loops`), any other process looks again when it knows nothing fresh.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import httpx

from domain.outage import Outage, after_failure
from domain.ports.stores import Record

FRESH_FOR = timedelta(seconds=15)
"""Longer than a worker's loop rests, so that the loop is the one who asks."""

REFUSES_FOR = timedelta(seconds=1)
"""What was learnt longer ago refuses nobody: the outage may be over."""

_log = logging.getLogger(__name__)

_OURS = (httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout)
_INTERNAL_ERROR, _NOT_IMPLEMENTED = 500, 501


class Gates:
    """Who is out, as this process knows it; one for all clients of a process."""

    def __init__(self, record: Record, now: Callable[[], datetime]) -> None:
        self.record, self.now = record, now
        self._known: dict[str, Outage] = {}
        self._learnt_at: datetime | None = None

    def learn(self, known: Iterable[Outage]) -> None:
        """Take over what the record knows."""
        self._known = {outage.party: outage for outage in known}
        self._learnt_at = self.now()

    async def enter(self, party: str) -> bool:
        """Let a request pass; return whether it is the probe.

        Raises:
            Unavailable: the party is out, and somebody else probes or nobody yet: surely not executed.
        """
        if self._learnt_before(FRESH_FOR):
            await self._look()
        known = self._known.get(party)
        if known is not None and known.opened_at is not None and known.lets_through(self.now()):
            async with self.record.begin() as tx:
                if await tx.outages.take_probe(party, self.now()):
                    return True
            await self._look()
        elif known is not None and known.opened_at is not None and self._learnt_before(REFUSES_FOR):
            await self._look()
        known = self._known.get(party)
        if known is None or known.opened_at is None:
            return False
        raise known.refusal(self.now())

    async def note_failure(self, party: str, *, probing: bool) -> Outage | None:
        """Count a failure; return the outage when it is open now."""
        try:
            async with self.record.begin() as tx:
                known = after_failure(await tx.outages.lock(party), party, self.now(), probing=probing)
                await tx.outages.keep(known)
        except Exception:  # noqa: BLE001 - what was sent was sent: a lost count must not say that it was not
            _log.exception("a failure of %s was not counted", party)
            return None
        self._known[party] = known
        return known if known.opened_at else None

    async def note_answer(self, party: str, *, probing: bool) -> None:
        """Forget earlier failures; only a probe's answer ends an outage that is open."""
        known = self._known.get(party)
        if known is None or (known.opened_at is not None and not probing):
            return
        try:
            async with self.record.begin() as tx:
                latest = await tx.outages.lock(party)
                if latest is not None and (latest.opened_at is None or probing):
                    await tx.outages.end(party, self.now())
        except Exception:  # noqa: BLE001 - it was answered, whatever the record says; the next probe ends the outage
            _log.exception("an answer of %s was not noted", party)
            return
        self._known.pop(party, None)

    def _learnt_before(self, span: timedelta) -> bool:
        return self._learnt_at is None or self.now() - self._learnt_at >= span

    async def _look(self) -> None:
        async with self.record.begin() as tx:
            known = await tx.outages.known()
        self.learn(known)


class BreakingTransport(httpx.AsyncBaseTransport):
    """Asks before it sends, and tells how it went."""

    def __init__(self, inner: httpx.AsyncBaseTransport, party: str, gates: Gates) -> None:
        self._inner, self._party, self._gates = inner, party, gates

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises Unavailable while the party is out."""
        probing = await self._gates.enter(self._party)
        try:
            response = await self._inner.handle_async_request(request)
        except _OURS:
            raise
        except httpx.TransportError as error:
            outage = await self._gates.note_failure(self._party, probing=probing)
            if outage is not None and isinstance(error, _UNSENT):
                raise outage.refusal(self._gates.now()) from error
            raise
        if response.status_code >= _INTERNAL_ERROR and response.status_code != _NOT_IMPLEMENTED:
            await self._gates.note_failure(self._party, probing=probing)
        else:
            await self._gates.note_answer(self._party, probing=probing)
        return response

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()
