"""What the channel is told of a parcel: that it left, under which number, and once more when it has another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from temporalio import activity

from activities.context import Context
from activities.correction import correction_subject, live_parcel
from activities.effect import Call, claim, settled
from activities.observation import read_again, tell_changed
from activities.order import wait_for_effect
from activities.outage import parks
from activities.steps import PartOf, StepResult, correction_scope, tracking_scope
from domain.effect import Confirmed, EffectKind, Rejected, Unknown, effect_base
from domain.errors import Unavailable
from domain.fulfillment import GONE, Fulfillment
from domain.ports.marketplace import ConfirmShipment, CorrectTracking, Marketplace
from domain.ports.stores import Transaction
from domain.ports.stores.effect import Effect
from domain.shipment import Parcel

WriteT = TypeVar("WriteT", bound=ConfirmShipment)


@dataclass(frozen=True)
class _Told:
    """A parcel as its channel is being told of it, and the scope under which that waits."""

    fulfillment: Fulfillment
    parcel: Parcel
    scope: str


class TrackingActivities:
    """Steps that tell a channel of parcels, each safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="push_tracking")
    @parks(lambda part: tracking_scope(part.fulfillment_id))
    async def push_tracking(self, part: PartOf) -> StepResult:
        """Tell the channel that the goods left, with their tracking number, after the label is confirmed.

        The channel is read first: what a person confirmed there is not confirmed twice. What was perhaps told under a
        number that was corrected since is settled under that one. Where a number is wanted and missing, it waits.
        """
        marketplace = await self._marketplace(part)
        await read_again(self._context, part.order_id)
        async with self._context.record.begin() as tx:
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            parcel = await live_parcel(tx, part.fulfillment_id)
            if parcel is None or parcel.tracking_told or fulfillment.stage not in GONE:
                return StepResult(stage=fulfillment.stage)
            if not marketplace.capability.confirms:
                await self._note(tx, fulfillment, parcel)
                return StepResult(stage=fulfillment.stage)
            if parcel.former:
                parcel = await _as_begun(tx, effect_base(EffectKind.TRACKING, parcel.parcel_id), parcel)
            if not (parcel.tracking_number or marketplace.capability.confirms_unnumbered):
                return await self._wait_for_number(tx, fulfillment)
            call = tracking_call(marketplace, fulfillment, parcel)
            effect = await claim(tx, call, self._context)
        return await self._tell(_Told(fulfillment, parcel, tracking_scope(part.fulfillment_id)), effect, call)

    @activity.defn(name="correct_tracking")
    @parks(lambda part: correction_scope(part.fulfillment_id))
    async def correct_tracking(self, part: PartOf) -> StepResult:
        """Tell the channel the number that a parcel has by now, where it was told another one.

        The channel is read first: what a person corrected there is not told again. Where the channel cannot be told,
        it waits for such a person.
        """
        marketplace = await self._marketplace(part)
        seen = await read_again(self._context, part.order_id)
        async with self._context.record.begin() as tx:
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            now_under = await live_parcel(tx, part.fulfillment_id)
            if now_under is None or not fulfillment.told_otherwise:
                return StepResult()
            parcel = await _as_begun(tx, effect_base(EffectKind.CORRECTION, correction_subject(now_under)), now_under)
            if parcel is now_under:
                shown = parcel.tracking_number in {shipment.tracking_number for shipment in seen.shipments}
                if shown or not marketplace.capability.confirms:
                    await self._note(tx, fulfillment, parcel)
                    return StepResult()
                if not marketplace.capability.corrects_tracking:
                    return await self._wait_for_hand(tx, fulfillment)
            call = _correction_call(marketplace, fulfillment, parcel, await _remote_id(tx, parcel))
            effect = await claim(tx, call, self._context)
        return await self._tell(_Told(fulfillment, parcel, correction_scope(part.fulfillment_id)), effect, call)

    async def _marketplace(self, part: PartOf) -> Marketplace:
        return await self._context.parties.marketplace(part.order_id.partition("/")[0])

    async def _tell(self, told: _Told, effect: Effect, call: Call[WriteT]) -> StepResult:
        """Send it, and keep by which number the channel knows the parcel then.

        Raises:
            Unavailable: it was refused under a number that was corrected meanwhile: the next attempt tells that one.
        """
        part = told.fulfillment
        async with settled(self._context, effect, call) as (tx, outcome):
            if isinstance(outcome, Confirmed) or (isinstance(outcome, Rejected) and outcome.already_done):
                await self._note(tx, part, told.parcel)
                return StepResult(stage=part.stage)
            now_under = await live_parcel(tx, part.fulfillment_id)
            corrected = now_under is not None and now_under.tracking_number != told.parcel.tracking_number
            if isinstance(outcome, Unknown) or not corrected:
                return await wait_for_effect(tx, self._context, part.order_id, told.scope, effect, outcome)
            await tx.effects.supersede(part.order_id)
        raise Unavailable("number-corrected", "it travels under another number by now", retry_after=0)

    async def _note(self, tx: Transaction, part: Fulfillment, parcel: Parcel) -> None:
        """Keep what the channel knows; where that is not true any more, the order is looked at again."""
        number = parcel.tracking_number or ""
        if await tx.shipments.tell_tracking(parcel.parcel_id, number, self._context.now()):
            await tell_changed(tx, part.order_id, "tracking")

    async def _wait_for_number(self, tx: Transaction, part: Fulfillment) -> StepResult:
        await tx.orders.load(part.order_id, lock=True)
        parcel = await live_parcel(tx, part.fulfillment_id)
        if parcel is None or parcel.tracking_number:
            raise Unavailable("numbered-meanwhile", "its number has just come", retry_after=0)
        causes = {f"tracking:{part.fulfillment_id}": "no-number"}
        return await self._ask_person(tx, part, tracking_scope(part.fulfillment_id), causes)

    async def _wait_for_hand(self, tx: Transaction, part: Fulfillment) -> StepResult:
        await tx.orders.load(part.order_id, lock=True)
        if not (await tx.fulfillments.load(part.fulfillment_id)).told_otherwise:
            return StepResult()
        causes = {f"correction:{part.fulfillment_id}": "cannot-correct"}
        return await self._ask_person(tx, part, correction_scope(part.fulfillment_id), causes)

    async def _ask_person(self, tx: Transaction, part: Fulfillment, scope: str, causes: dict[str, str]) -> StepResult:
        ticket = await tx.waits.rewrite(part.order_id, scope, causes, self._context.now())
        return StepResult(ticket=ticket, cause=min(causes), done=False)


