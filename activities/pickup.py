"""What the channel hears of a pickup: that it is ready, and that it was collected."""

from __future__ import annotations

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settled
from activities.order import wait_for_effect
from activities.outage import parks
from activities.steps import PartOf, StepResult
from domain.effect import Confirmed, EffectKind, Rejected
from domain.ports.marketplace import ConfirmPickup


class PickupActivities:
    """Steps of a pickup, for channels that want to hear of it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="tell_pickup_ready")
    @parks(lambda part: f"{part.fulfillment_id}/channel")
    async def tell_ready(self, part: PartOf) -> StepResult:
        """Tell the channel that the pickup is ready for the buyer."""
        return await self._tell(part, collected=False)

    @activity.defn(name="tell_pickup_collected")
    @parks(lambda part: f"{part.fulfillment_id}/channel")
    async def tell_collected(self, part: PartOf) -> StepResult:
        """Tell the channel that the buyer has collected."""
        return await self._tell(part, collected=True)

    async def _tell(self, part: PartOf, *, collected: bool) -> StepResult:
        account, _, channel_order_id = part.order_id.partition("/")
        marketplace = await self._context.parties.marketplace(account)
        if not marketplace.capability.confirms_pickup:
            return StepResult()
        async with self._context.record.begin() as tx:
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            call = Call(
                kind=EffectKind.PICKUP,
                subject=f"{part.fulfillment_id}:{'collected' if collected else 'ready'}",
                order_id=part.order_id,
                adapter=account,
                phrase=lambda key: ConfirmPickup(
                    channel_order_id=channel_order_id,
                    reference=key,
                    quantities={line.line_id: line.quantity for line in fulfillment.lines if line.quantity},
                    collected=collected,
                ),
                send=marketplace.confirm_pickup,
                find=marketplace.find,
                dedupe=marketplace.capability.dedupe[EffectKind.PICKUP],
            )
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed) or (isinstance(outcome, Rejected) and outcome.already_done):
                return StepResult()
            scope = f"{part.fulfillment_id}/channel"
            return await wait_for_effect(tx, self._context, part.order_id, scope, effect, outcome)
