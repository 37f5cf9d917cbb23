"""RefundWorkflow: money given back outside a return, until it is confirmed or a person was faster."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.money import MoneyActivities
    from activities.steps import MessageRequest
    from domain import messages as names
    from domain.messages import Answer, RefundStart, Retry, Woken
    from domain.ports.notifier import MessageKind
    from workflows.desk import Ask, Desk
    from workflows.verbs import retry_by


@workflow.defn(name=names.REFUND_WORKFLOW)
class RefundWorkflow:
    """Sends one reserved refund."""

    @workflow.init
    def __init__(self, start: RefundStart) -> None:
        self._desk = Desk(start.order_id)

    @workflow.run
    async def run(self, start: RefundStart) -> str:
        """Send it once; wait for a person where nobody can tell whether it was sent."""
        queue = names.channel_queue(start.account)
        ask = Ask(start.refund_id, queue, start.account, MoneyActivities.send, start, "give the money back")
        result = await self._desk.ask_party(ask)
        if result.done:
            await self._desk.tell_buyer(
                MessageRequest(order_id=start.order_id, kind=MessageKind.REFUNDED, subject=start.refund_id)
            )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "CONFIRMED" if result.done else "BY_HAND"

    @workflow.signal(name=names.WOKEN, description="What the refund waited for is cleared, up to a ticket.")
    def woken(self, message: Woken) -> None:
        """Latch the greatest ticket."""
        self._desk.wake(message.ticket)

    @workflow.update(name=names.RETRY, description='Try again: {"actor": "you", "reason": "why"}')
    async def retry(self, verb: Retry) -> Answer:
        """Try again; with `effect` and `happened` an outcome nobody could look up is settled first."""
        return await retry_by(self._desk, verb)
