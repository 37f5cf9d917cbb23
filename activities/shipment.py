"""What is done with a shipment: buy its label, void it, ask a parcel back."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities.context import Context
from activities.correction import live_parcel
from activities.effect import Call, claim, look_up, settle, settled
from activities.fulfillment import wait_for_holds
from activities.journey import catch_up
from activities.order import wait_for_effect
from activities.outage import parks
from activities.steps import PartOf, StepResult, step_scope
from domain.effect import Confirmed, EffectKind, EffectState, Rejected, Unknown
from domain.fulfillment import Fulfillment, Stage
from domain.ports.carrier import BuyLabel, Carrier, InterceptParcel, VoidLabel
from domain.ports.parties import Carriers
from domain.ports.stores import Transaction
from domain.ports.stores.effect import Effect
from domain.ports.stores.fulfillment import Move
from domain.shipment import Parcel, ParcelState

_LABELLED = frozenset({Stage.LABELLED, Stage.HANDED_OVER, Stage.CANCELLING})


@dataclass(frozen=True)
class _Intent:
    """A label about to be bought."""

    fulfillment: Fulfillment
    parcel: Parcel
    call: Call[BuyLabel]
    effect: Effect


class _OwnLabelError(Exception):
    """The place sends with a label of its own: none is bought."""


class ShipmentActivities:
    """Steps of a shipment, each safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="buy_label")
    @parks(lambda part: step_scope(part.fulfillment_id))
    async def buy_label(self, part: PartOf) -> StepResult:
        """Buy the label of a fulfillment order; where no hand is needed, the goods leave with it.

        A cancellation that comes meanwhile waits for the outcome: the label is kept, then voided. One that got lost is
        looked up also then, or nobody would know the parcel when the carrier has it already.
        """
        try:
            intent = await self._intend_label(part)
        except _OwnLabelError:
            return StepResult(labels_itself=True)
        result = intent if isinstance(intent, StepResult) else await self._buy(intent)
        if result.stage is Stage.CANCELLING and (waits := await self._settle_open_label(part)):
            return waits
        scanned = await catch_up(self._context, part.fulfillment_id) if result.stage in _LABELLED else None
        return StepResult(stage=scanned) if scanned else result

    async def _buy(self, intent: _Intent) -> StepResult:
        async with settled(self._context, intent.effect, intent.call) as (tx, outcome):
            if isinstance(outcome, Confirmed):
                return StepResult(stage=await self._keep_label(tx, intent, outcome))
            return await self._wait_for_label(tx, intent, outcome)

    async def _intend_label(self, part: PartOf) -> _Intent | StepResult:
        """Win the row for the label and write the intent, in one transaction."""
        now = self._context.now()
        carriers = await self._carriers(part)
        async with self._context.record.begin() as tx:
            move = Move(
                fulfillment_id=part.fulfillment_id,
                before=frozenset({Stage.PICKED} if part.needs_hand else {Stage.RELEASED}),
                to=Stage.LABELLING,
                at=now,
                unless_held=True,
                clears=f"staff:{part.fulfillment_id}",
            )
            fulfillment = await tx.fulfillments.advance(move)
            if fulfillment is None:
                fulfillment = await tx.fulfillments.load(part.fulfillment_id)
                if fulfillment.stage in move.before:
                    return await wait_for_holds(tx, part, now)
                if fulfillment.stage is not Stage.LABELLING:
                    return StepResult(stage=fulfillment.stage)
            if fulfillment.labels_itself:
                raise _OwnLabelError
            parcel = await tx.shipments.plan_parcel(fulfillment.fulfillment_id, fulfillment.carrier, now)
            call = await _label_call(tx, carriers(parcel.carrier), fulfillment, parcel)
            return _Intent(fulfillment, parcel, call, await claim(tx, call, self._context))

    async def _keep_label(self, tx: Transaction, intent: _Intent, label: Confirmed) -> Stage:
        now = self._context.now()
        part = intent.fulfillment
        await tx.shipments.keep_label(intent.parcel.parcel_id, label, now)
        leaves = not part.needs_hand
        move = Move(
            fulfillment_id=part.fulfillment_id,
            before=frozenset({Stage.LABELLING}),
            to=Stage.HANDED_OVER if leaves else Stage.LABELLED,
            at=now,
            waits_for=f"{'delivery' if leaves else 'staff'}:{part.fulfillment_id}",
        )
        moved = await tx.fulfillments.advance(move)
        if moved is None:
            return (await tx.fulfillments.load(part.fulfillment_id)).stage
        if leaves:
            await tx.stock.ship(part.fulfillment_id, now)
        return moved.stage

    async def _wait_for_label(self, tx: Transaction, intent: _Intent, outcome: Rejected | Unknown) -> StepResult:
        part = intent.fulfillment
        if isinstance(outcome, Rejected) and outcome.undeliverable:
            cause = f"address:{part.order_id}"
            now = self._context.now()
            ticket = await tx.waits.rewrite(part.order_id, step_scope(part.fulfillment_id), {cause: outcome.code}, now)
            return StepResult(stage=Stage.LABELLING, ticket=ticket, cause=cause)
        waits = await wait_for_effect(
            tx, self._context, part.order_id, step_scope(part.fulfillment_id), intent.effect, outcome
        )
        return waits.model_copy(update={"stage": Stage.LABELLING})

    @activity.defn(name="void_label")
    @parks(lambda part: step_scope(part.fulfillment_id))
    async def void_label(self, part: PartOf) -> StepResult:
        """Give the live label back; `done` is false when the carrier has the parcel already.

        A label whose outcome is not known is settled first: it may be live.
        """
        open_label = await self._settle_open_label(part)
        if open_label is not None:
            return open_label
        carriers = await self._carriers(part)
        async with self._context.record.begin() as tx:
            parcel = await live_parcel(tx, part.fulfillment_id)
            if parcel is None:
                return StepResult(stage=Stage.CANCELLING)
            call = _void_call(carriers(parcel.carrier), part.order_id, parcel)
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed):
                await tx.shipments.void(parcel.parcel_id, self._context.now())
                return StepResult(stage=Stage.CANCELLING)
            return await wait_for_effect(
                tx, self._context, part.order_id, step_scope(part.fulfillment_id), effect, outcome
            )

    async def _settle_open_label(self, part: PartOf) -> StepResult | None:
        """Look up a label that was begun and not ended; it is never sent again. None when nothing is open."""
        carriers = await self._carriers(part)
        async with self._context.record.begin() as tx:
            parcels = await tx.shipments.parcels(part.fulfillment_id)
            planned = next((parcel for parcel in parcels if parcel.state is ParcelState.PLANNED), None)
            if planned is None:
                return None
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            call = await _label_call(tx, carriers(planned.carrier), fulfillment, planned)
            latest = await tx.effects.latest(call.intent().base)
            if latest is None or latest.state not in {EffectState.SENDING, EffectState.UNKNOWN}:
                return None
            effect = await claim(tx, call, self._context)
        outcome = await look_up(self._context, effect, call)
        async with self._context.record.begin() as tx:
            await settle(tx, effect, outcome, self._context)
            if isinstance(outcome, Confirmed):
                await tx.shipments.keep_label(planned.parcel_id, outcome, self._context.now())
            if isinstance(outcome, Unknown):
                return await wait_for_effect(
                    tx, self._context, part.order_id, step_scope(part.fulfillment_id), effect, outcome
                )
        return None

    @activity.defn(name="intercept_parcel")
    @parks(lambda part: step_scope(part.fulfillment_id))
    async def intercept(self, part: PartOf) -> StepResult:
        """Ask the carrier to bring a parcel back; `done` is false when it cannot or will not."""
        carriers = await self._carriers(part)
        async with self._context.record.begin() as tx:
            parcel = await live_parcel(tx, part.fulfillment_id)
            if parcel is None:
                return StepResult(done=False)
            carrier = carriers(parcel.carrier)
            if not carrier.capability.intercepts:
                return StepResult(done=False)
            call = _intercept_call(carrier, part.order_id, parcel)
            effect = await claim(tx, call, self._context)
        async with settled(self._context, effect, call) as (_tx, outcome):
            return StepResult(done=isinstance(outcome, Confirmed))

    async def _carriers(self, part: PartOf) -> Carriers:
        """Return who sells labels for the order: our carriers, and its channel where it can."""
        return await self._context.parties.carriers(part.order_id.partition("/")[0])


