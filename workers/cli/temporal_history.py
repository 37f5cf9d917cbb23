"""What Temporal's history of an order tells beside the record: tries, timers, messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.messages import order_workflow_id
from infra.database.reports.history import Happening

KIND = "temporal"


async def summarise(client: Client, order_id: str) -> list[Happening]:
    """Return the events a person understands; none when Temporal has forgotten the workflow."""
    try:
        history = await client.get_workflow_handle(order_workflow_id(order_id)).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []
        raise
    return [happening for event in history.events if (happening := _tell(event))]


def _tell(event: HistoryEvent) -> Happening | None:
    attributes = event.WhichOneof("attributes")
    if attributes is None or attributes not in _TOLD:
        return None
    happened, subject = _TOLD[attributes]
    return Happening(
        at=event.event_time.ToDatetime(tzinfo=UTC),
        kind=KIND,
        subject=subject(getattr(event, attributes)),
        happened=happened,
        detail=_summary(event.user_metadata.summary),
    )


_TOLD: dict[str, tuple[str, Callable[[Any], str]]] = {
    "workflow_execution_started_event_attributes": ("workflow started", lambda it: it.workflow_type.name),
    "activity_task_scheduled_event_attributes": ("step scheduled", lambda it: it.activity_type.name),
    "activity_task_failed_event_attributes": ("step failed", lambda it: it.failure.application_failure_info.type),
    "activity_task_timed_out_event_attributes": ("step timed out", lambda _: ""),
    "workflow_execution_signaled_event_attributes": ("signalled", lambda it: it.signal_name),
    "workflow_execution_update_accepted_event_attributes": (
        "verb accepted", lambda it: it.accepted_request.input.name,
    ),
    "timer_started_event_attributes": ("timer started", lambda _: ""),
    "timer_fired_event_attributes": ("timer fired", lambda _: ""),
    "workflow_task_failed_event_attributes": ("workflow task failed", lambda it: it.failure.message),
    "workflow_execution_terminated_event_attributes": ("workflow terminated", lambda it: it.reason),
    "workflow_execution_completed_event_attributes": ("workflow completed", lambda _: ""),
}  # fmt: skip


def _summary(payload: Payload) -> str:
    return str(json.loads(payload.data)) if payload.data else ""
