"""Giving money back: reserved in the ledger first, the channel read again, then sent once."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settled
from activities.observation import read_again
from activities.order import wait_for_effect
from activities.outage import parks
from activities.steps import StepResult
from domain.effect import Confirmed, EffectKind
from domain.messages import RefundStart
from domain.ports.marketplace import Marketplace, RefundPayment
from domain.ports.stores.money import Refund, RefundState


class MoneyActivities:
    """Refunds."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="send_refund")
    @parks(lambda start: start.refund_id)
    async def send(self, start: RefundStart) -> StepResult:
        """Send a reserved refund; `done` is false when a person on the channel was faster and nothing is left."""
        marketplace = await self._context.parties.marketplace(start.account)
        await read_again(self._context, start.order_id)
        async with self._context.record.begin() as tx:
            refund = await tx.money.load_refund(start.refund_id)
            if refund.state is not RefundState.RESERVED:
                return StepResult(done=refund.state is RefundState.CONFIRMED)
            call = _refund_call(marketplace, start, refund)
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed):
                now = self._context.now()
                await tx.money.settle_refund(start.refund_id, RefundState.CONFIRMED, outcome.remote_id, now)
                await tx.waits.rewrite(start.order_id, start.refund_id, {}, now)
                return StepResult()
            return await wait_for_effect(tx, self._context, start.order_id, start.refund_id, effect, outcome)


def _refund_call(marketplace: Marketplace, start: RefundStart, refund: Refund) -> Call[RefundPayment]:
    return Call(
        kind=EffectKind.REFUND,
        subject=start.refund_id,
        order_id=start.order_id,
        adapter=start.account,
        phrase=lambda key: RefundPayment(
            channel_order_id=start.order_id.partition("/")[2],
            reference=key,
            amount=refund.amount,
            currency=refund.currency,
            quantities=refund.quantities,
            reason=refund.reason,
        ),
        send=marketplace.refund,
        find=marketplace.find,
        dedupe=marketplace.capability.dedupe[EffectKind.REFUND],
    )
