"""A play: one order whose label is bought, which is cancelled, handed over and scanned, in a given order of steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Literal

import pytest

import workflows.fulfillment as life_module
from activities.context import Context
from activities.fact import apply_message
from activities.fulfillment import FulfillmentActivities
from activities.message import MessageActivities
from activities.money import MoneyActivities
from activities.operator import OperatorActivities
from activities.order import OrderActivities
from activities.relay import relay_once
from activities.shipment import ShipmentActivities
from activities.steps import MessageRequest, Review, ReviewRequest, StepResult
from activities.tracking import TrackingActivities
from domain.errors import Unavailable
from domain.facts import Fact, HandedOver, ParcelScanned
from domain.fulfillment import Fulfillment, Stage
from domain.messages import ADVANCED, Advanced, Cancel, RefundStart
from domain.order import OrderState
from domain.policy import Policy
from domain.ports.notifier import MessageKind
from domain.ports.stores import Record
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.ports.stores.order import KeptOrder
from domain.ports.stores.outbox import Telling
from domain.shipment import TrackingEvent, TrackingStatus
from tests.activities.stage_parties import StageParties, Truth
from tests.activities.turnstile import Choose, SteppedRecord, Turnstile
from tests.builders import ACCOUNT, BERLIN, NOW, channel_line, channel_order, fulfillment, received
from tests.stores.scenes import add_part, load, record_order, walk
from workflows.desk import Ask, Desk, Step
from workflows.fulfillment import FulfillmentLife

UNITS = 2


@dataclass(frozen=True)
class Cast:
    """Who reports that the goods left before they arrive, and whether the workflow hears of stages at once."""

    reports: Literal["staff", "carrier", "nobody"] = "staff"
    relay_is_prompt: bool = True


@dataclass(frozen=True)
class Ending:
    """What is left when everything is at rest."""

    order: KeptOrder
    part: Fulfillment
    truth: Truth


class StageDesk(Desk):
    """The desk of a play: it takes every step itself, where Temporal would."""

    def __init__(self, order_id: str, context: Context, turnstile: Turnstile) -> None:
        super().__init__(order_id)
        self._turnstile = turnstile
        self._messages = MessageActivities(context)
        owners = (FulfillmentActivities(context), ShipmentActivities(context), TrackingActivities(context))
        self._owners = {type(owner).__name__: owner for owner in owners}

    async def ask_record(self, step: Step, arg: object, summary: str) -> StepResult:
        del summary
        return await step(self._owners[step.__qualname__.partition(".")[0]], arg)

    async def ask_party(self, ask: Ask, until: Callable[[], bool] = lambda: False) -> StepResult:
        result = await self.ask_record(ask.step, ask.arg, ask.summary)
        while result.ticket and not until():
            await self._turnstile.turn(until)
        return result

    async def tell_buyer(self, request: MessageRequest) -> None:
        await self._messages.tell(request)

    def stage(self, value: str) -> None:
        del value


class Play:
    """Prepares one order, lets the actors act, and brings everything to rest."""

    def __init__(self, record: Record, number: str, cast: Cast) -> None:
        self._record, self._cast = record, cast
        self._turnstile, self._truth = Turnstile(), Truth()
        self._sold = channel_order(channel_line(quantity=UNITS), channel_order_id=number)
        self._parties = StageParties(self._truth, self._turnstile, self._sold)
        self._free = Context(record, self._parties, Policy(), lambda: NOW)
        self._context = replace(self._free, record=SteppedRecord(record, self._turnstile))
        self._order_id = self._part_id = self._number = ""
        self._arrived = False
        self._come_again = True

    async def perform(self, choose: Choose, patch: pytest.MonkeyPatch) -> Ending:
        """Play once; raises AssertionError when somebody waits for ever."""
        await self._prepare()
        patch.setattr(life_module, "workflow", SimpleNamespace(wait_condition=self._wait_condition))
        actors = {"order": self._life.run(), "boss": self._cancel(), "staff": self._leave()}
        waiting = await self._turnstile.play(actors, choose, self._after_step, self._when_still)
        assert not waiting or (waiting == ["staff"] and not self._number), f"{waiting} wait at {self._life.stage}"
        order = await self._end_order()
        return Ending(order, order.fulfillments[-1], self._truth)

    async def _prepare(self) -> None:
        """Goods are reserved and picked; the label is the next step."""
        self._order_id = await record_order(self._record, self._sold)
        part = fulfillment(self._order_id, quantities={"1": UNITS})
        self._part_id = await add_part(self._record, part, reserve=True)
        await walk(self._record, self._part_id, Stage.PICKED)
        review = await OrderActivities(self._context).review(ReviewRequest(order_id=self._order_id))
        self._life = FulfillmentLife(
            StageDesk(self._order_id, self._context, self._turnstile), ACCOUNT, review.courses[0]
        )
        await self._relay()

    async def _cancel(self) -> None:
        """Cancel everything, and let the order look at itself, as its workflow does after a verb."""
        verb = Cancel(actor="boss", reason="the buyer asked")
        await OperatorActivities(self._context).cancel(self._order_id, verb)
        review = await OrderActivities(self._free).review(ReviewRequest(order_id=self._order_id))
        for course in review.courses:
            self._life.wanted_back = course.wanted_back

    async def _leave(self) -> None:
        await self._turnstile.turn(self._truth.may_leave)
        self._number = self._truth.leave()
        if self._cast.reports == "staff":
            await self._report()
        elif self._cast.reports == "carrier":
            await self._scan(TrackingStatus.IN_TRANSIT)

    async def _report(self) -> None:
        await self._tell("staff", HandedOver(fulfillment_id=self._part_id))

    async def _scan(self, status: TrackingStatus) -> None:
        moment = NOW + timedelta(seconds=list(TrackingStatus).index(status))
        scan = TrackingEvent(tracking_number=self._number, status=status, occurred_at=moment)
        await self._tell(status.value, ParcelScanned(scan=scan))

    async def _tell(self, name: str, fact: Fact) -> None:
        """Bring a fact as a webhook does; one that comes too early comes again when the order has moved."""
        body = f"{self._order_id} {name}".encode()
        self._parties.facts[body] = fact
        message = received(body, source="hook", party=BERLIN)
        async with self._record.begin() as tx:
            (inbox_id,) = await tx.inbox.store((message,), NOW)
        assert inbox_id
        row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
        while True:
            before = self._life.stage
            try:
                assert await apply_message(self._context, row) == ""
            except Unavailable:
                self._come_again = False
                await self._turnstile.turn(lambda seen=before: self._come_again or self._life.stage is not seen)
            else:
                return

    async def _after_step(self) -> bool:
        return self._cast.relay_is_prompt and await self._relay()

    async def _when_still(self) -> bool:
        """Tell Temporal what became true; sweep the inbox; then let the parcel come to the end of its journey."""
        if await self._relay():
            return True
        if not self._come_again:
            self._come_again = True
            return True
        if not self._number or self._arrived:
            return False
        self._arrived = True
        await self._scan(TrackingStatus.SENT_BACK if self._truth.intercepted else TrackingStatus.DELIVERED)
        if self._cast.reports != "staff":
            await self._report()
        return True

    async def _relay(self) -> bool:
        return await relay_once(self._record, self) > 0

    async def start(self, telling: Telling) -> None:
        """Start nothing: refunds are sent at the end."""

    async def signal(self, telling: Telling) -> bool:
        """Be the workflow that hears of stages."""
        if telling.signal == ADVANCED:
            self._life.advance(Advanced.model_validate_json(telling.payload).stage)
        return True

    async def _wait_condition(self, condition: Callable[[], bool], **timeout: object) -> None:
        """Wait as a workflow does; time does not pass in a play."""
        del timeout
        while not condition():
            await self._turnstile.turn(condition)

    async def _end_order(self) -> KeptOrder:
        """Do what the order's workflow does when its parts have ended: tell the channel and the buyer, and refund."""
        orders = OrderActivities(self._context)
        review = await self._review(orders)
        if review.tell_cancelled:
            told = await orders.tell_cancelled(self._order_id)
            await MessageActivities(self._context).tell(
                MessageRequest(
                    order_id=self._order_id, kind=MessageKind.CANCELLED, subject=f"{self._order_id}:{told.subject}"
                )
            )
            review = await self._review(orders)
        assert review.settled not in {None, OrderState.OPEN}, review
        async with self._record.begin() as tx:
            refunds = await tx.money.refunds(self._order_id)
        for refund in refunds:
            start = RefundStart(order_id=self._order_id, refund_id=refund.refund_id, account=ACCOUNT)
            await MoneyActivities(self._context).send(start)
        await self._relay()
        return await load(self._record, self._order_id)

    async def _review(self, orders: OrderActivities) -> Review:
        return await orders.review(ReviewRequest(order_id=self._order_id, finished=(self._part_id,)))
