"""Late orders on a real Temporal server: one worker slot, and a backlog served as it came, or by slack.

Counted, not timed: an order is late when it is served after its last turn, however long a turn takes here. Only the
workflow carries the priority; its step inherits it, as the steps of an order do.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import Priority
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.bench.overload import Job, count_late, draw_jobs
from tests.end_to_end.town import eventually

JOBS, SEED = 100, 7
_TIMEOUT = timedelta(minutes=5)


@workflow.defn(name="Served")
class ServedWorkflow:
    """One order that needs one step of the busy place."""

    @workflow.run
    async def run(self, place: str, number: int) -> None:
        """Be served."""
        await workflow.execute_activity("serve", number, task_queue=place, start_to_close_timeout=_TIMEOUT)


async def promise_figures(client: Client) -> dict[str, float]:
    """Return how many orders are late by slack, and for each one that is late in the order in which they came.

    A queue of Temporal's is kept in partitions, so that among equals the order is not exact.
    """
    jobs = draw_jobs(SEED, JOBS, rush=0)
    in_turn = count_late(await _serve(client, jobs, "in-turn", by_slack=False))
    by_slack = count_late(await _serve(client, jobs, "by-slack", by_slack=True))
    return {
        "late_orders_in_turn": float(in_turn),
        "late_orders_by_slack": float(by_slack),
        "late_orders_over_fifo": by_slack / in_turn,
    }


async def _serve(client: Client, jobs: list[Job], name: str, *, by_slack: bool) -> list[Job]:
    """Let every order ask for its step before the place opens; return the orders as its one slot serves them."""
    served: list[Job] = []
    by_number = {job.number: job for job in jobs}
    queue = f"{name}-{uuid.uuid4().hex}"  # noqa: TID251 - a run of the bench
    place = f"{queue}-place"

    @activity.defn(name="serve")
    async def serve_one(number: int) -> None:
        served.append(by_number[number])

    async with Worker(
        client, task_queue=queue, workflows=[ServedWorkflow], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        handles = [await _place(client, queue, place, job, by_slack=by_slack) for job in jobs]
        one_slot = Worker(
            client, task_queue=place, activities=[serve_one], max_concurrent_activities=1,
            max_concurrent_activity_task_polls=1,
        )  # fmt: skip
        async with one_slot:
            await asyncio.gather(*(handle.result() for handle in handles))
    return served


async def _place(client: Client, queue: str, place: str, job: Job, *, by_slack: bool) -> WorkflowHandle[Any, Any]:
    """Start one order and wait until its step stands in the queue, so that they stand there as they came."""
    handle = await client.start_workflow(
        "Served",
        args=[place, job.number],
        id=f"{queue}/{job.number}",
        task_queue=queue,
        priority=Priority(priority_key=job.priority if by_slack else None),
    )
    await eventually(lambda: _stands_in_queue(handle), _TIMEOUT.total_seconds())
    return handle


async def _stands_in_queue(handle: WorkflowHandle[Any, Any]) -> bool:
    return bool((await handle.describe()).raw_description.pending_activities)
