"""A pull or a reconciliation by hand: one run of the workflow that the schedule runs."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from temporalio.client import WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.reconcile import Sweep
from activities.steps import PullResult
from domain.messages import ORDERS_QUEUE, PULL_WORKFLOW, RECONCILE_WORKFLOW, PullStart
from domain.values import Model
from workers.cli.errors import Problem, unreachable
from workers.cli.parts import connect_temporal, opened_house
from workers.schedules import RUN_TIMEOUT

ResultT = TypeVar("ResultT", bound=Model)
_WORDS = {PULL_WORKFLOW: "pull", RECONCILE_WORKFLOW: "reconcile"}

WITHIN = 120.0
"""Seconds that a person waits; the pull goes on for as long as it needs."""


async def pull_now(account: str, since: str, request: str) -> PullResult:
    """Pull one channel and return what came; the same request joins the pull that runs.

    Raises:
        NotFound: no such channel.
        Problem: the channel refuses, or no worker takes the pull.
    """
    return await _run(PULL_WORKFLOW, PullStart(account=account, since=since), request, PullResult)


async def reconcile_now(account: str, since: str, request: str) -> Sweep:
    """Hold the record against one channel and return what was found. Raises as `pull_now`."""
    return await _run(RECONCILE_WORKFLOW, PullStart(account=account, since=since), request, Sweep)


def not_reached(account: str, told: PullResult | Sweep, verb: str) -> str:
    """Return why the channel was not asked now, with what to do; empty when it was. Soon it is `verb` again."""
    if told.paused:
        return f"{account} is paused: crossdock channels resume {account}"
    return f"{account} does not answer, and is {verb} again by itself: crossdock outages list" if told.out else ""


async def _run(workflow: str, start: PullStart, request: str, told: type[ResultT]) -> ResultT:
    what, account = _WORDS[workflow], start.account
    async with opened_house() as house:
        async with house.context.record.begin() as tx:
            await tx.catalog.channel(account)
        client = await connect_temporal(house.settings)
        try:
            async with asyncio.timeout(WITHIN):
                return await client.execute_workflow(
                    workflow,
                    start,
                    id=f"{what}/{account}/by-hand/{request}",
                    task_queue=ORDERS_QUEUE,
                    run_timeout=RUN_TIMEOUT,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    result_type=told,
                    static_summary=f"{what}/{account} by hand",
                )
        except TimeoutError as error:
            remedy = "see whether `crossdock worker` runs; it is queued, and crossdock channels list shows what came"
            raise unreachable(f"the {what} did not end within {WITHIN:g} s", remedy) from error
        except WorkflowFailureError as error:
            raise Problem(f"the {what} of {account} failed: {_code(error)}", code=f"{what}-failed") from error


def _code(error: WorkflowFailureError) -> str:
    cause = error.cause
    if isinstance(cause, ActivityError) and isinstance(cause.cause, ApplicationError):
        return cause.cause.message
    return type(cause).__name__