async def _label_call(tx: Transaction, carrier: Carrier, fulfillment: Fulfillment, parcel: Parcel) -> Call[BuyLabel]:
    address = await tx.vault.address(fulfillment.order_id)
    grams = await tx.catalog.weight({own.sku for line in fulfillment.lines for own in line.made_of})
    weight = sum(
        grams.get(own.sku, 0) * own.units * line.quantity for line in fulfillment.lines for own in line.made_of
    )
    return Call(
        kind=EffectKind.LABEL,
        subject=parcel.parcel_id,
        order_id=fulfillment.order_id,
        adapter=parcel.carrier,
        phrase=lambda key: BuyLabel(
            reference=key,
            origin=fulfillment.location,
            destination=address,
            weight_grams=max(weight, 1),
            speed=fulfillment.speed,
            channel_order_id=fulfillment.order_id.partition("/")[2],
            quantities={line.line_id: line.quantity for line in fulfillment.lines if line.quantity},
        ),
        send=carrier.buy_label,
        find=carrier.find,
        dedupe=carrier.capability.dedupe[EffectKind.LABEL],
        draft=carrier.draft_label,
    )


def _void_call(carrier: Carrier, order_id: str, parcel: Parcel) -> Call[VoidLabel]:
    return Call(
        kind=EffectKind.VOID,
        subject=parcel.parcel_id,
        order_id=order_id,
        adapter=parcel.carrier,
        phrase=lambda key: VoidLabel(
            reference=key, remote_id=parcel.remote_id, tracking_number=parcel.tracking_number or ""
        ),
        send=carrier.void_label,
        find=carrier.find,
        dedupe=carrier.capability.dedupe[EffectKind.VOID],
    )


def _intercept_call(carrier: Carrier, order_id: str, parcel: Parcel) -> Call[InterceptParcel]:
    return Call(
        kind=EffectKind.INTERCEPT,
        subject=parcel.parcel_id,
        order_id=order_id,
        adapter=parcel.carrier,
        phrase=lambda key: InterceptParcel(
            reference=key, remote_id=parcel.remote_id, tracking_number=parcel.tracking_number or ""
        ),
        send=carrier.intercept,
        find=carrier.find,
        dedupe=carrier.capability.dedupe[EffectKind.INTERCEPT],
    )
