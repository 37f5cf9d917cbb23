"""Giving money back: reserved in the ledger first, the channel read again, then sent once."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settle, settled
from activities.observation import read_again
from activities.order import wait_for_effect
from activities.outage import parks
from activities.steps import StepResult
from domain.effect import Confirmed, EffectKind, effect_base
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
        """Send a reserved refund; `done` is false when a person on the channel was faster and nothing is left.

        While it is in doubt a person may have lowered or covered it: then what became of it is only looked up, as it
        was sent, and what the channel shows counts.
        """
        marketplace = await self._context.parties.marketplace(start.account)
        await read_again(self._context, start.order_id)
        async with self._context.record.begin() as tx:
            refund = await tx.money.load_refund(start.refund_id)
            asked = await tx.effects.request(effect_base(EffectKind.REFUND, start.refund_id))
            if refund.state is not RefundState.RESERVED and asked is None:
                return StepResult(done=refund.state is RefundState.CONFIRMED)
            call = _refund_call(marketplace, start, refund, asked)
            effect = await claim(tx, call, self._context)
            if refund.state is RefundState.CONFIRMED:
                # The channel has shown it; nobody needs to be asked.
                await settle(tx, effect, Confirmed(remote_id=refund.remote_id), self._context)
                await tx.waits.rewrite(start.order_id, start.refund_id, {}, self._context.now())
                return StepResult()
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed):
                now = self._context.now()
                await tx.money.enter_own(start.refund_id, call.phrase("").amount, outcome.remote_id, now)
                await tx.waits.rewrite(start.order_id, start.refund_id, {}, now)
                ended = await tx.money.load_refund(start.refund_id)
                return StepResult(done=ended.state is RefundState.CONFIRMED)
            return await wait_for_effect(tx, self._context, start.order_id, start.refund_id, effect, outcome)


def _refund_call(
    marketplace: Marketplace, start: RefundStart, refund: Refund, asked: bytes | None
) -> Call[RefundPayment]:
    """Return the call as it was perhaps made, or else as it is wanted now."""
    wanted = RefundPayment(
        channel_order_id=start.order_id.partition("/")[2],
        reference="",
        amount=refund.amount,
        currency=refund.currency,
        quantities=refund.quantities,
        reason=refund.reason,
    )
    made = wanted if asked is None else RefundPayment.model_validate_json(asked)
    return Call(
        kind=EffectKind.REFUND,
        subject=start.refund_id,
        order_id=start.order_id,
        adapter=start.account,
        phrase=lambda key: made.model_copy(update={"reference": key}),
        send=marketplace.refund,
        find=marketplace.find,
        dedupe=marketplace.capability.dedupe[EffectKind.REFUND],
        looks_only=made.amount != wanted.amount or refund.state is not RefundState.RESERVED,
    )
