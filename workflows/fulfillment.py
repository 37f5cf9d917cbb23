"""The life of one fulfillment order inside its order: a coroutine, not a workflow of its own.

Each stage has one act; an act takes a step or waits, and the stage decides what comes next. The record decides the
stage, so a life can begin at any of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow

from activities.following import FollowingActivities
from activities.fulfillment import FulfillmentActivities
from activities.journey import ON_THE_SHELF
from activities.pickup import PickupActivities
from activities.shipment import ShipmentActivities
from activities.steps import Course, MessageRequest, PartOf, StepResult
from activities.tracking import TrackingActivities
from domain.fulfillment import GONE, TERMINAL, Stage, later
from domain.messages import channel_queue, label_queue, location_queue
from domain.ports.notifier import MessageKind
from workflows.desk import Ask, Desk, Step


class FulfillmentLife:
    """From planned to delivered, collected, cancelled, lost or back; `finished` when its end was cared for."""

    def __init__(self, desk: Desk, account: str, course: Course) -> None:
        self.fulfillment_id = course.fulfillment_id
        self.stage = course.stage
        self.wanted_back = course.wanted_back
        self.finished = False
        self._desk = desk
        self._course = course
        self._channel = channel_queue(account)
        self._account = account
        self._part = PartOf(
            order_id=desk.order_id,
            fulfillment_id=course.fulfillment_id,
            needs_hand=course.needs_hand,
            system=course.system,
        )
        self._labels_itself = course.labels_itself
        self._told_channel = False
        self._asked_back = False

    def advance(self, stage: Stage) -> None:
        """Take over a stage that the record has come to; an older one changes nothing."""
        self.stage = later(self.stage, stage)

    async def run(self) -> None:
        """Act by stage until the end, then care for the end."""
        while self.stage not in TERMINAL:
            await self._act()
        await self._care_for_end()
        self.finished = True

    async def _act(self) -> None:
        acts: dict[Stage, Callable[[], Awaitable[object]]] = {
            Stage.PLANNED: self._release,
            Stage.RELEASED: self._after_release,
            Stage.PICKED: self._after_pick,
            Stage.READY: self._hand_out,
            Stage.LABELLING: self._buy_label,
            Stage.LABELLED: self._stay,
            Stage.CANCELLING: self._wind_down,
            Stage.HANDED_OVER: self._travel,
            Stage.IN_TRANSIT: self._travel,
        }
        await acts[self.stage]()

    async def _release(self) -> None:
        """Hand the work over, and learn whether the place labels itself: also when its word was faster."""
        system, summary = self._course.system, f"release to {self._course.location}"
        result = await self._ask(location_queue(system), system, FulfillmentActivities.release, summary)
        while result.ticket and self.stage in ON_THE_SHELF:
            result = await self._ask(location_queue(system), system, FulfillmentActivities.release, summary)

    async def _after_release(self) -> None:
        await (self._stay() if self._course.needs_hand or self._labels_itself else self._buy_label())

    async def _after_pick(self) -> None:
        await (self._stay() if self._course.delivery == "pickup" or self._labels_itself else self._buy_label())

    async def _buy_label(self) -> None:
        carrier = self._course.carrier
        await self._ask(
            label_queue(carrier, self._account), carrier, ShipmentActivities.buy_label, f"buy the label of {carrier}"
        )

    async def _travel(self) -> None:
        """On its way: the channel hears the tracking number first; then milestones come from the carrier."""
        before = self.stage
        await self._tell_tracking()
        if self.wanted_back and not self._asked_back:
            await self._ask_back()
        patience = self._desk.patience
        watch = patience and (patience.follow_every if self._labels_itself else patience.delivery_watch_after)
        moved = await self._until(
            lambda: self.stage is not before or (self.wanted_back and not self._asked_back),
            watch,
            "delivery is watched",
        )
        if self._labels_itself and not moved:
            system = self._course.system
            await self._ask(location_queue(system), system, FollowingActivities.follow, "ask where the parcel is")

    async def _tell_tracking(self) -> None:
        if self._told_channel:
            return
        result = await self._ask(
            self._channel, self._account, TrackingActivities.push_tracking, "tell the channel the tracking number",
            scope="/tracking",
        )  # fmt: skip
        self._told_channel = not result.ticket  # a scan may have been faster: then it is told at the next stage
        if self.stage not in TERMINAL:
            self._desk.stage("ON_ITS_WAY")

    async def _ask_back(self) -> None:
        """Too late to cancel: ask the carrier to bring it back, or tell the buyer how to return it."""
        self._asked_back = True
        # Nobody can turn round what travels under a label that is not ours.
        if self._labels_itself or not await self._intercept():
            await self._tell(MessageKind.CANCEL_TOO_LATE)

    async def _intercept(self) -> bool:
        carrier = self._course.carrier
        result = await self._ask(
            label_queue(carrier, self._account), carrier, ShipmentActivities.intercept,
            "ask the carrier to bring it back",
        )  # fmt: skip
        return result.done

    async def _wind_down(self) -> None:
        """Cancelled before it left: ask the location back, void the label, then count what is cancelled."""
        system, carrier = self._course.system, self._course.carrier
        recalled = await self._ask(
            location_queue(system), system, FulfillmentActivities.recall, "ask the location to stop"
        )
        if not recalled.done or self.stage is not Stage.CANCELLING:
            await self._stay_while(Stage.CANCELLING)
            return
        if carrier and not self._labels_itself:
            queue = label_queue(carrier, self._account)
            await self._ask(queue, carrier, ShipmentActivities.void_label, "void the label")
        if self.stage is Stage.CANCELLING:
            self._take(
                await self._desk.ask_record(
                    FulfillmentActivities.finish_cancelling,
                    self._part,
                    "put the stock back and count what is cancelled",
                )
            )

    async def _hand_out(self) -> None:
        """A pickup that is ready: tell the buyer, remind, and let it expire."""
        await self._tell(MessageKind.PICKUP_READY)
        await self._ask(self._channel, self._account, PickupActivities.tell_ready, "tell the channel it is ready",
                        scope="/channel")  # fmt: skip
        patience = self._desk.patience
        if patience is None:
            await self._stay()
            return
        if await self._stay(patience.pickup_reminder_after, "the buyer is reminded"):
            return
        await self._tell(MessageKind.PICKUP_REMINDER)
        rest = patience.pickup_expires_after - patience.pickup_reminder_after
        if not await self._stay(max(rest, timedelta(0)), "the pickup expires"):
            self._take(
                await self._desk.ask_record(
                    FulfillmentActivities.expire_pickup, self._part, "let the pickup expire, unless it was collected"
                )
            )

    async def _care_for_end(self) -> None:
        if self.stage in GONE:
            await self._tell_tracking()
        if self.stage is Stage.DELIVERED and self.wanted_back and not self._asked_back:
            await self._tell(MessageKind.CANCEL_TOO_LATE)
        if self.stage is Stage.COLLECTED:
            await self._ask(self._channel, self._account, PickupActivities.tell_collected, "tell the channel it was "
                            "collected", scope="/channel")  # fmt: skip
        elif self.stage is Stage.EXPIRED:
            system = self._course.system
            await self._ask(location_queue(system), system, FulfillmentActivities.recall, "put the pickup back")
            await self._tell(MessageKind.PICKUP_EXPIRED)
        elif self.stage in {Stage.LOST, Stage.SENT_BACK}:
            await self._desk.ask_record(FulfillmentActivities.make_good, self._part, "answer for the parcel")
            await self._tell(MessageKind.PARCEL_LOST if self.stage is Stage.LOST else MessageKind.SENT_BACK)

    async def _ask(self, queue: str, party: str, step: Step, summary: str, *, scope: str = "/step") -> StepResult:
        """Ask a party for this fulfillment order; a cancellation meanwhile ends the waiting, not the step."""
        before = self.stage
        ask = Ask(self.fulfillment_id + scope, queue, party, step, self._part, summary)
        result = await self._desk.ask_party(ask, until=lambda: self.stage is not before)
        self._take(result)
        return result

    def _take(self, result: StepResult) -> None:
        self._labels_itself = self._labels_itself or result.labels_itself
        if result.stage is not None:
            self.advance(result.stage)

    async def _tell(self, kind: MessageKind) -> None:
        await self._desk.tell_buyer(
            MessageRequest(
                order_id=self._desk.order_id,
                kind=kind,
                subject=self.fulfillment_id,
                fulfillment_id=self.fulfillment_id,
            )
        )

    async def _stay(self, within: timedelta | None = None, summary: str = "") -> bool:
        """Wait until the stage moves on; False when it did not within the time."""
        before = self.stage
        return await self._until(lambda: self.stage is not before, within, summary)

    async def _stay_while(self, stage: Stage) -> None:
        await workflow.wait_condition(lambda: self.stage is not stage)

    async def _until(self, condition: Callable[[], bool], within: timedelta | None, summary: str) -> bool:
        try:
            await workflow.wait_condition(condition, timeout=within, timeout_summary=summary or None)
        except TimeoutError:
            return False
        return True
