"""A depot that labels its parcels itself, and the shop whose orders it sends; each does what it is told to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from activities.fact import apply_message
from activities.fulfillment import FulfillmentActivities
from activities.operator import OperatorActivities
from activities.order import OrderActivities
from activities.steps import PartOf, Review, ReviewRequest, StepResult, VerbResult
from activities.tracking import TrackingActivities
from adapters.marketplaces.sandbox.adapter import CAPABILITY as SELLS
from domain.effect import (
    SEND_DEADLINE,
    Absent,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    Finding,
    Found,
    Outcome,
    Rejected,
)
from domain.errors import NotFound, Unavailable
from domain.facts import Fact, HandedOver, SentUnits
from domain.fulfillment import Fulfillment, Stage
from domain.messages import AmendTracking
from domain.order import ChannelShipment, Delivery
from domain.ports.carrier import Carrier
from domain.ports.location import LocationCapability, RecallWork, ReleaseWork
from domain.ports.marketplace import ConfirmShipment, CorrectTracking
from domain.ports.parties import Carriers
from domain.ports.stores import Record
from domain.ports.stores.inbox import InboxRow, InboxState
from domain.shipment import Parcel
from domain.waits import Wait
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.invariants import violations
from infra.database.record import PostgresRecord
from tests.activities.market import Market
from tests.activities.mortal import Died
from tests.builders import ACCOUNT, NOW, channel_line, channel_order, fulfillment, received
from tests.fakes.record import FakeRecord
from tests.stores.scenes import add_part, receive, record_order, seed_catalog, walk

ORDER = f"{ACCOUNT}/1001"
PART = f"{ORDER}/F1"
FIRST, SECOND, THIRD = "1Z999AA10123456784", "1Z5R89390357567127", "JD014600006281230701"
MISTYPED = "1Z999AA10123456785"
_REPEATABLE = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))
_LOOKED_UP = DedupeClass(dedupe=Dedupe.REFERENCE)


@dataclass
class Depot(Market):
    """Both, and all parties of a context.

    Attributes:
        corrects: whether the shop's shipments can be corrected; `unnumbered`: whether they need a number.
        told: every number that the shop was told, in order.
        fate: what becomes of the next write to the shop: `lost` (done, without an answer), `dies` before it is done,
            or a Rejected; `meanwhile` is what happens before.
        recalls: what the depot answers to a recall.
    """

    corrects: bool = True
    unnumbered: bool = False
    labels_itself: bool = True
    told: list[str] = field(default_factory=list[str])
    fate: str | Rejected = ""
    meanwhile: Callable[[], Awaitable[object]] | None = None
    recalls: Outcome = field(default_factory=Confirmed)
    carriers_known: dict[str, Any] = field(default_factory=dict[str, Any])
    _fact: Fact | None = None
    _messages: int = 0

    def __post_init__(self) -> None:
        dedupe = {**SELLS.dedupe, EffectKind.TRACKING: _LOOKED_UP, EffectKind.CORRECTION: _LOOKED_UP}
        update = {"corrects_tracking": self.corrects, "confirms_unnumbered": self.unnumbered, "dedupe": dedupe}
        self.capability: Any = SELLS.model_copy(update=update)

    def location(self, system: str) -> Any:
        del system
        return _System(self)

    def carrier(self, name: str) -> Carrier:
        if name not in self.carriers_known:
            raise NotFound("no-carrier")
        return self.carriers_known[name]

    async def carriers(self, account: str) -> Carriers:
        assert account == ACCOUNT
        return self.carrier

    async def webhooks(self, party: str) -> Depot:
        del party
        return self

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        del body
        return (self._fact,) if self._fact else ()

    async def confirm_shipment(self, write: ConfirmShipment) -> Outcome:
        return await self._do(write, await self._decide(write))

    async def correct_tracking(self, write: CorrectTracking) -> Outcome:
        return await self._do(write, await self._decide(write))

    async def find(self, write: ConfirmShipment) -> Finding:
        shown = self.orders[write.channel_order_id].shipments
        if isinstance(write, CorrectTracking):
            return Found(confirmed=Confirmed()) if write.tracking_number in _numbers(shown) else Absent()
        found = [one for one in shown if one.reference == write.reference]
        return Found(confirmed=Confirmed(remote_id=found[0].reference)) if found else Absent()

    async def _decide(self, write: ConfirmShipment) -> str | Rejected:
        del write
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        fate, self.fate = self.fate, ""
        if fate == "dies":
            raise Died
        return fate

    async def _do(self, write: ConfirmShipment, fate: str | Rejected) -> Outcome:
        if isinstance(fate, Rejected):
            return fate
        self._keep(write)
        if fate == "lost":
            raise Died
        return Confirmed(remote_id=write.reference)

    def _keep(self, write: ConfirmShipment) -> None:
        self.told.append(write.tracking_number)
        order = self.orders[write.channel_order_id]
        sent = ChannelShipment(
            reference=write.reference, tracking_number=write.tracking_number, quantities=dict(write.quantities)
        )
        others = order.shipments
        if isinstance(write, CorrectTracking):
            (known,) = [one for one in others if one.reference == write.remote_id]
            assert known.tracking_number == write.replaces
            sent = known.model_copy(update={"tracking_number": write.tracking_number})
            others = tuple(one for one in others if one is not known)
        self.orders[write.channel_order_id] = order.model_copy(update={"shipments": (*others, sent)})

    async def prepare(
        self, stage: Stage | None = Stage.RELEASED, *, units: int = 1, delivery: Delivery = "ship"
    ) -> Depot:
        """Let there be an order of which the depot has heard; without a stage, of which it has not."""
        await seed_catalog(self.record)
        await receive(self.record, 10)
        self.orders["1001"] = channel_order(channel_line("1", units), placed_at=NOW, updated_at=NOW)
        await record_order(self.record, self.orders["1001"])
        part = fulfillment(ORDER, quantities={"1": units}, delivery=delivery)
        await add_part(self.record, part, reserve=True)
        if stage is not None:
            released = await FulfillmentActivities(self.context).release(self.part_of)
            assert released.stage is Stage.RELEASED
            await walk(self.record, PART, stage)
        return self

    @property
    def part_of(self) -> PartOf:
        return PartOf(order_id=ORDER, fulfillment_id=PART, system="staff")

    async def say(self, number: str = "", carrier: str = "", units: int | None = None) -> str:
        """Let the depot say that the parcel left; return why that was set aside."""
        lines = () if units is None else (SentUnits(line_id="1", quantity=units),)
        return await self.tell(HandedOver(fulfillment_id=PART, tracking_number=number, carrier=carrier, lines=lines))

    async def tell(self, fact: Fact) -> str:
        """Let a party report something."""
        return await apply_message(self.context, await self.store(fact))

    async def apply(self, row: InboxRow, record: Record) -> str:
        """Apply a message to this view of the record."""
        return await apply_message(replace(self.context, record=record), row)

    async def store(self, fact: Fact) -> InboxRow:
        """Store what a party reports; it is the only thing that it has to say."""
        self._fact = fact
        self._messages += 1
        message = received(str(self._messages).encode(), source="hook", party="staff")
        async with self.record.begin() as tx:
            (number,) = await tx.inbox.store((message,), self.now)
        assert number
        return InboxRow(**message.model_dump(), inbox_id=number, state=InboxState.NEW)

    async def push(self) -> StepResult:
        """Take the step that tells the shop, as often as Temporal would."""
        return await self._repeat(TrackingActivities(self.context).push_tracking)

    async def correct(self) -> StepResult:
        """Take the step that tells the shop of a correction."""
        return await self._repeat(TrackingActivities(self.context).correct_tracking)

    async def _repeat(self, step: Any) -> StepResult:
        for _ in range(9):
            try:
                return await step(self.part_of)
            except Unavailable:
                self.now += SEND_DEADLINE + timedelta(seconds=1)
        raise AssertionError("it never comes to an end")

    async def amend(self, number: str, *, told: bool = False, carrier: str = "") -> VerbResult:
        """Let an operator enter a number."""
        verb = AmendTracking(
            actor="ada", reason="read it", fulfillment_id=PART, tracking_number=number, told=told, carrier=carrier
        )
        return await OperatorActivities(self.context).amend_tracking(ORDER, verb)

    async def review(self) -> Review:
        """Look at the order, when the life of its part has ended."""
        return await OrderActivities(self.context).review(ReviewRequest(order_id=ORDER, finished=(PART,)))

    async def part(self) -> Fulfillment:
        async with self.record.begin() as tx:
            return await tx.fulfillments.load(PART)

    async def parcel(self) -> Parcel:
        async with self.record.begin() as tx:
            return (await tx.shipments.parcels(PART))[-1]

    async def waits(self) -> list[Wait]:
        async with self.record.begin() as tx:
            return list(await tx.waits.of_order(ORDER))

    async def shown(self) -> list[str]:
        """Return the numbers that the shop shows."""
        return _numbers(self.orders["1001"].shipments)


class _System:
    """The depot's system."""

    def __init__(self, depot: Depot) -> None:
        self._depot = depot
        self.capability = LocationCapability(
            needs_hand=True,
            labels_itself=depot.labels_itself,
            pickup=False,
            dedupe={EffectKind.RELEASE: _REPEATABLE, EffectKind.RECALL: _REPEATABLE},
        )

    async def release(self, write: ReleaseWork) -> Outcome:
        return Confirmed(remote_id=write.fulfillment_id)

    async def recall(self, write: RecallWork) -> Outcome:
        del write
        return self._depot.recalls

    async def find(self, write: object) -> Finding:
        del write
        return Absent()


async def sent(record: Record, number: str = FIRST, **told: Any) -> Depot:
    """Return a depot whose parcel has left under a number of which the shop was told."""
    depot = await Depot(record, **told).prepare()
    await depot.say(number)
    assert (await depot.push()).ticket == 0
    return depot


def label_of(number: str) -> Confirmed:
    """Return a label that a carrier sold us."""
    return Confirmed(remote_id=f"L-{number}", tracking_number=number)


def _numbers(shipments: tuple[ChannelShipment, ...]) -> list[str]:
    return [one.tracking_number for one in shipments]


RECORDS = ["fake", pytest.param("postgres", marks=pytest.mark.stack)]


@asynccontextmanager
async def opened(request: pytest.FixtureRequest) -> AsyncGenerator[Record]:
    """Open one of the records; in the end nothing in it violates what must always hold."""
    if request.param == "fake":
        yield FakeRecord()
        return
    engine = create_engine(request.getfixturevalue("database_url"))
    try:
        yield PostgresRecord(engine, Cipher(bytes(32)))
        assert await violations(engine) == []
    finally:
        await engine.dispose()
