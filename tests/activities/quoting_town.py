"""A town whose carriers are asked for prices: goods in two places, two carriers that behave as told, and a clock."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count

import httpx

from activities.context import Context
from activities.review import review
from activities.steps import Review, ReviewRequest
from domain.decision import Decision
from domain.policy import Policy
from domain.ports.stores import Record
from domain.rates import Bracket, RateTable, Zone
from domain.sourcing import QuoteTerms, SourcingPolicy
from tests.builders import BERLIN, MUNICH, NOW, channel_order, location
from tests.stores.scenes import receive, record_order, seed_catalog
from tests.stores.waiting_room import Clock
from workers.parties import ConfiguredParties, PartiesFile

BY_BOTH = QuoteTerms(carriers=("blind", "swift"), good_minutes=60, wait_seconds=1)
TABLE = RateTable(zones=(Zone(name="any", brackets=(Bracket(up_to_grams=30_000, amount=500),)),))


class Carriers:
    """Two carriers behind one address, as they are told to behave. Berlin's is `blind`, Munich's is `swift`."""

    def __init__(self) -> None:
        self.prices = {"blind": 700, "swift": 300}
        self.broken: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.heard = ""

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        carrier = request.url.path.split("/")[2].removeprefix("sandbox-")
        self.asked[carrier] += 1
        self.heard += request.content.decode()
        match self.broken.get(carrier):
            case "down":
                raise httpx.ConnectError("no", request=request)
            case "slow":
                await asyncio.Event().wait()
            case "html":
                return httpx.Response(200, html="<h1>Please stand by</h1>")
            case "refuses":
                return httpx.Response(422, json={"error": {"code": "too-heavy"}})
            case "dollars":
                return self._answer(carrier, "USD")
            case "nothing":
                return httpx.Response(200, json={"rates": []})
            case "bug":
                raise ZeroDivisionError
            case _:
                pass
        await asyncio.sleep(0)
        return self._answer(carrier, "EUR")

    def _answer(self, carrier: str, currency: str) -> httpx.Response:
        levels = (("express", 1), ("standard", self.prices[carrier]))
        rates = [{"level": level, "cost": cost, "currency": currency} for level, cost in levels]
        return httpx.Response(200, json={"rates": rates})


class Town:
    """A record with goods in both places, a policy, carriers and a clock."""

    def __init__(self, record: Record) -> None:
        self.record, self.clock, self.carriers = record, Clock(), Carriers()
        self._numbers = count(1)
        entries = {
            name: {
                "adapter": "sandbox",
                "settings": {"base_url": "https://there.example", "carrier": f"sandbox-{name}"},
            }
            for name in ("blind", "swift")
        }
        file = PartiesFile.model_validate({"carriers": entries})
        self.parties = ConfiguredParties(record, file, self.clock, httpx.MockTransport(self.carriers))
        self.context = self.alive_with(record)

    def alive_with(self, record: Record) -> Context:
        return Context(record, self.parties, Policy(), self.clock, lambda _: asyncio.sleep(0))

    async def begin(self, terms: QuoteTerms = BY_BOTH, units: int = 50) -> None:
        await seed_catalog(self.record)
        async with self.record.begin() as tx:
            await tx.catalog.save_location(location(BERLIN, carrier="blind"))
            policy = SourcingPolicy(quotes=terms, rates=(TABLE,), rank=0)
            await tx.sourcing.add_policy(policy, "ops", "", NOW)
        for place in (BERLIN, MUNICH):
            if units:
                await receive(self.record, units, place=place)

    async def sell(self) -> str:
        return await record_order(self.record, channel_order(channel_order_id=f"{next(self._numbers)}"))

    async def review(self, order_id: str) -> Review:
        return await review(self.context, ReviewRequest(order_id=order_id))

    async def plan(self) -> Decision:
        """Sell one, review it, and return what was decided."""
        order_id = await self.sell()
        assert (await self.review(order_id)).planned == 1
        return await self.decision(order_id)

    async def decision(self, order_id: str) -> Decision:
        async with self.record.begin() as tx:
            (decision,) = await tx.sourcing.decisions(order_id)
        return decision
