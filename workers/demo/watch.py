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

PATIENCE_SECONDS = 45.0
"""How long nothing may move before the demo gives up; longer than anything in the demo's policy has to wait."""

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

    async def until_rest(self, scene: Scene) -> tuple[Scene, dict[str, int]]:
        """Watch until all is at rest, or nothing has moved for `PATIENCE_SECONDS`.

        Returns:
            The scene at the end, and what had not come to rest: nothing when all is well.
        """
        began = moved = told = time.monotonic()
        quiet, before = 0, ""
        with Live(console=self.board.console, refresh_per_second=4, transient=True) as live:
            while True:
                self.check()
                scene = await self.floor.look(scene.id)
                self.snapshot = await take_snapshot(self.connection)
                await self.attendant.look_after(scene, self.snapshot)
                unrest = await self._find_unrest(scene)
                now, progress = time.monotonic(), measure_progress(scene, self.snapshot)
                moved, before = (moved if progress == before else now), progress
                quiet = 0 if unrest else quiet + 1
                if quiet == _LOOKS_AT_REST or now - moved > PATIENCE_SECONDS:
                    return scene, unrest
                live.update(self.board.draw(scene, self.snapshot, utc_now()))
                if now - told > TELL_EVERY:
                    told = now
                    self.board.tell(f"{now - began:.0f} s: {progress}")
                await asyncio.sleep(LOOK_EVERY)

    async def _find_unrest(self, scene: Scene) -> dict[str, int]:
        """Ask Temporal last: only when nothing else moves is it worth a query."""
        unrest = find_unrest(scene, self.snapshot, workflows=0)
        if unrest:
            return unrest
        running = await self.client.count_workflows(_RUNNING)
        return find_unrest(scene, self.snapshot, running.count)


def measure_progress(scene: Scene, snapshot: Snapshot) -> str:
    """Say in one line how far everything has come; the line stays the same when nothing moves."""
    rest = sum(row.state is not OrderState.OPEN for row in snapshot.orders)
    stages = ", ".join(f"{count} {stage}" for stage, count in sorted(snapshot.stages.items()))
    return (
        f"{len(scene.orders)} of {scene.planned} orders placed, {len(snapshot.orders)} recorded, {rest} at rest, "
        f"{len(snapshot.set_aside)} messages set aside; {stages or 'nothing planned yet'}"
    )