async def _as_begun(tx: Transaction, base: str, parcel: Parcel) -> Parcel:
    """Return the parcel as the channel was perhaps told of it: that is settled before it is told anything else."""
    asked = await tx.effects.request(base)
    if asked is None:
        return parcel
    write = ConfirmShipment.model_validate_json(asked)
    return parcel.model_copy(update={"tracking_number": write.tracking_number, "carrier": write.carrier})


async def _remote_id(tx: Transaction, parcel: Parcel) -> str:
    """Return what the channel calls the shipment; empty where a person made it."""
    confirmed = await tx.effects.latest(effect_base(EffectKind.TRACKING, parcel.parcel_id))
    return confirmed.confirmed.remote_id if confirmed and confirmed.confirmed else ""


def tracking_call(marketplace: Marketplace, fulfillment: Fulfillment, parcel: Parcel) -> Call[ConfirmShipment]:
    """Return the call that tells the channel of a parcel."""
    return Call(
        kind=EffectKind.TRACKING,
        subject=parcel.parcel_id,
        order_id=fulfillment.order_id,
        adapter=fulfillment.order_id.partition("/")[0],
        phrase=lambda key: _confirmation(key, fulfillment, parcel),
        send=marketplace.confirm_shipment,
        find=marketplace.find,
        dedupe=marketplace.capability.dedupe[EffectKind.TRACKING],
    )


def _correction_call(
    marketplace: Marketplace, fulfillment: Fulfillment, parcel: Parcel, remote_id: str
) -> Call[CorrectTracking]:
    return Call(
        kind=EffectKind.CORRECTION,
        subject=correction_subject(parcel),
        order_id=fulfillment.order_id,
        adapter=fulfillment.order_id.partition("/")[0],
        phrase=lambda key: CorrectTracking(
            **dict(_confirmation(key, fulfillment, parcel)), remote_id=remote_id, replaces=parcel.told_number
        ),
        send=marketplace.correct_tracking,
        find=marketplace.find,
        dedupe=marketplace.capability.dedupe[EffectKind.CORRECTION],
    )


def _confirmation(key: str, fulfillment: Fulfillment, parcel: Parcel) -> ConfirmShipment:
    return ConfirmShipment(
        channel_order_id=fulfillment.order_id.partition("/")[2],
        reference=key,
        quantities={line.line_id: line.quantity for line in fulfillment.lines if line.quantity},
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number or "",
    )
