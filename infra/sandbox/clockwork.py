"""What makes the actors move: runs each deed when its time has come."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from infra.sandbox.records import Deed
from infra.sandbox.world import World

log = logging.getLogger("sandbox")

Action = Callable[[World, dict[str, str]], Awaitable[None] | None]

NEVER_PAUSED = frozenset({"hook.deliver"})


class Clockwork:
    """A heap of deeds in order of time. Deeds left over by an earlier run of the world go on."""

    def __init__(self, world: World, actions: Mapping[str, Action]) -> None:
        self._world, self._actions = world, actions
        self._heap: list[tuple[datetime, str]] = [(deed.due, deed.id) for deed in world.deeds.values()]
        heapq.heapify(self._heap)
        self._waiting: list[tuple[datetime, str]] = []
        self._changed = asyncio.Event()
        self._running: set[asyncio.Future[None]] = set()
        world.scheduled.append(self._insert)

    def resume(self) -> None:
        """Let the actors go on after a pause."""
        for moment in self._waiting:
            heapq.heappush(self._heap, moment)
        self._waiting.clear()
        self._changed.set()

    async def stop(self) -> None:
        """Break off what is under way; a webhook that was not accepted stays in the journal for the next run."""
        for future in self._running:
            future.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    @property
    def under_way(self) -> int:
        """How many deeds have begun and not ended: webhooks being delivered."""
        return len(self._running)

    async def run(self) -> None:
        """Do every deed when it is due, for ever."""
        while True:
            self._changed.clear()
            while (seconds := self._until_next()) is not None and seconds <= 0:
                self._do_next()
                await asyncio.sleep(0)
            try:
                await asyncio.wait_for(self._changed.wait(), seconds)
            except TimeoutError:
                continue

    def do(self, name: str, args: dict[str, str]) -> None:
        """Let a deed be done at once; an unknown name is a KeyError."""
        outcome = self._actions[name](self._world, args)
        if outcome is not None:
            future = asyncio.ensure_future(outcome)
            self._running.add(future)
            future.add_done_callback(self._running.discard)

    def _insert(self, deed: Deed) -> None:
        heapq.heappush(self._heap, (deed.due, deed.id))
        self._changed.set()

    def _until_next(self) -> float | None:
        return (self._heap[0][0] - self._world.now()).total_seconds() if self._heap else None

    def _do_next(self) -> None:
        due, deed_id = heapq.heappop(self._heap)
        deed = self._world.deeds.get(deed_id)
        if deed is None:
            return
        if self._world.paused and deed.name not in NEVER_PAUSED:
            self._waiting.append((due, deed_id))
            return
        self._world.forget(deed)
        try:
            self.do(deed.name, deed.args)
        except Exception:
            # One actor that stumbles must not stop the world; the stack trace is for us.
            log.exception("deed %s %s failed", deed.name, deed.args)
        self._world.flush()
