"""The hand of an operator in Temporal: verbs, resets and a look at what a workflow is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from domain.messages import Answer, Verb, order_workflow_id
from tests.end_to_end.town import ACCOUNT, PATIENCE, Town, eventually

_requests = count(1)
_QUIET_FOR = 3

Handle = WorkflowHandle[Any, Any]


@dataclass(frozen=True)
class WorkflowTask:
    """A completed workflow task of one run."""

    run: WorkflowExecution
    event_id: int


def workflow_of(town: Town, placed: str) -> Handle:
    """Return the latest run of an order's workflow."""
    return town.client.get_workflow_handle(order_workflow_id(f"{ACCOUNT}/{placed}"))


async def ask(town: Town, placed: str, name: str, verb: Verb) -> Answer:
    """Send a verb to an order."""
    handle = workflow_of(town, placed)
    return await handle.execute_update(name, verb, result_type=Answer)  # pyright: ignore[reportUnknownMemberType] - the library's own overloads


async def reset_points(handle: Handle) -> list[WorkflowTask]:
    """Return where the latest run can be reset to: every completed workflow task."""
    run_id = (await handle.describe()).run_id
    history = await handle.fetch_history()
    return [
        WorkflowTask(WorkflowExecution(workflow_id=handle.id, run_id=run_id), event.event_id)
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]


async def reset(town: Town, task: WorkflowTask) -> None:
    """Let a workflow begin again at a task; what it was told since is told again."""
    await town.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=town.client.namespace,
            workflow_execution=task.run,
            reason="a test",
            workflow_task_finish_event_id=task.event_id,
            request_id=f"reset-{next(_requests)}",
        )
    )


async def until_quiet(handle: Handle, within: float = PATIENCE) -> None:
    """Wait until a workflow has closed, or has nothing to do for a while."""
    seen: list[int] = []

    async def quiet() -> bool:
        described = await handle.describe()
        raw = described.raw_description
        busy = raw.HasField("pending_workflow_task") or len(raw.pending_activities) > 0
        seen.append(-1 if busy else described.history_length)
        closed = described.status is not WorkflowExecutionStatus.RUNNING
        return closed or (not busy and seen[-_QUIET_FOR:] == [described.history_length] * _QUIET_FOR)

    await eventually(quiet, within, lambda: f"{handle.id} does not come to rest")


def deeds_of(town: Town, placed: str) -> list[Mapping[str, object]]:
    """Return from the remote's own journal everything that we did to it for an order."""
    entries = town.visitor.journal()
    return [entry for entry in entries if entry["by"] == "crossdock" and entry.get("order_id") == placed]
