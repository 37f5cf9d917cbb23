"""ReturnWorkflow: goods coming back, from permission over receipt and inspection to the money."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.answer import AnswerActivities
    from activities.money import MoneyActivities
    from activities.returns import ReturnActivities
    from activities.steps import MessageRequest, ReturnView, step_scope
    from domain import messages as names
    from domain.messages import Answer, RefundStart, Retry, ReturnAdvanced, ReturnStart, Woken
    from domain.ports.notifier import MessageKind
    from domain.returns import ReturnState
    from workflows.desk import Ask, Desk
    from workflows.options import RECORD_RETRY, RECORD_TIMEOUT
    from workflows.verbs import check_retry, retry_by

_ORDER = list(ReturnState)


@workflow.defn(name=names.RETURN_WORKFLOW)
class ReturnWorkflow:
    """One return; weeks long."""

    @workflow.init
    def __init__(self, start: ReturnStart) -> None:
        self._start = start
        self._desk = Desk(start.order_id)
        self._state = ReturnState.REQUESTED

    @workflow.run
    async def run(self, start: ReturnStart) -> str:
        """Live until refunded, declined or expired."""
        view = await workflow.execute_activity_method(
            ReturnActivities.authorise,
            start,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary="permit it by policy",
        )
        self._advance(view.state)
        if view.answers:
            await self._answer()
        if view.state is ReturnState.DECLINED:
            await self._tell(MessageKind.RETURN_DECLINED)
        elif view.state is ReturnState.AUTHORISED:
            await self._send_for(view)
            if not await self._goods_come(view.expires_after):
                self._advance(ReturnState(await self._record(ReturnActivities.expire, "nothing came back")))
        if self._state in {ReturnState.RECEIVED, ReturnState.INSPECTED}:
            await workflow.wait_condition(lambda: self._state is not ReturnState.RECEIVED)
            await self._settle()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._state.value

    async def _answer(self) -> None:
        """Tell the channel whether it is granted: there the buyer asked, and waits for the answer."""
        back = self._start
        queue = names.channel_queue(back.account)
        scope = f"{back.return_id}/answer"
        ask = Ask(scope, queue, back.account, AnswerActivities.answer, back, "tell the channel whether it is granted")
        # Goods that are here were granted, whatever the channel makes of an answer: the money must not wait for it.
        await self._desk.ask_party(ask, until=lambda: self._state in {ReturnState.RECEIVED, ReturnState.INSPECTED})

    async def _send_for(self, view: ReturnView) -> None:
        """Announce the goods where they will come, pay their way, and tell the buyer the rma number."""
        location, back = names.location_queue(view.system), self._start
        carrier = names.label_queue(view.carrier, back.account)
        expect = Ask(
            step_scope(back.return_id), location, view.system, ReturnActivities.expect, back, "announce the return"
        )
        await self._desk.ask_party(expect)
        if view.course == "label":
            buy = Ask(
                step_scope(back.return_id),
                carrier,
                view.carrier,
                ReturnActivities.buy_label,
                back,
                "buy the return label",
            )
            await self._desk.ask_party(buy)
        if view.course != "sent-back":
            await self._tell(MessageKind.RETURN_AUTHORISED)

    async def _goods_come(self, within: timedelta) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self._state is not ReturnState.AUTHORISED,
                timeout=within,
                timeout_summary="the goods have to come back",
            )
        except TimeoutError:
            return False
        return True

    async def _settle(self) -> None:
        """Put back what can be sold, give back what is owed, and close."""
        refund_id = await self._record(ReturnActivities.settle_return, "dispositions decide stock and refund")
        if refund_id:
            account = self._start.account
            refund = RefundStart(order_id=self._start.order_id, refund_id=refund_id, account=account)
            queue = names.channel_queue(account)
            await self._desk.ask_party(
                Ask(refund_id, queue, account, MoneyActivities.send, refund, "give the money back")
            )
        self._state = ReturnState(await self._record(ReturnActivities.close, "the return is closed"))
        await self._tell(MessageKind.REFUNDED if self._state is ReturnState.REFUNDED else MessageKind.RETURN_DECLINED)

    async def _record(self, step: Callable[[ReturnActivities, ReturnStart], Awaitable[str]], summary: str) -> str:
        return await workflow.execute_activity_method(
            step,
            self._start,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary=summary,
        )

    def _advance(self, state: ReturnState) -> None:
        if _ORDER.index(state) > _ORDER.index(self._state):
            self._state = state

    async def _tell(self, kind: MessageKind) -> None:
        await self._desk.tell_buyer(
            MessageRequest(
                order_id=self._start.order_id,
                kind=kind,
                subject=self._start.return_id,
                return_id=self._start.return_id,
            )
        )

    @workflow.signal(name=names.RETURN_ADVANCED, description="The return has come to a state.")
    def return_advanced(self, message: ReturnAdvanced) -> None:
        """Take over a state that the record has come to."""
        self._advance(ReturnState(message.state))

    @workflow.signal(name=names.WOKEN, description="What the return waited for is cleared, up to a ticket.")
    def woken(self, message: Woken) -> None:
        """Latch the greatest ticket."""
        self._desk.wake(message.ticket)

    @workflow.update(name=names.RETRY, description='Try again: {"actor": "you", "reason": "why"}')
    async def retry(self, verb: Retry) -> Answer:
        """Try again what the return waits for."""
        return await retry_by(self._desk, verb)

    @retry.validator
    def _check_retry(self, verb: Retry) -> None:
        check_retry(verb)
