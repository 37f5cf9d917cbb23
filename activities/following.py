"""Following a parcel whose label a carrier did not sell us: it is asked for its scans, since it may tell us of none."""

from __future__ import annotations

from datetime import datetime

from temporalio import activity

from activities.context import Context
from activities.correction import live_parcel
from activities.journey import reach_milestone
from activities.outage import parks
from activities.steps import PartOf, StepResult, step_scope
from domain.errors import NotFound, Refused
from domain.fulfillment import TERMINAL, Fulfillment, Stage
from domain.ports.carrier import Carrier
from domain.ports.stores.fulfillment import Move
from domain.shipment import Parcel, TrackingEvent


class FollowingActivities:
    """Steps of a parcel under a label of its place's own, each safe to repeat."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="follow_parcel")
    @parks(lambda part: step_scope(part.fulfillment_id))
    async def follow(self, part: PartOf) -> StepResult:
        """Ask its carrier where a parcel is; one that nobody will ever scan counts as delivered after the watch.

        Nobody does where none of our accounts is its carrier, or where it has no number, and no scan ever came.
        """
        async with self._context.record.begin() as tx:
            fulfillment = await tx.fulfillments.load(part.fulfillment_id)
            parcel = await live_parcel(tx, part.fulfillment_id)
            seen = await tx.shipments.latest(part.fulfillment_id)
        if parcel is None or fulfillment.stage in TERMINAL:
            return StepResult(stage=fulfillment.stage)
        carrier = self._carrier(parcel.carrier) if parcel.tracking_number else None
        if carrier is not None:
            return StepResult(stage=await self._ask(carrier, fulfillment, parcel))
        if seen is None and self._is_overdue(fulfillment, self._context.now()):
            return StepResult(stage=await self._believe(fulfillment))
        return StepResult(stage=fulfillment.stage)

    def _carrier(self, name: str) -> Carrier | None:
        """Return the account of ours that a place means by this name."""
        for spelled in (name, name.lower()):
            try:
                return self._context.parties.carrier(spelled)
            except NotFound:
                continue
        return None

    async def _ask(self, carrier: Carrier, fulfillment: Fulfillment, parcel: Parcel) -> Stage:
        try:
            scans = await carrier.track(parcel.tracking_number or "")
        except (NotFound, Refused):
            return fulfillment.stage  # not scanned yet
        stage = fulfillment.stage
        for scan in sorted(scans, key=_moment):
            async with self._context.record.begin() as tx:
                part = await tx.shipments.scan(scan, self._context.now())
                if part is not None and part.fulfillment_id == fulfillment.fulfillment_id:
                    stage = await reach_milestone(self._context, tx, part, scan.status, None) or part.stage
        return stage

    def _is_overdue(self, fulfillment: Fulfillment, now: datetime) -> bool:
        left_at = fulfillment.expected_hand_over
        return left_at is not None and now - left_at >= self._context.policy.delivery_watch_after

    async def _believe(self, fulfillment: Fulfillment) -> Stage:
        move = Move(
            fulfillment_id=fulfillment.fulfillment_id,
            before=frozenset({Stage.HANDED_OVER}),
            to=Stage.DELIVERED,
            at=self._context.now(),
            clears=f"delivery:{fulfillment.fulfillment_id}",
        )
        async with self._context.record.begin() as tx:
            moved = await tx.fulfillments.advance(move)
            return (moved or await tx.fulfillments.load(fulfillment.fulfillment_id)).stage


def _moment(scan: TrackingEvent) -> datetime:
    return scan.occurred_at
