"""What is done with one fulfillment order: release it, call it back, wind it down, let a pickup expire."""

from __future__ import annotations

from datetime import datetime

from temporalio import activity

from activities.context import Context
from activities.effect import Call, claim, settled
from activities.freeing import announce_freed
from activities.order import reserve_what_is_owed, wait_for_effect
from activities.outage import parks
from activities.steps import PartOf, StepResult, step_scope
from domain.effect import Confirmed, EffectKind, Rejected
from domain.errors import Refused
from domain.fulfillment import Fulfillment, Stage
from domain.ports.location import LocationSystem, RecallWork, ReleaseWork, WorkGoods, WorkLine
from domain.ports.stores import Transaction
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.returns import ReturnRequest
from domain.returns import ReturnLine
from domain.waits import hold_cause


class FulfillmentActivities:
    """Steps of a fulfillment order, each safe to repeat; the row's stage decides, never the caller's memory."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="release_work")
    @parks(lambda part: step_scope(part.fulfillment_id))
    async def release(self, part: PartOf) -> StepResult:
        """Hand the work to its location; it wins only while no hold is active and nobody cancelled."""
        now = self._context.now()
        system = self._context.parties.location(part.system)
        own_label = system.capability.labels_itself
        async with self._context.record.begin() as tx:
            move = Move(
                fulfillment_id=part.fulfillment_id,
                before=frozenset({Stage.PLANNED}),
                to=Stage.RELEASED,
                at=now,
                labels_itself=own_label,
                unless_held=True,
                waits_for=f"staff:{part.fulfillment_id}" if part.needs_hand or own_label else "",
            )
            fulfillment = await tx.fulfillments.advance(move)
            if fulfillment is None:
                fulfillment = await tx.fulfillments.load(part.fulfillment_id)
                if fulfillment.stage is Stage.PLANNED:
                    return await wait_for_holds(tx, part, now)
                if fulfillment.stage is not Stage.RELEASED:
                    return StepResult(stage=fulfillment.stage, labels_itself=fulfillment.labels_itself)
            if fulfillment.labels_itself and fulfillment.carrier == part.order_id.partition("/")[0]:
                raise Refused("channel-sells-labels", f"{fulfillment.location} uses labels of its own: reroute it")
            order = await tx.orders.load(part.order_id)
            call = _release_call(system, part, order, fulfillment)
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed):
                return StepResult(stage=Stage.RELEASED, labels_itself=fulfillment.labels_itself)
            waits = await wait_for_effect(
                tx, self._context, part.order_id, step_scope(part.fulfillment_id), effect, outcome
            )
            return waits.model_copy(update={"stage": Stage.RELEASED})

    @activity.defn(name="recall_work")
    @parks(lambda part: step_scope(part.fulfillment_id))
    async def recall(self, part: PartOf) -> StepResult:
        """Ask the location to stop; `done` is false when it says that the goods have left."""
        async with self._context.record.begin() as tx:
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            system = self._context.parties.location(part.system)
            call = Call(
                kind=EffectKind.RECALL,
                subject=part.fulfillment_id,
                order_id=part.order_id,
                adapter=part.system,
                phrase=lambda key: RecallWork(
                    reference=key, location=fulfillment.location, fulfillment_id=part.fulfillment_id
                ),
                send=system.recall,
                find=system.find,
                dedupe=system.capability.dedupe[EffectKind.RECALL],
            )
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed | Rejected):
                return StepResult(stage=fulfillment.stage, done=isinstance(outcome, Confirmed))
            return await wait_for_effect(
                tx, self._context, part.order_id, step_scope(part.fulfillment_id), effect, outcome
            )

    @activity.defn(name="finish_cancelling")
    async def finish_cancelling(self, part: PartOf) -> StepResult:
        """End a part that was called back: stock returns, cancelled units are counted, wanted ones are open again."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await tx.orders.load(part.order_id, lock=True)
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            cancelling = {line.line_id: line.cancelling for line in fulfillment.lines if line.cancelling}
            whole = all(line.cancelling >= line.quantity for line in fulfillment.lines)
            await announce_freed(tx, fulfillment, now)
            move = Move(
                fulfillment_id=part.fulfillment_id,
                before=frozenset({Stage.CANCELLING}),
                to=Stage.CANCELLED if whole else Stage.REPLANNED,
                at=now,
            )
            moved = await tx.fulfillments.advance(move)
            if moved is None:
                return StepResult(stage=(await tx.fulfillments.load(part.fulfillment_id)).stage)
            await tx.stock.free(part.fulfillment_id)
            await tx.orders.count_cancelled(part.order_id, cancelling, told=False)
            await tx.waits.rewrite(part.order_id, part.fulfillment_id, {}, now)
        return StepResult(stage=moved.stage)

    @activity.defn(name="expire_pickup")
    async def expire_pickup(self, part: PartOf) -> StepResult:
        """Let a pickup that nobody collected expire; a buyer who collects at this moment wins or loses in the row."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await tx.orders.load(part.order_id, lock=True)
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            await announce_freed(tx, fulfillment, now)
            move = Move(
                fulfillment_id=part.fulfillment_id,
                before=frozenset({Stage.READY}),
                to=Stage.EXPIRED,
                at=now,
                clears=f"pickup:{part.fulfillment_id}",
            )
            if await tx.fulfillments.advance(move) is None:
                return StepResult(stage=(await tx.fulfillments.load(part.fulfillment_id)).stage)
            await tx.stock.free(part.fulfillment_id)
            units = {line.line_id: line.quantity for line in fulfillment.lines}
            await tx.orders.count_cancelled(part.order_id, units, told=False)
        return StepResult(stage=Stage.EXPIRED)

    @activity.defn(name="make_good")
    async def make_good(self, part: PartOf) -> StepResult:
        """Answer for a parcel that never arrived: send the goods again or give the money back; `done` if sent again."""
        now = self._context.now()
        async with self._context.record.begin() as tx:
            await tx.orders.load(part.order_id, lock=True)
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            if fulfillment.stage is Stage.SENT_BACK:
                await _expect_back(tx, fulfillment, now)
                return StepResult(stage=fulfillment.stage, done=False)
            unwanted = any(line.cancelling for line in fulfillment.lines)
            if self._context.policy.lost_parcels == "replace" and not unwanted:
                await tx.fulfillments.reopen(part.fulfillment_id)
                return StepResult(stage=fulfillment.stage)
            await reserve_what_is_owed(tx, part.order_id, f"lost:{part.fulfillment_id}", "parcel lost")
        return StepResult(stage=fulfillment.stage, done=False)


async def wait_for_holds(tx: Transaction, part: PartOf, now: datetime) -> StepResult:
    """Let a fulfillment order wait for the holds of its order."""
    order = await tx.orders.load(part.order_id)
    causes = {hold_cause(hold.reason.value, part.order_id): "held" for hold in order.holds}
    ticket = await tx.waits.rewrite(part.order_id, step_scope(part.fulfillment_id), causes, now) if causes else 0
    stage = next(own.stage for own in order.fulfillments if own.fulfillment_id == part.fulfillment_id)
    return StepResult(stage=stage, ticket=ticket, cause=min(causes, default=""), done=False)


async def _expect_back(tx: Transaction, fulfillment: Fulfillment, now: datetime) -> None:
    lines = tuple(
        ReturnLine(line_id=line.line_id, sku=line.sku, quantity=line.quantity)
        for line in fulfillment.lines
        if line.quantity
    )
    request = ReturnRequest(
        order_id=fulfillment.order_id,
        key=f"sent-back:{fulfillment.fulfillment_id}",
        course="sent-back",
        lines=lines,
        location=fulfillment.location,
        reason="the carrier brought it back",
    )
    back = await tx.returns.open(request, now)
    for parcel in await tx.shipments.parcels(fulfillment.fulfillment_id):
        if parcel.tracking_number and parcel.state == "LIVE":
            await tx.returns.keep_tracking(back.return_id, parcel.tracking_number)


def _release_call(
    system: LocationSystem, part: PartOf, order: KeptOrder, fulfillment: Fulfillment
) -> Call[ReleaseWork]:
    titles = {line.line_id: line.title for line in order.lines}
    lines = tuple(
        WorkLine(
            line_id=line.line_id,
            sku=line.sku,
            title=titles.get(line.line_id, ""),
            quantity=line.quantity,
            components=tuple(WorkGoods(sku=own.sku, units=own.units) for own in line.components),
        )
        for line in fulfillment.lines
        if line.quantity
    )
    return Call(
        kind=EffectKind.RELEASE,
        subject=fulfillment.fulfillment_id,
        order_id=order.order_id,
        adapter=part.system,
        phrase=lambda key: ReleaseWork(
            reference=key,
            location=fulfillment.location,
            fulfillment_id=fulfillment.fulfillment_id,
            delivery=fulfillment.delivery,
            lines=lines,
            ship_by=order.ship_by,
        ),
        send=system.release,
        find=system.find,
        dedupe=system.capability.dedupe[EffectKind.RELEASE],
    )
