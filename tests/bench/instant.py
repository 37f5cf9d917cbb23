"""Parties that answer at once, in process: what is measured against them is the engine, not a toy world over HTTP."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from activities.context import Context
from activities.fact import apply_message
from adapters.unable import UnableCarrier
from domain.effect import Absent, Confirmed, Dedupe, DedupeClass, EffectKind, Finding, Outcome
from domain.errors import Unavailable
from domain.facts import Fact, HandedOver, ParcelScanned, Picked
from domain.order import ChannelOrder
from domain.ports.carrier import BuyLabel, CarrierCapability
from domain.ports.location import LocationCapability, ReleaseWork
from domain.ports.marketplace import MarketplaceCapability, OrderPage, PullRule, RawOrder
from domain.ports.stores.inbox import InboxRow, InboxState, Received
from domain.shipment import TrackingEvent, TrackingStatus

_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)
_DEDUPE = {kind: DedupeClass(dedupe=Dedupe.REFERENCE) for kind in EffectKind}
_numbers = itertools.count(1)


class Instant:
    """One object that plays every party, and the staff and carriers who then report."""

    def __init__(self, *, pause: float = 0.0, by_hand: bool = True) -> None:
        self.orders: dict[str, RawOrder] = {}
        self._pause = pause
        self._by_hand = by_hand
        self._context: Context | None = None
        self._reports: set[asyncio.Task[None]] = set()
        self.capability: Any = MarketplaceCapability(
            acknowledges=True, confirms_lines=True, cancelling_refunds=False, refunds=True,
            confirms_pickup=True, tells_buyer=True, publishes_stock=True, pull=PullRule(overlap=timedelta(0)),
            dedupe=_DEDUPE,
        )  # fmt: skip

    def report_to(self, context: Context) -> None:
        """Say whose inbox the reports go to."""
        self._context = context

    def hurry(self) -> None:
        """Let everybody report as fast as a person on a scanner can; faster reports would only come too early."""
        self._pause = 0.3

    async def marketplace(self, account: str) -> Any:
        del account
        return self

    def carrier(self, name: str) -> Any:
        del name
        return _InstantCarrier(self)

    async def carriers(self, account: str) -> Any:
        del account
        return self.carrier

    def location(self, system: str) -> Any:
        del system
        return _InstantLocation(self)

    def notifier(self) -> Any:
        return self

    async def webhooks(self, party: str) -> Any:
        del party
        return self

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        del headers, body, now
        return True

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        return (_FACT.validate_json(body),)

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        del since, cursor
        return OrderPage(orders=tuple(self.orders.values()), next_cursor=None, watermark=None)

    async def fetch_order(self, channel_order_id: str) -> RawOrder:
        return self.orders[channel_order_id]

    def read_order(self, body: bytes) -> ChannelOrder:
        return ChannelOrder.model_validate_json(body)

    async def done(self, write: Any) -> Outcome:
        del write
        return Confirmed(remote_id=f"R{next(_numbers)}")

    acknowledge = confirm_shipment = confirm_pickup = cancel_lines = refund = send = done

    async def find(self, write: Any) -> Finding:
        del write
        return Absent()

    def picks(self, write: ReleaseWork) -> None:
        """Let staff report that they picked."""
        if self._by_hand:
            self._report(self._after(Picked(fulfillment_id=write.fulfillment_id)))

    def travels(self, write: BuyLabel, number: str) -> None:
        """Let staff hand over, and the carrier scan until delivery."""
        fulfillment_id = write.reference.removeprefix("label:").rpartition("/")[0]
        self._report(self._journey(fulfillment_id, number))

    async def _journey(self, fulfillment_id: str, number: str) -> None:
        if self._by_hand:
            await self._after(HandedOver(fulfillment_id=fulfillment_id))
        for status in (TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERED):
            assert self._context
            scan = TrackingEvent(tracking_number=number, status=status, occurred_at=self._context.now())
            await self._after(ParcelScanned(scan=scan))

    async def _after(self, fact: Fact) -> None:
        await asyncio.sleep(self._pause)
        context = self._context
        assert context
        message = Received(party="bench", source="hook", subject="", body=_FACT.dump_json(fact))
        async with context.record.begin() as tx:
            (inbox_id,) = await tx.inbox.store((message,), context.now())
        assert inbox_id is not None
        row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
        while True:
            try:
                await apply_message(context, row)
            except Unavailable:
                await asyncio.sleep(0.3)
            else:
                return

    def _report(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)


class _InstantCarrier(UnableCarrier):
    capability = CarrierCapability(voids=True, intercepts=True, return_labels=True, dedupe=_DEDUPE)

    def __init__(self, world: Instant) -> None:
        self._world = world
        self.void_label = self.intercept = world.done
        self.find = world.find

    async def buy_label(self, write: BuyLabel) -> Outcome:
        number = f"T{next(_numbers):09d}"
        self._world.travels(write, number)
        return Confirmed(remote_id=number, tracking_number=number)


class _InstantLocation:
    capability = LocationCapability(needs_hand=True, pickup=True, dedupe=_DEDUPE)

    def __init__(self, world: Instant) -> None:
        self._world = world
        self.recall = self.expect_return = world.done
        self.find = world.find

    async def release(self, write: ReleaseWork) -> Outcome:
        self._world.picks(write)
        return Confirmed(remote_id=write.fulfillment_id)
