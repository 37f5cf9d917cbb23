"""A channel that sells the labels of its orders: the sandbox world in this process, and the steps of a worker."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx

from activities.context import Context
from activities.fact import apply_message
from activities.pull import PullActivities
from activities.review import review
from activities.shipment import ShipmentActivities
from activities.steps import PartOf, ReviewRequest, StepResult
from domain.effect import SEND_DEADLINE
from domain.errors import Unavailable
from domain.fulfillment import Stage
from domain.listing import Listing
from domain.messages import PullStart
from domain.policy import Policy
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from domain.ports.stores.inbox import InboxRow, InboxState, Received
from domain.shipment import Parcel
from infra.sandbox import compose
from infra.sandbox.order import Order
from infra.sandbox.records import Label
from tests.adapters.sandbox_inside import ADDRESS, SECRET, TOKEN, SandboxInside, told
from tests.builders import location
from tests.stores.scenes import receive, walk
from tests.stores.waiting_room import Clock
from workers.parties import ConfiguredParties, PartiesFile

ACCOUNT, SKU, STORE = "sandbox-eu", "KETTLE", "STORE-1"
LABEL, VOID = "marketplace.labels.buy", "marketplace.labels.void"
_TRIES = 6


class DiesOnce(httpx.AsyncBaseTransport):
    """The network of a worker that dies once, when the answer to such a request has just arrived."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner, self.at = inner, ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if self.at and request.method == "POST" and request.url.path.endswith(self.at):
            self.at = ""
            raise ConnectionAbortedError("the worker dies here")
        return answer


class Town:
    """One order of such a channel after another, each from one store."""

    def __init__(self, record: Record) -> None:
        self.record, self.inside = record, SandboxInside()
        self.clock = Clock(self.inside.now)
        self.network = DiesOnce(self.inside.transport)
        entry: dict[str, Any] = {
            "adapter": "sandbox",
            "settings": {"base_url": ADDRESS, "token": TOKEN},
            "allow_private": True,
        }
        carriers = {"sandbox-swift": entry | {"settings": {**entry["settings"], "carrier": "sandbox-swift"}}}
        alone = entry | {"settings": {**entry["settings"], "labels_itself": True}}
        file = PartiesFile.model_validate({"carriers": carriers, "locations": {"sandbox": entry, "alone": alone}})
        self.parties = ConfiguredParties(record, file, self.clock, self.network)
        self.context = Context(record, self.parties, Policy(), self.clock)
        self.steps = ShipmentActivities(self.context)

    async def settle_in(self) -> None:
        """Connect the channel, with a store that has goods."""
        await self.let_sell(sells_labels=True)
        async with self.record.begin() as tx:
            await tx.catalog.save_sku(SKU, "A kettle", 900)
            await tx.catalog.save_location(location(STORE, system="sandbox", carrier="sandbox-swift"))
            await tx.listings.save(ACCOUNT, [Listing(listing_id=f"LST-{SKU}", sku=SKU)], "test", self.clock())
        await receive(self.record, 50, SKU, STORE)

    async def let_sell(self, *, sells_labels: bool) -> None:
        """Let the channel sell the labels of its orders, or no longer."""
        told = {"base_url": ADDRESS, "account": ACCOUNT, "token": TOKEN, "webhook_secret": SECRET}
        settings = json.dumps(told | {"sells_labels": sells_labels})
        async with self.record.begin() as tx:
            channel = Channel(account=ACCOUNT, adapter="sandbox", settings=settings, allow_private=True)
            await tx.catalog.save_channel(channel.model_copy(update={"sells_labels": sells_labels}))
        self.clock.moment += timedelta(minutes=1)

    async def sell(self, stage: Stage = Stage.PICKED) -> PartOf:
        """Let a buyer order two kettles, plan them, and let the store pick them, or whatever else is said."""
        world = self.inside.world
        listing = world.catalog.listing(ACCOUNT, f"LST-{SKU}")
        assert listing
        order = compose.assemble(world, ACCOUNT, "ship", [compose.make_line(1, listing, 2)], seed="1")
        world.keep(order)
        await PullActivities(self.context).pull(PullStart(account=ACCOUNT, since="2020-01-01T00:00:00+00:00"))
        order_id = f"{ACCOUNT}/{order.id}"
        assert (await review(self.context, ReviewRequest(order_id=order_id))).planned == 1
        part = PartOf(order_id=order_id, fulfillment_id=f"{order_id}/F1", system="sandbox")
        await walk(self.record, part.fulfillment_id, stage)
        return part

    async def label(self, part: PartOf) -> StepResult:
        """Take the step as Temporal does: again and again until it goes through or waits."""
        return await self._take(lambda: self.steps.buy_label(part))

    async def void(self, part: PartOf) -> StepResult:
        """Do the same with the void."""
        return await self._take(lambda: self.steps.void_label(part))

    async def _take(self, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        for _ in range(_TRIES):
            try:
                result = await step()
            except (Unavailable, ConnectionAbortedError):
                self.clock.moment += SEND_DEADLINE + timedelta(seconds=1)
            else:
                return result
        raise AssertionError("it never went through")

    async def scan(self, part: PartOf, status: str, number: str = "") -> str:
        """Let the channel tell of a scan, as a webhook of the account; return why it was refused or not yet applied."""
        self.clock.moment += timedelta(seconds=1)
        number = number or (await self.parcels(part))[-1].tracking_number or ""
        words = {"tracking_number": number, "status": status, "scanned_at": self.clock().isoformat()}
        body = json.dumps(told(type="parcel.scanned", reference="r", **words)).encode()
        message = Received(party=ACCOUNT, source="hook", subject="", body=body)
        async with self.record.begin() as tx:
            (inbox_id,) = await tx.inbox.store((message,), self.clock())
        assert inbox_id
        row = InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW)
        try:
            return await apply_message(self.context, row)
        except Unavailable as error:
            return error.code

    async def parcels(self, part: PartOf) -> tuple[Parcel, ...]:
        async with self.record.begin() as tx:
            return await tx.shipments.parcels(part.fulfillment_id)

    async def stage(self, part: PartOf) -> Stage:
        async with self.record.begin() as tx:
            return (await tx.fulfillments.load(part.fulfillment_id)).stage

    def order(self, part: PartOf) -> Order:
        """Return the order as the channel has it."""
        return self.inside.world.orders[part.order_id.partition("/")[2]]

    def sold(self) -> list[Label]:
        """Return every label that anybody sold."""
        return list(self.inside.world.labels.values())

    async def strike(self, operation: str, kind: str, **more: object) -> None:
        """Let the next such request meet a fault."""
        async with httpx.AsyncClient(transport=self.inside.transport, base_url=ADDRESS) as http:
            answer = await http.post("/faults", json={"operation": operation, "kind": kind, **more})
            assert answer.is_success, answer.text
