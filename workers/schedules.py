"""The schedules of each channel: pull and reconcile. Pause and trigger them in the Temporal UI."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from domain.messages import ORDERS_QUEUE, PULL_WORKFLOW, RECONCILE_WORKFLOW, PullStart
from domain.policy import Policy

_CATCH_UP = timedelta(minutes=1)
RUN_TIMEOUT = timedelta(minutes=15)


async def ensure_schedules(client: Client, account: str, policy: Policy) -> None:
    """Make the schedules of one channel, or bring them up to the policy; safe to repeat."""
    await _ensure(client, f"pull/{account}", PULL_WORKFLOW, account, policy.pull_every)
    await _ensure(client, f"reconcile/{account}", RECONCILE_WORKFLOW, account, policy.reconcile_every)


async def _ensure(client: Client, schedule_id: str, workflow: str, account: str, every: timedelta) -> None:
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            workflow,
            PullStart(account=account),
            id=schedule_id,
            task_queue=ORDERS_QUEUE,
            run_timeout=RUN_TIMEOUT,
            static_summary=schedule_id,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
    )
    try:
        await client.create_schedule(schedule_id, schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(lambda given: _renewed(given, schedule))


def _renewed(given: ScheduleUpdateInput, schedule: Schedule) -> ScheduleUpdate:
    """Take the new spec and keep the state: a pause that somebody set stays."""
    schedule.state = given.description.schedule.state
    return ScheduleUpdate(schedule=schedule)
