"""PublishStockWorkflow: one scheduled telling of what a channel may sell."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.publishing import PublishActivities, PublishResult
    from domain.messages import PUBLISH_STOCK_WORKFLOW, PullStart, channel_queue
    from workflows.options import PARTY_RETRY, PULL_HEARTBEAT, PULL_TIMEOUT


@workflow.defn(name=PUBLISH_STOCK_WORKFLOW)
class PublishStockWorkflow:
    """Started by a schedule; what was told, and the pause that counts, are in the record."""

    @workflow.run
    async def run(self, start: PullStart) -> PublishResult:
        """Tell the channel what has changed since the last run."""
        return await workflow.execute_activity_method(
            PublishActivities.publish,
            start,
            task_queue=channel_queue(start.account),
            start_to_close_timeout=PULL_TIMEOUT,
            heartbeat_timeout=PULL_HEARTBEAT,
            retry_policy=PARTY_RETRY,
            summary=f"publish stock to {start.account}",
        )
