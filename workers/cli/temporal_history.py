"""What Temporal's history of an order tells beside the record: tries, timers, messages."""

from __future__ import annotations

import json
from datetime import UTC

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
    told = _words(event)
    if told is None:
        return None
    happened, subject = told
    at = event.event_time.ToDatetime(tzinfo=UTC)
    return Happening(at=at, kind=KIND, subject=subject, happened=happened, detail=_summary(event))


def _words(event: HistoryEvent) -> tuple[str, str] | None:
    match event.WhichOneof("attributes"):
        case "workflow_execution_started_event_attributes":
            return "workflow started", event.workflow_execution_started_event_attributes.workflow_type.name
        case "activity_task_scheduled_event_attributes":
            return "step scheduled", event.activity_task_scheduled_event_attributes.activity_type.name
        case "activity_task_failed_event_attributes":
            failure = event.activity_task_failed_event_attributes.failure
            return "step failed", failure.application_failure_info.type or failure.message
        case "activity_task_timed_out_event_attributes":
            return "step timed out", ""
        case "workflow_execution_signaled_event_attributes":
            return "signalled", event.workflow_execution_signaled_event_attributes.signal_name
        case "workflow_execution_update_accepted_event_attributes":
            accepted = event.workflow_execution_update_accepted_event_attributes.accepted_request
            return "verb accepted", accepted.input.name
        case "timer_started_event_attributes":
            return "timer started", ""
        case "timer_fired_event_attributes":
            return "timer fired", ""
        case "workflow_task_failed_event_attributes":
            return "workflow task failed", event.workflow_task_failed_event_attributes.failure.message
        case "workflow_execution_completed_event_attributes":
            return "workflow completed", ""
        case "workflow_execution_terminated_event_attributes":
            return "workflow terminated", event.workflow_execution_terminated_event_attributes.reason
        case _:
            return None


def _summary(event: HistoryEvent) -> str:
    payload: Payload = event.user_metadata.summary
    return str(json.loads(payload.data)) if payload.data else ""
