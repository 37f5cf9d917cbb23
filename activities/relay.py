"""The relay: tells Temporal what became true. It takes rows, tells, then commits; a crash tells twice."""

from __future__ import annotations

import asyncio

from domain.ports.engine import Engine
from domain.ports.stores import Record
from domain.ports.stores.outbox import Telling

BATCH = 50


async def relay_once(record: Record, engine: Engine) -> int:
    """Relay one batch; return how many rows there were.

    Rows of one workflow are told in the order in which they were written. What Temporal takes is done with; what it
    does not take goes behind all others, so that it holds up nobody.

    Raises:
        Exception: the first reason why something was not taken; Unavailable where Temporal is down. Those rows stay.
    """
    async with record.begin() as tx:
        tellings = await tx.outbox.take(BATCH)
        by_workflow: dict[str, list[Telling]] = {}
        for telling in tellings:
            by_workflow.setdefault(telling.workflow_id, []).append(telling)
        groups = list(by_workflow.values())
        told = await asyncio.gather(*(_tell(engine, group) for group in groups), return_exceptions=True)
        errors = [result for result in told if isinstance(result, BaseException)]
        if errors and len(errors) == len(groups):
            raise errors[0]
        for telling in (one for group, result in zip(groups, told, strict=True) if result in errors for one in group):
            await tx.outbox.tell(telling)
        lost = tuple(telling for dead in told if not isinstance(dead, BaseException) for telling in dead)
        if lost:
            await tx.outbox.bury(lost)
    if errors:
        raise errors[0]
    return len(tellings)


async def _tell(engine: Engine, tellings: list[Telling]) -> list[Telling]:
    """Tell one workflow everything; return what nobody was there to hear."""
    dead: list[Telling] = []
    for telling in tellings:
        if not telling.signal:
            await engine.start(telling)
        elif not await engine.signal(telling):
            dead.append(telling)
    return dead
