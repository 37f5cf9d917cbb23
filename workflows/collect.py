"""CollectWorkflow: one scheduled look into the mailbox of a location system."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.collecting import CollectActivities, Collected
    from domain.messages import COLLECT_WORKFLOW, CollectStart, location_queue
    from workflows.options import PARTY_RETRY, PULL_HEARTBEAT, PULL_TIMEOUT


@workflow.defn(name=COLLECT_WORKFLOW)
class CollectWorkflow:
    """Started by a schedule; what was taken in is in the record."""

    @workflow.run
    async def run(self, start: CollectStart) -> Collected:
        """Store and apply what lies there."""
        return await workflow.execute_activity_method(
            CollectActivities.collect,
            start,
            task_queue=location_queue(start.system),
            start_to_close_timeout=PULL_TIMEOUT,
            heartbeat_timeout=PULL_HEARTBEAT,
            retry_policy=PARTY_RETRY,
            summary=f"collect from {start.system}",
        )
