"""The durable engine as the relay sees it: Temporal's client."""

from __future__ import annotations

import json
from typing import Any

from temporalio.client import Client
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable
from domain.messages import COLLECTION_WORKFLOW, ORDERS_QUEUE, REFUND_WORKFLOW, RETURN_WORKFLOW
from domain.ports.stores.outbox import Telling
from infra.temporal import OMS_ATTENTION, OMS_CHANNEL, OMS_ORDER_ID, OMS_STAGE

_KIND = {RETURN_WORKFLOW: "return", REFUND_WORKFLOW: "refund", COLLECTION_WORKFLOW: "collection"}


class TemporalEngine:
    """Starts and signals workflows."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, telling: Telling) -> None:
        """Start a workflow, or leave the one that runs or has completed under this id alone."""
        start: dict[str, Any] = json.loads(telling.payload)
        name = start.get("number") or start.get("order_id") or start["collection_id"]
        try:
            await self._client.start_workflow(
                telling.workflow,
                start,
                id=telling.workflow_id,
                task_queue=ORDERS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                search_attributes=_attributes(start),
                priority=Priority(priority_key=start.get("priority")),
                static_summary=f"{_KIND.get(telling.workflow, 'order')} {name}",
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise _unavailable(error) from error

    async def signal(self, telling: Telling) -> bool:
        """Signal a workflow; False when there is none to hear it."""
        try:
            handle = self._client.get_workflow_handle(telling.workflow_id)
            await handle.signal(telling.signal, json.loads(telling.payload))
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise _unavailable(error) from error
        return True


def _attributes(start: dict[str, Any]) -> TypedSearchAttributes:
    """Return what lists can be filtered by from the start; nothing personal, since these are plain text."""
    if "order_id" not in start:
        return TypedSearchAttributes.empty
    return TypedSearchAttributes(
        [
            SearchAttributePair(OMS_CHANNEL, start["account"]),
            SearchAttributePair(OMS_ORDER_ID, start["order_id"]),
            SearchAttributePair(OMS_STAGE, "OPEN"),
            SearchAttributePair(OMS_ATTENTION, value=False),
        ]
    )


def _unavailable(error: RPCError) -> Unavailable:
    return Unavailable(f"temporal-{error.status.name.lower()}", "Temporal does not answer; it is told again")
