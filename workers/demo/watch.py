"""The watch: looks at world and record again and again, until everything is at rest or the patience ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rich.live import Live
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from domain.messages import ORDER_WORKFLOW, REFUND_WORKFLOW, RETURN_WORKFLOW
from domain.order import OrderState
from workers.demo.director import Scene
from workers.demo.display import Board
from workers.demo.rest import find_unrest
from workers.demo.snapshot import Snapshot, take_snapshot
from workers.wiring import utc_now

LOOK_EVERY = 1.0
TELL_EVERY = 5.0
_LOOKS_AT_REST = 2

_RUNNING = (
    f"ExecutionStatus = 'Running' AND WorkflowType IN ('{ORDER_WORKFLOW}', '{RETURN_WORKFLOW}', '{REFUND_WORKFLOW}')"
)


class Floor(Protocol):
    """Where orders are placed."""

    async def look(self, scene_id: str) -> Scene:
        """Return what was placed so far."""
        ...


class Attendant(Protocol):
    """Who helps orders that cannot go on by themselves."""

    async def look_after(self, scene: Scene, snapshot: Snapshot) -> None:
        """Do what can be done now."""
        ...


@dataclass
class Watch:
    """What is looked at, by whom, and what it looked like last.

    Attributes:
        check: raises when a part of the stack has ended.
    """

    floor: Floor
    attendant: Attendant
    connection: AsyncConnection
    client: Client
    board: Board
    check: Callable[[], None]
    snapshot: Snapshot = field(default_factory=Snapshot)

    async def until_rest(self, scene: Scene, seconds: float) -> tuple[Scene, dict[str, int]]:
        """Watch for so many seconds at most; return the scene at the end and what still moves, nothing at rest."""
        began, told, quiet = time.monotonic(), 0.0, 0
        with Live(console=self.board.console, refresh_per_second=4, transient=True) as live:
            while True:
                self.check()
                scene = await self.floor.look(scene.id)
                self.snapshot = await take_snapshot(self.connection)
                await self.attendant.look_after(scene, self.snapshot)
                unrest = await self._find_unrest(scene)
                quiet = 0 if unrest else quiet + 1
                elapsed = time.monotonic() - began
                if quiet == _LOOKS_AT_REST or elapsed > seconds:
                    return scene, unrest
                live.update(self.board.draw(scene, self.snapshot, utc_now()))
                if elapsed - told > TELL_EVERY:
                    told = elapsed
                    self.board.tell(_in_one_line(elapsed, scene, self.snapshot))
                await asyncio.sleep(LOOK_EVERY)

    async def _find_unrest(self, scene: Scene) -> dict[str, int]:
        """Ask Temporal last: only when nothing else moves is it worth a query."""
        unrest = find_unrest(scene, self.snapshot, workflows=0)
        if unrest:
            return unrest
        running = await self.client.count_workflows(_RUNNING)
        return find_unrest(scene, self.snapshot, running.count)


def _in_one_line(elapsed: float, scene: Scene, snapshot: Snapshot) -> str:
    rest = sum(row.state is not OrderState.OPEN for row in snapshot.orders)
    return (
        f"{elapsed:.0f} s: {len(scene.orders)} of {scene.planned} orders placed, {len(snapshot.orders)} recorded, "
        f"{rest} at rest, {len(snapshot.set_aside)} messages set aside"
    )
