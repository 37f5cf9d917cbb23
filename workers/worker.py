"""The worker process: workflows and record steps on one queue, each party on a queue of its own, and the loops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.answer import AnswerActivities
from activities.collecting import CollectActivities
from activities.collection import CollectionActivities
from activities.context import Context
from activities.following import FollowingActivities
from activities.fulfillment import FulfillmentActivities
from activities.message import MessageActivities
from activities.money import MoneyActivities
from activities.operator import OperatorActivities
from activities.order import OrderActivities
from activities.pickup import PickupActivities
from activities.promise import PromiseActivities
from activities.publishing import PublishActivities
from activities.pull import PullActivities
from activities.reconcile import ReconcileActivities
from activities.returns import ReturnActivities
from activities.shipment import ShipmentActivities
from activities.stock import StockActivities
from activities.tracking import TrackingActivities
from activities.waking import WINDOW
from domain.messages import NOTIFIER_QUEUE, ORDERS_QUEUE, carrier_queue, channel_queue, location_queue
from infra.interceptor import FailureInterceptor
from workers.engine import TemporalEngine
from workers.loops import run_loops
from workers.parties import PartiesFile
from workers.schedules import accounts_of
from workflows.collect import CollectWorkflow
from workflows.collection import CollectionWorkflow
from workflows.order import OrderWorkflow
from workflows.publish_stock import PublishStockWorkflow
from workflows.pull import PullWorkflow
from workflows.reconcile import ReconcileWorkflow
from workflows.refund import RefundWorkflow
from workflows.returns import ReturnWorkflow
from workflows.stock_proof import StockProofWorkflow
from workflows.watch import WatchWorkflow

WORKFLOWS: Sequence[type] = (
    OrderWorkflow, ReturnWorkflow, RefundWorkflow, PullWorkflow, ReconcileWorkflow, WatchWorkflow,
    PublishStockWorkflow, StockProofWorkflow, CollectWorkflow, CollectionWorkflow,
)  # fmt: skip

# Passed through: they are deterministic or never run inside, and loading them anew for every run costs milliseconds.
PASSED_THROUGH = ("activities", "domain", "workflows.desk", "workflows.fulfillment", "workflows.options",
                  "workflows.failures", "workflows.verbs")  # fmt: skip

_GRACE = timedelta(seconds=10)
_WORKFLOW_TASKS = 8
_PARTY_ACTIVITIES = 20
_NEW_CHANNELS_EVERY = 1.0


def sandboxed() -> WorkflowRunner:
    """Return the runner that refuses what is not deterministic: every test and every replay runs in it.

    A worker in production runs without: what the tests proved need not be proved again for each payload of each task,
    which costs a third of its time (docs/decisions/).
    """
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


def orders_worker(
    client: Client, context: Context, *, max_cached_workflows: int = 1000, runner: WorkflowRunner | None = None
) -> Worker:
    """Make the worker of workflows and of all steps that ask the record: together, so that those run eagerly."""
    orders = OrderActivities(context)
    fulfillments = FulfillmentActivities(context)
    operator = OperatorActivities(context)
    returns = ReturnActivities(context)
    promises = PromiseActivities(context)
    collections = CollectionActivities(context)
    return Worker(
        client,
        task_queue=ORDERS_QUEUE,
        workflows=WORKFLOWS,
        activities=[
            orders.review, orders.park, orders.unpark, fulfillments.finish_cancelling, fulfillments.expire_pickup,
            fulfillments.make_good, operator.retry, operator.cancel, operator.reroute, operator.resolve_sku,
            operator.amend_address, operator.amend_tracking, operator.place_hold, operator.release_hold,
            returns.authorise, returns.expire, returns.settle_return, returns.close,
            ReconcileActivities(context).adopt_orders, promises.clear_dates, promises.watch,
            StockActivities(context).prove, collections.note, collections.retry,
        ],
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        interceptors=[FailureInterceptor()],
        max_cached_workflows=max_cached_workflows,
        # Workflow tasks hold the interpreter; more of them at once only trip the deadlock detector on a cold start.
        max_concurrent_workflow_tasks=_WORKFLOW_TASKS,
        graceful_shutdown_timeout=_GRACE,
    )  # fmt: skip


def party_workers(client: Client, context: Context, file: PartiesFile) -> list[Worker]:
    """Make one worker per carrier, location system and the notifier."""
    fulfillments, returns = FulfillmentActivities(context), ReturnActivities(context)
    at_location = [
        fulfillments.release, fulfillments.recall, returns.expect, CollectActivities(context).collect,
        FollowingActivities(context).follow,
    ]  # fmt: skip
    at_carrier = [*label_steps(context), CollectionActivities(context).order_driver]
    return [
        *(_party_worker(client, location_queue(system), at_location) for system in file.locations),
        *(_party_worker(client, carrier_queue(carrier), at_carrier) for carrier in file.carriers),
        _party_worker(client, NOTIFIER_QUEUE, [MessageActivities(context).tell]),
    ]


def channel_worker(client: Client, context: Context, account: str) -> Worker:
    """Make the worker of one channel account."""
    orders, tracking, pickups = OrderActivities(context), TrackingActivities(context), PickupActivities(context)
    steps = [
        orders.acknowledge, orders.tell_cancelled, tracking.push_tracking, tracking.correct_tracking,
        pickups.tell_ready, pickups.tell_collected,
        MoneyActivities(context).send, PullActivities(context).pull, ReconcileActivities(context).reconcile_channel,
        PublishActivities(context).publish, AnswerActivities(context).answer, *label_steps(context),
    ]  # fmt: skip
    return _party_worker(client, channel_queue(account), steps)


def label_steps(context: Context) -> list[Callable[..., Any]]:
    """Return the steps that whoever sells a label is asked for: a carrier, or a channel that does."""
    shipments = ShipmentActivities(context)
    return [shipments.buy_label, shipments.void_label, shipments.intercept, ReturnActivities(context).buy_label]


async def run_worker(
    client: Client,
    context: Context,
    file: PartiesFile,
    url: str,
    *,
    window: int = WINDOW,
    runner: WorkflowRunner | None = None,
) -> None:
    """Work until cancelled; a channel that is added meanwhile gets its worker within a second."""
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(asyncio.TaskGroup())
        await stack.enter_async_context(orders_worker(client, context, runner=runner))
        for worker in party_workers(client, context, file):
            await stack.enter_async_context(worker)
        group.create_task(run_loops(context, TemporalEngine(client), url, window=window))
        served: set[str] = set()
        while True:
            for account in sorted(await accounts_of(context.record) - served):
                await stack.enter_async_context(channel_worker(client, context, account))
                served.add(account)
            await asyncio.sleep(_NEW_CHANNELS_EVERY)


def _party_worker(client: Client, queue: str, activities: Sequence[Callable[..., Any]]) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        activities=activities,
        interceptors=[FailureInterceptor()],
        max_concurrent_activities=_PARTY_ACTIVITIES,
        graceful_shutdown_timeout=_GRACE,
    )
