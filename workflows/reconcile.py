"""ReconcileWorkflow: one scheduled comparison of a channel, the record and Temporal."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.reconcile import ReconcileActivities, Sweep
    from domain.messages import RECONCILE_WORKFLOW, PullStart, channel_queue
    from workflows.options import PARTY_RETRY, PULL_HEARTBEAT, PULL_TIMEOUT, RECORD_RETRY


@workflow.defn(name=RECONCILE_WORKFLOW)
class ReconcileWorkflow:
    """Started by a schedule; it mends differences by ordinary steps and never undoes a person."""

    @workflow.run
    async def run(self, start: PullStart) -> Sweep:
        """Adopt orders without a workflow, then sweep the channel for what a pull has missed."""
        await workflow.execute_activity_method(
            ReconcileActivities.adopt_orders,
            start.account,
            start_to_close_timeout=PULL_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary="adopt orders without a workflow",
        )
        return await workflow.execute_activity_method(
            ReconcileActivities.reconcile_channel,
            start,
            task_queue=channel_queue(start.account),
            start_to_close_timeout=PULL_TIMEOUT,
            heartbeat_timeout=PULL_HEARTBEAT,
            retry_policy=PARTY_RETRY,
            summary=f"sweep {start.account}",
        )
