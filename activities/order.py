"""What is done with an order as a whole: review, acknowledge, tell of cancellations."""

from __future__ import annotations

from collections.abc import Collection

from temporalio import activity

from activities.cancellation import cancel_subject, untold
from activities.context import Context
from activities.effect import Call, carry_out, claim, settle, settled
from activities.observation import read_again
from activities.outage import parks
from activities.review import review
from activities.steps import ACKNOWLEDGE_SCOPE, CANCELLED_SCOPE, Park, Review, ReviewRequest, StepResult
from domain.effect import Confirmed, EffectKind, Rejected, Unknown, effect_base
from domain.errors import Unavailable
from domain.ports.marketplace import AcknowledgeOrder, CancelLines, Marketplace, MarketplaceCapability
from domain.ports.stores import Transaction
from domain.ports.stores.effect import Effect
from domain.ports.stores.order import KeptOrder
from domain.refund import totals_key


class OrderActivities:
    """Steps of an order, each safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="review_order")
    async def review(self, request: ReviewRequest) -> Review:
        """Match, plan and reserve what can be; wait for the rest; close the order when nothing is left."""
        return await review(self._context, request)

    @activity.defn(name="park")
    async def park(self, park: Park) -> StepResult:
        """Let a part of the order wait visibly for a cause; its row ends when the step goes through or is retried."""
        async with self._context.record.begin() as tx:
            ticket = await tx.waits.rewrite(park.order_id, park.scope, {park.cause: park.code}, self._context.now())
        return StepResult(ticket=ticket, cause=park.cause)

    @activity.defn(name="unpark")
    async def unpark(self, park: Park) -> StepResult:
        """End the waits of a step that has gone through after all."""
        async with self._context.record.begin() as tx:
            await tx.orders.load(park.order_id, lock=True)
            await tx.waits.rewrite(park.order_id, park.scope, {}, self._context.now())
        return StepResult()

    @activity.defn(name="acknowledge_order")
    @parks(lambda _order_id: ACKNOWLEDGE_SCOPE)
    async def acknowledge(self, order_id: str) -> StepResult:
        """Tell the channel that the order is accepted, if it wants to hear that.

        Where single lines can be refused, those that were cancelled before are, and need not be cancelled there.
        """
        marketplace = await self._context.parties.marketplace(order_id.partition("/")[0])
        if not marketplace.capability.acknowledges:
            return StepResult()
        async with self._context.record.begin() as tx:
            refused = await _refused(tx, order_id) if marketplace.capability.refuses_lines else {}
            call = _acknowledge_call(marketplace, order_id, refused)
            effect = await claim(tx, call, self._context)
        outcome = await carry_out(self._context, effect, call)
        if isinstance(outcome, Confirmed) and not effect.fresh:
            # What took its time may have brought news, such as where the goods go.
            await read_again(self._context, order_id, closely=True)
        async with self._context.record.begin() as tx:
            await settle(tx, effect, outcome, self._context)
            if isinstance(outcome, Confirmed) or (isinstance(outcome, Rejected) and outcome.already_done):
                await tx.orders.mark_acknowledged(order_id)
                if refused and isinstance(outcome, Confirmed):  # by hand every line may have been accepted
                    order = await tx.orders.load(order_id)
                    await _note_cancelled(tx, order, refused, refunded=marketplace.capability.cancelling_refunds)
                return StepResult()
            return await wait_for_effect(tx, self._context, order_id, ACKNOWLEDGE_SCOPE, effect, outcome)

    @activity.defn(name="tell_cancelled")
    @parks(lambda _order_id: CANCELLED_SCOPE)
    async def tell_cancelled(self, order_id: str) -> StepResult:
        """Tell the channel which units will not come, and reserve the refund that is owed for them.

        The channel is read first: what a person cancelled or refunded there is not done again. A channel on which the
        seller cannot cancel this much only sees the refund.

        Raises:
            Unavailable: the acknowledgement goes first, where it is what refuses single lines.
        """
        account = order_id.partition("/")[0]
        marketplace = await self._context.parties.marketplace(account)
        await read_again(self._context, order_id)
        async with self._context.record.begin() as tx:
            order = await tx.orders.load(order_id, lock=True)
            totals = untold(order)
            if not totals:
                return StepResult(subject=totals_key({line.line_id: line.cancelled for line in order.lines}))
            if marketplace.capability.refuses_lines and not order.acknowledged and not _is_whole(order):
                raise Unavailable("not-acknowledged-yet", "told when the order is accepted", retry_after=300)
            if not _can_cancel(marketplace.capability, order):
                return await _note_cancelled(tx, order, totals, refunded=False)
            call = _cancel_call(marketplace, order, totals)
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed) or (isinstance(outcome, Rejected) and outcome.already_done):
                return await _note_cancelled(tx, order, totals, refunded=marketplace.capability.cancelling_refunds)
            return await wait_for_effect(tx, self._context, order_id, CANCELLED_SCOPE, effect, outcome)


def _can_cancel(capability: MarketplaceCapability, order: KeptOrder) -> bool:
    if capability.cancels == "orders":
        return _is_whole(order)
    return capability.cancels == "lines"


def _is_whole(order: KeptOrder) -> bool:
    return all(line.cancelled == line.quantity for line in order.lines)


async def _refused(tx: Transaction, order_id: str) -> dict[str, int]:
    """Return the lines that the acknowledgement refuses, with their units: one that was perhaps sent keeps its own.

    Else those that are cancelled as a whole and of which the channel does not know.
    """
    order = await tx.orders.load(order_id, lock=True)
    asked = await tx.effects.request(effect_base(EffectKind.ACKNOWLEDGE, order_id))
    gone = {line.line_id for line in order.lines if untold(order).get(line.line_id) == line.quantity}
    refused = gone if asked is None else set(AcknowledgeOrder.model_validate_json(asked).refused)
    return {line.line_id: line.quantity for line in order.lines if line.line_id in refused}


async def _note_cancelled(tx: Transaction, order: KeptOrder, totals: dict[str, int], *, refunded: bool) -> StepResult:
    """Note that the channel knows of these units, and reserve what is owed unless cancelling gave it back."""
    await tx.orders.tell_cancelled(order.order_id, totals)
    if not refunded:
        await reserve_what_is_owed(tx, order.order_id, f"cancelled:{totals_key(totals)}", "cancelled")
    return StepResult(subject=totals_key({line.line_id: line.cancelled for line in order.lines}))


async def wait_for_effect(
    tx: Transaction, context: Context, order_id: str, scope: str, effect: Effect, outcome: Rejected | Unknown
) -> StepResult:
    """Let a part of the order wait for a person's word on an effect that was rejected or cannot be looked up."""
    cause = f"effect:{effect.key}"
    ticket = await tx.waits.rewrite(order_id, scope, {cause: outcome.code}, context.now())
    return StepResult(ticket=ticket, cause=cause, done=False)


