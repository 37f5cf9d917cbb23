"""The relay: tells Temporal what became true. It takes rows, tells, then commits; a crash tells twice."""

from __future__ import annotations

import asyncio

from domain.ports.engine import Engine
from domain.ports.stores import Record
from domain.ports.stores.outbox import Telling

BATCH = 50


async def relay_once(record: Record, engine: Engine) -> int:
    """Relay one batch; return how many rows there were.

    Rows of one workflow are told in the order in which they were written.

    Raises:
        Unavailable: Temporal is down; the rows stay.
    """
    async with record.begin() as tx:
        tellings = await tx.outbox.take(BATCH)
        if not tellings:
            return 0
        by_workflow: dict[str, list[Telling]] = {}
        for telling in tellings:
            by_workflow.setdefault(telling.workflow_id, []).append(telling)
        dead = await asyncio.gather(*(_tell(engine, group) for group in by_workflow.values()))
        lost = tuple(telling for group in dead for telling in group)
        if lost:
            await tx.outbox.bury(lost)
    return len(tellings)


async def _tell(engine: Engine, tellings: list[Telling]) -> list[Telling]:
    dead: list[Telling] = []
    for telling in tellings:
        if not telling.signal:
            await engine.start(telling)
        elif not await engine.signal(telling):
            dead.append(telling)
    return dead
