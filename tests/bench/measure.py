"""The measurements: ratios and counts, taken in one run."""

from __future__ import annotations

import asyncio
import collections
import time
import uuid

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from domain.messages import order_workflow_id
from domain.order import OrderState
from tests.bench.floor import INSIDE, OUTSIDE, FloorWorkflow, nothing
from tests.bench.town import BenchTown

_SIGNALS = 4
_IDLE_SECONDS = 10


async def floor_rate(client: Client, orders: int, in_flight: int, *, runner: WorkflowRunner | None = None) -> float:
    """Return bare workflows per second, in the SDK's own sandbox unless another runner is given."""
    gate = asyncio.Semaphore(in_flight)
    run = uuid.uuid4().hex  # noqa: TID251 - a run of the bench

    async def live(number: int) -> None:
        async with gate:
            handle = await client.start_workflow("Floor", "x", id=f"floor/{run}/{number}", task_queue=INSIDE)
            for _ in range(_SIGNALS):
                await handle.signal("hear", "x")
            await handle.result()

    inside = Worker(client, task_queue=INSIDE, workflows=[FloorWorkflow], activities=[nothing],
                    workflow_runner=runner or SandboxedWorkflowRunner(),
                    max_concurrent_workflow_tasks=8)  # fmt: skip
    outside = [Worker(client, task_queue=OUTSIDE, activities=[nothing]) for _ in range(1)]
    async with inside, outside[0]:
        began = time.perf_counter()
        await asyncio.gather(*(live(number) for number in range(orders)))
        return orders / (time.perf_counter() - began)


async def ship_rate(town: BenchTown, first: int, orders: int, in_flight: int) -> float:
    """Return whole ship paths per second, from the channel's document to delivered and closed."""
    gate = asyncio.Semaphore(in_flight)

    async def live(number: int) -> None:
        async with gate:
            order_id = await town.place(number)
            await result_of(town.client, order_id)

    began = time.perf_counter()
    await asyncio.gather(*(live(number) for number in range(first, first + orders)))
    return orders / (time.perf_counter() - began)


async def result_of(client: Client, order_id: str) -> str:
    """Wait for the end of an order's workflow; the relay may not have started it yet."""
    handle: WorkflowHandle[object, str] = client.get_workflow_handle(order_workflow_id(order_id))
    while True:
        try:
            return await handle.result()
        except RPCError:
            await asyncio.sleep(0.02)


async def count_lone(town: BenchTown, number: int, *, explain: bool = False) -> dict[str, float]:
    """Count events, workflow tasks and statements of one order whose reports come at human pace."""
    idle = await _idle_rates(town)
    before = len(town.statements)
    began = time.perf_counter()
    order_id = await town.place(number)
    assert await result_of(town.client, order_id) == OrderState.DELIVERED.value
    await asyncio.sleep(0.5)
    spent = town.statements[before:]
    seconds = time.perf_counter() - began
    history = await town.client.get_workflow_handle(order_workflow_id(order_id)).fetch_history()
    kinds = [event.event_type for event in history.events]
    scans = [
        index for index, event in enumerate(history.events)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    ]  # fmt: skip
    counts = collections.Counter(spent)
    own = {statement: max(count - round(idle[statement] * seconds), 0) for statement, count in counts.items()}
    for statement, count in sorted(own.items(), key=lambda pair: -pair[1]) if explain else ():
        print(f"{count:4} {statement[:110]}")  # noqa: T201 - asked for
    return {
        "events_waiting_for_delivery": float(scans[-2]),
        "events_closed": float(len(kinds)),
        "workflow_tasks_closed": float(kinds.count(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)),
        "sql_statements_per_order": float(sum(own.values())),
    }


async def _idle_rates(town: BenchTown) -> dict[str, float]:
    """Learn how often per second the loops send each statement while nothing happens; those belong to no order."""
    start = len(town.statements)
    await asyncio.sleep(_IDLE_SECONDS)
    counts = collections.Counter(town.statements[start:])
    return collections.defaultdict(float, {statement: count / _IDLE_SECONDS for statement, count in counts.items()})