def debt_of(order: KeptOrder) -> int:
    """Return the minor units still owed for units that will not stay with the buyer, what was given back taken off."""
    return order.owed - order.refunding


async def reserve_what_is_owed(tx: Transaction, order_id: str, key: str, reason: str) -> None:
    """Reserve a refund of what is owed for units that will not stay with the buyer, less what was given back.

    Money that a person gave back on the channel counts: the debt is one.
    """
    debt = debt_of(await tx.orders.load(order_id))
    if debt > 0:
        await tx.money.reserve_refund(order_id, key, debt, reason, {})


def _acknowledge_call(marketplace: Marketplace, order_id: str, refused: Collection[str]) -> Call[AcknowledgeOrder]:
    account, _, channel_order_id = order_id.partition("/")
    return Call(
        kind=EffectKind.ACKNOWLEDGE,
        subject=order_id,
        order_id=order_id,
        adapter=account,
        phrase=lambda key: AcknowledgeOrder(
            channel_order_id=channel_order_id, reference=key, refused=tuple(sorted(refused))
        ),
        send=marketplace.acknowledge,
        find=marketplace.find,
        dedupe=marketplace.capability.dedupe[EffectKind.ACKNOWLEDGE],
    )


def _cancel_call(marketplace: Marketplace, order: KeptOrder, totals: dict[str, int]) -> Call[CancelLines]:
    told = {line.line_id: line.told_cancelled for line in order.lines}
    return Call(
        kind=EffectKind.CANCEL,
        subject=cancel_subject(order, totals),
        order_id=order.order_id,
        adapter=order.account,
        phrase=lambda key: CancelLines(
            channel_order_id=order.channel_order_id,
            reference=key,
            quantities={line_id: units - told[line_id] for line_id, units in totals.items()},
            totals=totals,
            reason="cancelled",
        ),
        send=marketplace.cancel_lines,
        find=marketplace.find,
        dedupe=marketplace.capability.dedupe[EffectKind.CANCEL],
    )
