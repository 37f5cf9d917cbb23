"""A pull by hand: one run of the workflow that the schedule runs."""

from __future__ import annotations

import asyncio

from temporalio.client import WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.steps import PullResult
from domain.messages import ORDERS_QUEUE, PULL_WORKFLOW, PullStart
from workers.cli.errors import Problem, unreachable
from workers.cli.parts import connect_temporal, opened_house
from workers.schedules import RUN_TIMEOUT

WITHIN = 120.0
"""Seconds that a person waits; the pull goes on for as long as it needs."""


async def pull_now(account: str, since: str, request: str) -> PullResult:
    """Pull one channel and return what came; the same request joins the pull that runs.

    Raises:
        NotFound: no such channel.
        Problem: the channel refuses, or no worker takes the pull.
    """
    async with opened_house() as house:
        async with house.context.record.begin() as tx:
            await tx.catalog.channel(account)
        client = await connect_temporal(house.settings)
        try:
            async with asyncio.timeout(WITHIN):
                return await client.execute_workflow(
                    PULL_WORKFLOW,
                    PullStart(account=account, since=since),
                    id=f"pull/{account}/by-hand/{request}",
                    task_queue=ORDERS_QUEUE,
                    run_timeout=RUN_TIMEOUT,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    result_type=PullResult,
                    static_summary=f"pull/{account} by hand",
                )
        except TimeoutError as error:
            remedy = "see whether `crossdock worker` runs; the pull is queued, and crossdock channels list shows it"
            raise unreachable(f"the pull did not end within {WITHIN:g} s", remedy) from error
        except WorkflowFailureError as error:
            raise Problem(f"{account} could not be pulled: {_code(error)}", code="pull-failed") from error


def _code(error: WorkflowFailureError) -> str:
    cause = error.cause
    if isinstance(cause, ActivityError) and isinstance(cause.cause, ApplicationError):
        return cause.cause.message
    return type(cause).__name__
