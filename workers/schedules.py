"""The schedules of each channel and of the whole installation. Pause and trigger them in the Temporal UI."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
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
from temporalio.service import RPCError

from domain.errors import Unavailable
from domain.messages import (
    COLLECT_WORKFLOW,
    ORDERS_QUEUE,
    PUBLISH_STOCK_WORKFLOW,
    PULL_WORKFLOW,
    RECONCILE_WORKFLOW,
    STOCK_PROOF_WORKFLOW,
    WATCH_WORKFLOW,
    CollectStart,
    PullStart,
)
from domain.policy import Policy
from domain.ports.parties import Parties
from domain.ports.stores import Record
from domain.values import Model

_log = logging.getLogger(__name__)

_NEW_CHANNELS_EVERY = 2.0
_CATCH_UP = timedelta(minutes=1)
RUN_TIMEOUT = timedelta(minutes=15)


async def ensure_schedules(client: Client, account: str, policy: Policy) -> None:
    """Make the schedules of one channel, or bring them up to the policy; safe to repeat."""
    start = PullStart(account=account)
    await _ensure(client, f"pull/{account}", PULL_WORKFLOW, (start,), policy.pull_every)
    await _ensure(client, f"reconcile/{account}", RECONCILE_WORKFLOW, (start,), policy.reconcile_every)
    await _ensure(client, f"publish/{account}", PUBLISH_STOCK_WORKFLOW, (start,), policy.publish_every)


async def keep_schedules(client: Client, record: Record, policy: Policy) -> None:
    """Make the schedules of every channel, and of each that is added later; until cancelled."""
    known: set[str] = set()
    while True:
        for account in sorted(await accounts_of(record) - known):
            try:
                await ensure_schedules(client, account, policy)
            except RPCError as error:
                _log.warning("the schedules of %s wait: %s", account, error.status.name)
            else:
                known.add(account)
        await asyncio.sleep(_NEW_CHANNELS_EVERY)


async def accounts_of(record: Record) -> set[str]:
    """Return the accounts of all channels; none while the record does not answer, for whoever asks again."""
    try:
        async with record.begin() as tx:
            return {channel.account for channel in await tx.catalog.channels()}
    except Unavailable as error:
        _log.warning("the channels cannot be read: %s", error.code)
        return set()


async def ensure_common_schedules(client: Client, policy: Policy) -> None:
    """Make the schedules of the whole installation, or bring them up to the policy; safe to repeat."""
    await _ensure(client, "watch", WATCH_WORKFLOW, (), policy.watch_every)
    await _ensure(client, "stock-proof", STOCK_PROOF_WORKFLOW, (), policy.prove_stock_every)


async def ensure_mailbox_schedules(client: Client, parties: Parties, systems: Iterable[str], policy: Policy) -> None:
    """Make the schedule of each location system that leaves its messages in a mailbox; safe to repeat."""
    for system in systems:
        if parties.location(system).capability.mailbox:
            start = CollectStart(system=system)
            await _ensure(client, f"collect/{system}", COLLECT_WORKFLOW, (start,), policy.collect_every)


async def _ensure(client: Client, schedule_id: str, workflow: str, start: Sequence[Model], every: timedelta) -> None:
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            workflow,
            args=start,
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
