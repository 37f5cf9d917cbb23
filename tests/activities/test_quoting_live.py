"""Quotes of real carriers over real HTTP, kept in a real database."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.context import Context
from activities.review import review
from activities.steps import ReviewRequest
from domain.decision import Decision
from domain.policy import Policy
from domain.quotes import SILENT_FOR
from domain.rates import Bracket, RateTable, Zone
from domain.sourcing import QuoteTerms, SourcingPolicy
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.builders import BERLIN, MUNICH, NOW, channel_order, location
from tests.sandbox_world import SandboxWorld, Visitor, gateway, one_gateway, sandbox_world, visitor
from tests.statements import watch_statements
from tests.stores.scenes import receive, record_order, seed_catalog
from tests.stores.waiting_room import Clock
from workers.parties import ConfiguredParties, PartiesFile

__all__ = ["gateway", "one_gateway", "sandbox_world", "visitor"]

pytestmark = pytest.mark.stack

CARRIERS = ("sandbox-swift", "sandbox-blind")


class Counter:
    """Where orders are planned: by the tables swift is cheaper, by the carriers' own prices blind is."""

    def __init__(self, engine: AsyncEngine, parties: ConfiguredParties, clock: Clock, person: Visitor) -> None:
        self.engine, self.record, self.clock, self.person = engine, parties.record, clock, person
        self.context = Context(parties.record, parties, Policy(), clock)

    async def load(self, *carriers: str) -> None:
        tables = tuple(
            RateTable(carrier=carrier, zones=(Zone(name="any", brackets=(Bracket(up_to_grams=9000, amount=amount),)),))
            for carrier, amount in zip(CARRIERS, (500, 700), strict=True)
        )
        terms = QuoteTerms(carriers=carriers, wait_seconds=5)
        async with self.record.begin() as tx:
            await tx.sourcing.add_policy(SourcingPolicy(rates=tables, quotes=terms, rank=0), "ops", "", NOW)

    async def plan(self, number: str) -> Decision:
        order_id = await record_order(self.record, channel_order(channel_order_id=number))
        assert (await review(self.context, ReviewRequest(order_id=order_id))).planned == 1
        async with self.record.begin() as tx:
            (decision,) = await tx.sourcing.decisions(order_id)
        return decision

    def asked(self) -> int:
        """Count the questions, each of which a fault of no weight has met."""
        return len(self.person.journal("fault.played"))


@pytest.fixture
async def counter(database_url: str, sandbox_world: SandboxWorld, visitor: Visitor) -> AsyncGenerator[Counter]:
    engine, clock = create_engine(database_url), Clock()
    record = PostgresRecord(engine, Cipher(bytes(32)))
    await seed_catalog(record)
    async with record.begin() as tx:
        for code, carrier in zip((MUNICH, BERLIN), CARRIERS, strict=True):
            await tx.catalog.save_location(location(code, carrier=carrier))
    for place in (BERLIN, MUNICH):
        await receive(record, 50, place=place)
    entry = {"adapter": "sandbox", "allow_private": True}
    entries = {name: {**entry, "settings": {"base_url": sandbox_world.url, "carrier": name}} for name in CARRIERS}
    parties = ConfiguredParties(record, PartiesFile.model_validate({"carriers": entries}), clock)
    yield Counter(engine, parties, clock, visitor)
    visitor.http.delete("/faults")
    await parties.aclose()
    await engine.dispose()


async def test_the_carriers_own_prices_beat_the_tables_and_an_order_alike_asks_nothing(counter: Counter) -> None:
    counter.person.post("/faults", operation="carrier.rates", kind="latency", seconds=0.001, times=None)
    await counter.load(*CARRIERS)
    decision = await counter.plan("1")
    assert ([part.location for part in decision.plan.parts], decision.plan.cost.shipping) == ([BERLIN], 450)
    assert (len(decision.snapshot.quoted), counter.asked()) == (2, 2)
    again = await counter.plan("2")
    assert (again.snapshot.quoted, counter.asked()) == (decision.snapshot.quoted, 2)


@pytest.mark.parametrize("kind", ["reset_before", "error_500", "html", "throttle"])
async def test_while_a_carrier_fails_its_table_stands_in(counter: Counter, kind: str) -> None:
    counter.person.post("/faults", operation="carrier.rates", kind=kind, party="sandbox-blind", times=None, before=True)
    await counter.load(*CARRIERS)
    decision = await counter.plan("1")
    assert ([part.location for part in decision.plan.parts], decision.plan.cost.shipping) == ([MUNICH], 590)
    assert [road.carrier for road in decision.snapshot.unquoted] == ["sandbox-blind"]
    counter.person.http.delete("/faults")
    counter.clock.moment += SILENT_FOR + timedelta(seconds=1)
    assert [part.location for part in (await counter.plan("2")).plan.parts] == [BERLIN]


async def test_a_policy_that_asks_nobody_costs_no_statement(counter: Counter) -> None:
    await counter.load()
    sent = watch_statements(counter.engine)
    await counter.plan("1")
    assert sent
    assert not [statement for statement in sent if "quotes" in statement]
