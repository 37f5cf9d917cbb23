"""Operators' verbs on their way to a workflow: Temporal Updates that are safe to repeat."""

from __future__ import annotations

import asyncio

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.messages import Answer, Verb
from workers.cli.errors import Problem, unreachable

ANSWER_WITHIN = 30.0
"""Seconds; a verb takes milliseconds where a worker runs."""


async def send_verb(client: Client, workflow_id: str, name: str, verb: Verb, request: str) -> Answer:
    """Send a verb and return its answer; the same request is carried out once.

    Raises:
        Problem: the workflow has ended or refuses the verb's shape, or no worker answers.
    """
    handle = client.get_workflow_handle(workflow_id)
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            answer = await handle.execute_update(  # pyright: ignore[reportUnknownMemberType] - the library's own overloads
                name, verb, id=f"{name}-{request}", result_type=Answer
            )
            return Answer.model_validate(answer)
    except WorkflowUpdateFailedError as error:
        words = error.cause.message if isinstance(error.cause, ApplicationError) else str(error.cause)
        raise Problem(f"{workflow_id} refuses: {words}", code="refused") from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise unreachable(
            f"no worker answered within {ANSWER_WITHIN:g} s",
            f"see whether `crossdock worker` runs; then repeat with --request {request}, which is safe",
        ) from error
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise Problem(
            f"there is no running workflow {workflow_id}",
            code="not-running",
            remedy="a closed order takes no verbs (see crossdock orders show); an open one is adopted within minutes",
        ) from error
