"""A town in an outage: a world that is dead for a while, and the steps of a worker, taken as Temporal takes them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import httpx

from activities.context import Context
from activities.fulfillment import FulfillmentActivities
from activities.order import OrderActivities
from activities.outage import call_probers
from activities.steps import Park, PartOf, StepResult, step_scope
from activities.waking import Waking
from domain.effect import EffectState
from domain.errors import Unavailable
from domain.messages import WOKEN, Woken
from domain.outage import outage_cause
from domain.policy import Policy
from domain.ports.stores import Record
from tests.builders import NOW, channel_line, channel_order, fulfillment
from tests.stores.scenes import add_part, drain, record_order, tellings
from tests.stores.waiting_room import Clock
from workers.parties import ConfiguredParties, PartiesFile

ORDERS = 12
PARTY, CAUSE = "staff", outage_cause("staff")
WORLD = {"base_url": "https://there.example"}


@dataclass
class World:
    """The other sides, all behind one address; while it is dead nothing comes through."""

    dead: bool = True
    swallows: bool = False
    requests: int = 0
    works: dict[str, str] = field(default_factory=dict[str, str])
    references: list[str] = field(default_factory=list[str])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if self.dead:
            raise httpx.ConnectError("no", request=request)
        if request.url.path.endswith("/work") and request.method == "POST":
            wish = json.loads(request.content)
            self.references.append(wish["reference"])
            self.works.setdefault(wish["fulfillment_id"], f"W{len(self.works)}")
            if self.swallows:
                raise httpx.ReadTimeout("no", request=request)
            return httpx.Response(200, json={"id": self.works[wish["fulfillment_id"]], "status": "open"})
        return httpx.Response(200, json={"works": [], "orders": [], "next_cursor": None, "as_of": NOW.isoformat()})


class Town:
    """A record, a world, a clock, and the steps of a worker."""

    def __init__(self, record: Record) -> None:
        self.clock, self.world = Clock(), World()
        entry = {"adapter": "sandbox", "settings": WORLD}
        file = PartiesFile.model_validate({"locations": {PARTY: entry}})
        self.parties = ConfiguredParties(record, file, self.clock, httpx.MockTransport(self.world))
        self.context = Context(record, self.parties, Policy(), self.clock)
        self.steps = FulfillmentActivities(self.context)
        self.tickets: dict[str, int] = {}

    def wait(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    async def place(self) -> list[str]:
        """Sell to twelve buyers, the most urgent at the front of what is returned."""
        urgency = Random(7).sample(range(ORDERS), ORDERS)  # noqa: S311 - reproducible, not secret
        for hours in urgency:
            order = channel_order(channel_line(), channel_order_id=f"{hours:02}", ship_by=NOW + timedelta(hours=hours))
            await add_part(self.context.record, fulfillment(await record_order(self.context.record, order)))
        await drain(self.context.record)
        return [f"shop/{hours:02}" for hours in range(ORDERS)]

    async def release(self, order_id: str) -> StepResult:
        """Take the step as Temporal does: up to five tries; a step that went through waits no longer."""
        part = PartOf(order_id=order_id, fulfillment_id=f"{order_id}/F1", system=PARTY)
        for _ in range(5):
            try:
                result = await self.steps.release(part)
            except Unavailable as error:
                self.wait(error.retry_after or 0)
                continue
            if result.ticket:
                self.tickets[order_id] = result.ticket
            elif order_id in self.tickets:
                scope = step_scope(part.fulfillment_id)
                await OrderActivities(self.context).unpark(Park(order_id=order_id, scope=scope, cause="", code=""))
            return result
        raise AssertionError(f"{order_id} neither went through nor waits")

    async def run_told(self) -> list[str]:
        """Let every order that was told take its step again; return them in the order in which they were told."""
        told = await tellings(self.context.record)
        await drain(self.context.record)
        orders: list[str] = []
        for telling in told:
            assert telling.signal == WOKEN
            order_id = telling.workflow_id.removeprefix("order/")
            assert Woken.model_validate_json(telling.payload).ticket >= self.tickets[order_id], "woken in vain"
            await self.release(order_id)
            orders.append(order_id)
        return orders

    async def probe(self) -> list[str]:
        """Let the loop of a worker look once, and whoever was called take its step."""
        self.parties.gates.learn(await call_probers(self.context))
        return await self.run_told()

    async def serve(self, window: int = 4) -> list[list[str]]:
        """Let the allocator work until no cause is open; return who was let go together."""
        turns: list[list[str]] = []
        allocator = Waking(self.context, window)
        while await allocator.go_round():
            if told := await self.run_told():
                turns.append(told)
        return turns

    async def states(self) -> set[EffectState]:
        async with self.context.record.begin() as tx:
            effects = [await tx.effects.latest(f"release:shop/{hours:02}/F1") for hours in range(ORDERS)]
        return {effect.state for effect in effects if effect}

    async def causes(self) -> set[str]:
        async with self.context.record.begin() as tx:
            waits = [wait for hours in range(ORDERS) for wait in await tx.waits.of_order(f"shop/{hours:02}")]
        return {wait.cause for wait in waits if wait.scope.endswith("/step")}
