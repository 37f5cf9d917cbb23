"""The floor: a bare workflow of exactly six no-op activities, three of them on outside queues, and four signals."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

INSIDE, OUTSIDE = "floor", "floor-outside"
_TIMEOUT = timedelta(seconds=20)


@activity.defn(name="floor_nothing")
async def nothing(argument: str) -> str:
    """Do nothing."""
    return argument


@workflow.defn(name="Floor")
class FloorWorkflow:
    """Does nothing six times and listens four times, as an order of the ship path must at least."""

    def __init__(self) -> None:
        self._heard = 0

    @workflow.run
    async def run(self, argument: str) -> str:
        """Live."""
        for queue, hears in ((INSIDE, 0), (OUTSIDE, 0), (OUTSIDE, 1), (OUTSIDE, 2), (INSIDE, 4), (INSIDE, 4)):
            await workflow.wait_condition(lambda hears=hears: self._heard >= hears)
            await workflow.execute_activity(nothing, argument, task_queue=queue, start_to_close_timeout=_TIMEOUT)
        return argument

    @workflow.signal
    def hear(self, argument: str) -> None:
        """Hear."""
        del argument
        self._heard += 1
