"""What the channel hears of a return that the buyer asked for there: whether it is granted."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settled
from activities.order import wait_for_effect
from activities.outage import parks
from activities.steps import StepResult
from domain.effect import Confirmed, EffectKind, Rejected
from domain.messages import ReturnStart
from domain.ports.marketplace import AnswerReturn
from domain.returns import ReturnState


class AnswerActivities:
    """Answers to what buyers ask for on a channel."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="answer_return")
    @parks(lambda start: f"{start.return_id}/answer")
    async def answer(self, start: ReturnStart) -> StepResult:
        """Tell the channel whether the return is granted; what was answered there by hand is not answered twice."""
        marketplace = await self._context.parties.marketplace(start.account)
        async with self._context.record.begin() as tx:
            back = await tx.returns.load(start.return_id)
            granted = back.state is not ReturnState.DECLINED
            call = Call(
                kind=EffectKind.RETURN_ANSWER,
                subject=start.return_id,
                order_id=start.order_id,
                adapter=start.account,
                phrase=lambda key: AnswerReturn(
                    channel_order_id=start.order_id.partition("/")[2],
                    reference=key,
                    request_id=back.request_id,
                    granted=granted,
                    reason="" if granted else "declined",
                ),
                send=marketplace.answer_return,
                find=marketplace.find,
                dedupe=marketplace.capability.dedupe[EffectKind.RETURN_ANSWER],
            )
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed) or (isinstance(outcome, Rejected) and outcome.already_done):
                return StepResult()
            scope = f"{start.return_id}/answer"
            return await wait_for_effect(tx, self._context, start.order_id, scope, effect, outcome)
