"""PullWorkflow: one scheduled pull of one channel account."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.pull import PullActivities
    from activities.steps import PullResult
    from domain.messages import PULL_WORKFLOW, PullStart, channel_queue
    from workflows.options import PARTY_RETRY, PULL_HEARTBEAT, PULL_TIMEOUT


@workflow.defn(name=PULL_WORKFLOW)
class PullWorkflow:
    """Started by a schedule; the watermark and the pause that count are in the record."""

    @workflow.run
    async def run(self, start: PullStart) -> PullResult:
        """Pull everything since the watermark."""
        return await workflow.execute_activity_method(
            PullActivities.pull,
            start,
            task_queue=channel_queue(start.account),
            start_to_close_timeout=PULL_TIMEOUT,
            heartbeat_timeout=PULL_HEARTBEAT,
            retry_policy=PARTY_RETRY,
            summary=f"pull {start.account}",
        )
