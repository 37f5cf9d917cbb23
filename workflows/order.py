"""OrderWorkflow: the whole life of an order, from recorded to delivered, collected or cancelled."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.operator import OperatorActivities
    from activities.order import OrderActivities
    from activities.steps import (
        ACKNOWLEDGE_SCOPE,
        CANCELLED_SCOPE,
        MessageRequest,
        PartOf,
        Review,
        ReviewRequest,
        correction_scope,
    )
    from activities.tracking import TrackingActivities
    from domain import messages as names
    from domain.messages import (
        Advanced,
        AmendAddress,
        AmendTracking,
        Answer,
        Cancel,
        Changed,
        OrderStart,
        PlaceHold,
        ReleaseHold,
        Reroute,
        ResolveSku,
        Retry,
        Verb,
        Woken,
    )
    from domain.ports.notifier import MessageKind
    from workflows.desk import Ask, Desk
    from workflows.fulfillment import FulfillmentLife
    from workflows.options import RECORD_RETRY, RECORD_TIMEOUT
    from workflows.verbs import VerbStep, carry_out_verb, check_retry


@workflow.defn(name=names.ORDER_WORKFLOW)
class OrderWorkflow:
    """Reviews the order whenever something has changed, and lets each fulfillment order live its own life."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        self._order_id = start.order_id
        self._account = start.account
        self._desk = Desk(start.order_id)
        self._lives: dict[str, FulfillmentLife] = {}
        self._early: dict[str, Advanced] = {}
        self._review_due = True
        self._only = ""
        self._telling = False
        self._correcting: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, start: OrderStart) -> str:
        """Live until every unit is delivered, collected, cancelled, lost or back with the sender."""
        while True:
            review = await self._review()
            if review.settled is not None:
                break
            await self._follow(review)
            await self._idle(review.ticket)
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(start)
        # Somebody may still be telling the buyer: an order that closes over that would be cancelled silently.
        await workflow.wait_condition(lambda: all(task.done() for task in self._tasks))
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._desk.stage(review.settled.value)
        return review.settled.value

    async def _idle(self, ticket: int) -> None:
        await workflow.wait_condition(lambda: self._review_due or 0 < ticket <= self._desk.woken)

    async def _review(self) -> Review:
        self._review_due = False
        self._reap()
        finished = tuple(sorted(life.fulfillment_id for life in self._lives.values() if life.finished))
        request = ReviewRequest(order_id=self._order_id, finished=finished, only=self._only)
        review = await workflow.execute_activity_method(
            OrderActivities.review,
            request,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary="what is to be done now: match, plan, reserve, close",
        )
        self._only = "" if review.planned else self._only
        self._desk.patience = review.patience
        self._desk.priority = review.priority
        self._desk.wait_for("", review.waits_for)
        return review

    def _reap(self) -> None:
        """Let the error of a task fail the workflow task, which raises an alarm, instead of being lost."""
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.remove(task)
            task.result()

    async def _follow(self, review: Review) -> None:
        """Tell the channel what it must know, then start what may start."""
        if review.tell_cancelled and not self._telling:
            self._telling = True
            self._tasks.append(asyncio.create_task(self._tell_cancelled()))
        for fulfillment_id in review.corrected:
            if fulfillment_id not in self._correcting:
                self._correcting.add(fulfillment_id)
                self._tasks.append(asyncio.create_task(self._tell_corrected(fulfillment_id)))
        if review.held:
            return
        if review.acknowledge:
            await self._acknowledge()
        for course in review.courses:
            life = self._lives.get(course.fulfillment_id)
            if life is None:
                life = FulfillmentLife(self._desk, self._account, course)
                self._lives[course.fulfillment_id] = life
                if course.fulfillment_id in self._early:
                    life.advance(self._early.pop(course.fulfillment_id).stage)
                self._tasks.append(asyncio.create_task(self._live(life)))
            life.wanted_back = course.wanted_back

    async def _acknowledge(self) -> None:
        queue = names.channel_queue(self._account)
        words = "tell the channel that the order is accepted"
        await self._desk.ask_party(
            Ask(ACKNOWLEDGE_SCOPE, queue, self._account, OrderActivities.acknowledge, self._order_id, words)
        )

    async def _live(self, life: FulfillmentLife) -> None:
        try:
            await life.run()
        finally:
            self._review_due = True

    async def _tell_cancelled(self) -> None:
        """Tell the channel, then the buyer: nobody is cancelled silently."""
        queue = names.channel_queue(self._account)
        ask = Ask(
            CANCELLED_SCOPE, queue, self._account, OrderActivities.tell_cancelled, self._order_id, "tell the channel"
        )
        result = await self._desk.ask_party(ask)
        if result.done:
            await self._desk.tell_buyer(
                MessageRequest(
                    order_id=self._order_id, kind=MessageKind.CANCELLED, subject=f"{self._order_id}:{result.subject}"
                )
            )
        self._telling = False
        self._review_due = True

    async def _tell_corrected(self, fulfillment_id: str) -> None:
        """Tell the channel another tracking number, however often it changes."""
        await self._desk.ask_party(
            Ask(
                correction_scope(fulfillment_id), names.channel_queue(self._account), self._account,
                TrackingActivities.correct_tracking,
                PartOf(order_id=self._order_id, fulfillment_id=fulfillment_id), "tell the channel the corrected number",
            )
        )  # fmt: skip
        self._correcting.discard(fulfillment_id)
        self._review_due = True

    @workflow.signal(name=names.WOKEN, description="Causes that the order waited for are cleared, up to a ticket.")
    def woken(self, message: Woken) -> None:
        """Latch the greatest ticket."""
        self._desk.wake(message.ticket)

    @workflow.signal(name=names.ADVANCED, description="A fulfillment order has come to a stage.")
    def advanced(self, message: Advanced) -> None:
        """Pass a stage on; a fulfillment order that is not known yet hears it when it is."""
        life = self._lives.get(message.fulfillment_id)
        if life is None:
            self._early[message.fulfillment_id] = message
            self._review_due = True
        else:
            life.advance(message.stage)

    @workflow.signal(name=names.CHANGED, description="The order has changed in the record: look again.")
    def changed(self, _message: Changed) -> None:
        """Review the order."""
        self._review_due = True

    @workflow.update(name=names.RETRY, description='Try again what it waits for: {"actor": "you", "reason": "why"}')
    async def retry(self, verb: Retry) -> Answer:
        """Try again; with `effect` and `happened` an outcome nobody could look up is settled first."""
        return await self._do(OperatorActivities.retry, verb)

    @workflow.update(
        name=names.CANCEL,
        description='Cancel all, or up to units per line: {"actor": "you", "reason": "why", "quantities": {"line": 1}}',
    )
    async def cancel(self, verb: Cancel) -> Answer:
        """Cancel what still can be; what has left is asked back."""
        return await self._do(OperatorActivities.cancel, verb)

    @workflow.update(
        name=names.REROUTE,
        description='Plan elsewhere: {"actor": "you", "reason": "why", "fulfillment_id": "shop/1/F1", "to": ""}',
    )
    async def reroute(self, verb: Reroute) -> Answer:
        """Take a fulfillment order away from its location."""
        answer = await self._do(OperatorActivities.reroute, verb)
        self._only = verb.to if answer.done else self._only
        return answer

    @workflow.update(
        name=names.RESOLVE_SKU,
        description='Say what a listing is: {"actor": "you", "reason": "why", "listing_id": "L1", "sku": "TEA-1"}',
    )
    async def resolve_sku(self, verb: ResolveSku) -> Answer:
        """Map a listing to a SKU."""
        return await self._do(OperatorActivities.resolve_sku, verb)

    @workflow.update(
        name=names.AMEND_ADDRESS,
        description='Use an address put into the vault: {"actor": "you", "reason": "why", "version": 2}',
    )
    async def amend_address(self, verb: AmendAddress) -> Answer:
        """Use another address."""
        return await self._do(OperatorActivities.amend_address, verb)

    @workflow.update(
        name=names.AMEND_TRACKING,
        description='Another tracking number: {"actor": "you", "reason": "why", "fulfillment_id": "shop/1/F1", '
        '"tracking_number": "1Z…"}',
    )
    async def amend_tracking(self, verb: AmendTracking) -> Answer:
        """Say which number a parcel travels under."""
        return await self._do(OperatorActivities.amend_tracking, verb)

    @workflow.update(name=names.PLACE_HOLD, description='Stop: {"actor": "you", "reason": "why", "hold": "operator"}')
    async def place_hold(self, verb: PlaceHold) -> Answer:
        """Stop the order before its next step."""
        return await self._do(OperatorActivities.place_hold, verb)

    @workflow.update(
        name=names.RELEASE_HOLD, description='End a hold: {"actor": "you", "reason": "why", "hold": "fraud"}'
    )
    async def release_hold(self, verb: ReleaseHold) -> Answer:
        """End a hold."""
        return await self._do(OperatorActivities.release_hold, verb)

    @retry.validator
    def _check_retry(self, verb: Retry) -> None:
        check_retry(verb)

    @reroute.validator
    def _check_reroute(self, verb: Reroute) -> None:
        if verb.fulfillment_id not in self._lives:
            raise ValueError(f"no fulfillment order {verb.fulfillment_id} is under way")

    @cancel.validator
    def _check_cancel(self, verb: Cancel) -> None:
        if any(not line_id for line_id in verb.quantities):
            raise ValueError("quantities are by line id: an empty one was given")

    async def _do(self, step: VerbStep, verb: Verb) -> Answer:
        result = await carry_out_verb(self._desk, step, verb)
        self._review_due = self._review_due or result.review
        return Answer(done=result.done, words=result.words)
