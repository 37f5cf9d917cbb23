"""The loops beside the workers: relay, allocator and what is swept; they wake by notification, and by the clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg

from activities.context import Context
from activities.fact import apply_message
from activities.intake import take_in
from activities.outage import call_probers
from activities.relay import BATCH as RELAY_BATCH
from activities.relay import relay_once
from activities.retention import sweep_once
from activities.stock import EXPIRED, expire_soft_once
from activities.waking import Waking
from domain.errors import CrossdockError, Unavailable
from domain.ports.engine import Engine
from workers.parties import ConfiguredParties

_log = logging.getLogger(__name__)

RELAY_CHANNEL = "crossdock_outbox"
EVENTS_CHANNEL = "crossdock_events"
OUTAGES_CHANNEL = "crossdock_outages"

_NET = 5.0
_PAUSE_AFTER_FAILURE = 1.0
_LEFT_BEHIND_AFTER = timedelta(seconds=2)
_BATCH = 50
_SWEEP_EVERY = timedelta(minutes=10)


class Bell:
    """Rings when PostgreSQL notifies a channel; the net catches what a lost connection missed."""

    def __init__(self, url: str, channels: tuple[str, ...]) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://")
        self._events = {channel: asyncio.Event() for channel in channels}

    async def listen(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    for channel in self._events:
                        await connection.execute(f"LISTEN {channel}".encode())
                    async for notice in connection.notifies():
                        self._events[notice.channel].set()
            except psycopg.OperationalError as error:
                _log.warning("not listening to the database: %s", type(error).__name__)
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)

    async def wait(self, channel: str) -> None:
        """Wait for a ring, or for the net's time."""
        event = self._events[channel]
        try:
            async with asyncio.timeout(_NET):
                await event.wait()
        except TimeoutError:
            return
        event.clear()


async def repeat(
    name: str, once: Callable[[], Awaitable[int]], batch: int, rest: Callable[[], Awaitable[None]]
) -> None:
    """Do one batch after the other; rest after one that was not full; outlive every failure, and say so."""
    while True:
        try:
            done = await once()
        except CrossdockError as error:
            _log.warning("%s waits: %s", name, error.code)
            await asyncio.sleep(_PAUSE_AFTER_FAILURE)
        except Exception:  # noqa: BLE001 - a loop that ends loses what comes after; the log has the rest
            _log.exception("%s failed and goes on", name)
            await asyncio.sleep(_PAUSE_AFTER_FAILURE)
        else:
            if done < batch:
                await rest()


async def sweep_inbox(context: Context) -> int:
    """Take in messages that were stored and not finished: a process died in between, or they came too early."""
    done = after = 0
    while True:
        async with context.record.begin() as tx:
            left = await tx.inbox.unfinished(context.now() - _LEFT_BEHIND_AFTER, _BATCH, after)
        for inbox_id in left:
            done += await _finish_message(context, inbox_id)
        if len(left) < _BATCH:
            return done
        after = left[-1]  # whatever still comes too early must not hide what came after it


async def _finish_message(context: Context, inbox_id: int) -> int:
    try:
        async with context.record.begin() as tx:
            row = await tx.inbox.load(inbox_id)
        if row.source == "pull":
            await take_in(context, await context.parties.marketplace(row.party), row)
        else:
            await apply_message(context, row)
    except Unavailable as error:
        return await _put_off(context, inbox_id, error.code)
    except Exception:  # noqa: BLE001 - it is logged, and one message must not stop those behind it
        _log.exception("message %s could not be applied", inbox_id)
        return await _put_off(context, inbox_id, "broken")
    return 1


async def _put_off(context: Context, inbox_id: int, code: str) -> int:
    async with context.record.begin() as tx:
        await tx.inbox.put_off(inbox_id, code, context.now())
    return 0


async def watch_outages(context: Context) -> int:
    """Call somebody to probe where that is due, and let the clients of this process know who is out."""
    known = await call_probers(context)
    if isinstance(context.parties, ConfiguredParties):
        context.parties.gates.learn(known)
    return 0


async def run_loops(context: Context, engine: Engine, url: str, *, window: int) -> None:
    """Run all loops until cancelled; `window` is how many woken orders may be on their way at once."""
    bell = Bell(url, (RELAY_CHANNEL, EVENTS_CHANNEL, OUTAGES_CHANNEL))
    loops = (
        ("relay", lambda: relay_once(context.record, engine), RELAY_BATCH, lambda: bell.wait(RELAY_CHANNEL)),
        ("allocator", Waking(context, window).go_round, 1, lambda: bell.wait(EVENTS_CHANNEL)),
        ("outages", lambda: watch_outages(context), 1, lambda: bell.wait(OUTAGES_CHANNEL)),
        ("soft reservations", lambda: expire_soft_once(context), EXPIRED, lambda: asyncio.sleep(_NET)),
        ("inbox", lambda: sweep_inbox(context), 1, lambda: asyncio.sleep(_LEFT_BEHIND_AFTER.total_seconds())),
        ("sweep", lambda: sweep_once(context), 1, lambda: asyncio.sleep(_SWEEP_EVERY.total_seconds())),
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(bell.listen())
        for name, once, batch, rest in loops:
            group.create_task(repeat(name, once, batch, rest))
