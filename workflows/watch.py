"""WatchWorkflow: one scheduled look at promises that may be missed, and at dates that have come."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.message import MessageActivities
    from activities.promise import PromiseActivities
    from activities.steps import MessageRequest, WatchRequest
    from domain.messages import NOTIFIER_QUEUE, WATCH_WORKFLOW
    from workflows.options import PARTY_RETRY, PARTY_TIMEOUT, RECORD_RETRY, WATCH_TIMEOUT

PAGES = 10


@workflow.defn(name=WATCH_WORKFLOW)
class WatchWorkflow:
    """Started by a schedule; each run goes on where the one before ended, so that a long list starves nobody."""

    @workflow.run
    async def run(self) -> WatchRequest:
        """Clear dates, then look at a bounded number of pages; return where the next run goes on."""
        await workflow.execute_activity_method(
            PromiseActivities.clear_dates,
            start_to_close_timeout=WATCH_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary="let go what waited for a date that has come",
        )
        wanted = workflow.get_last_completion_result(WatchRequest) or WatchRequest()
        for _ in range(PAGES):
            page = await workflow.execute_activity_method(
                PromiseActivities.watch,
                wanted,
                start_to_close_timeout=WATCH_TIMEOUT,
                retry_policy=RECORD_RETRY,
                summary="look at what is at risk, and mend it",
            )
            told = tuple([message.order_id for message in page.owed if await self._tell(message)])
            wanted = WatchRequest(after=page.after, told=told)
            if page.after is None and not told:
                break
        return wanted

    async def _tell(self, message: MessageRequest) -> bool:
        """Tell a buyer; what cannot be told now is owed still, and told by a later run."""
        try:
            await workflow.execute_activity_method(
                MessageActivities.tell,
                message,
                task_queue=NOTIFIER_QUEUE,
                start_to_close_timeout=PARTY_TIMEOUT,
                retry_policy=PARTY_RETRY,
                summary=f"tell the buyer: {message.kind.value}",
            )
        except ActivityError:
            return False
        return True
