"""Carriers are asked for their prices before an order is planned; whatever they do, the order is planned at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from activities.context import Context
from activities.quoting import UnaskedError
from activities.review import review, review_in
from activities.steps import ReviewRequest
from activities.waking import Waking
from domain.decision import Decision, simulate
from domain.outage import OPENS_AFTER
from domain.policy import Policy
from domain.ports.stores import Record
from domain.quotes import SILENT_FOR
from domain.sourcing import QuoteTerms
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.activities.quoting_town import Town
from tests.builders import BERLIN, MUNICH, NOW, channel_line, channel_order
from tests.fakes.quotes import FakeQuoteStore
from tests.fakes.record import FakeRecord
from tests.stores.scenes import drain, receive, record_order
from tests.stores.waiting_room import DiedError, MortalRecord, arrive


@pytest.fixture(params=["fake", pytest.param("postgres", marks=pytest.mark.stack)])
async def town(request: pytest.FixtureRequest) -> AsyncGenerator[Town]:
    async with AsyncExitStack() as stack:
        record: Record = FakeRecord()
        if request.param == "postgres":
            engine = create_engine(request.getfixturevalue("database_url"))
            stack.push_async_callback(engine.dispose)
            record = PostgresRecord(engine, Cipher(bytes(32)))
        opened = Town(record)
        stack.push_async_callback(opened.parties.aclose)
        yield opened


def chosen(decision: Decision) -> list[str]:
    return [part.location for part in decision.plan.parts]


def unquoted(decision: Decision) -> dict[str, str]:
    return {road.carrier: road.why for road in decision.snapshot.unquoted}


async def test_the_cheaper_quote_wins_against_the_table_and_the_decision_is_reproduced(town: Town) -> None:
    await town.begin()
    decision = await town.plan()
    assert (chosen(decision), decision.plan.cost.shipping) == ([MUNICH], 300)
    assert ([table.carrier for table in decision.snapshot.quoted], unquoted(decision)) == (["blind", "swift"], {})
    assert simulate([decision], None).reproduced == 1
    town.carriers.prices = {"blind": 100, "swift": 300}
    town.clock.moment += timedelta(hours=1)
    assert chosen(await town.plan()) == [BERLIN]


async def test_an_order_alike_asks_nothing_while_the_answers_are_good(town: Town) -> None:
    await town.begin()
    for minutes in (0, 30, 29):
        town.clock.moment += timedelta(minutes=minutes)
        await town.plan()
    assert town.carriers.asked == {"blind": 1, "swift": 1}
    town.clock.moment += timedelta(minutes=1)
    await town.plan()
    assert town.carriers.asked == {"blind": 2, "swift": 2}


async def test_orders_alike_that_come_together_ask_once(town: Town) -> None:
    await town.begin()
    orders = [await town.sell() for _ in range(8)]
    seen = await asyncio.gather(*(town.review(order) for order in orders))
    assert [one.planned for one in seen] == [1] * 8
    assert town.carriers.asked == {"blind": 1, "swift": 1}
    assert {chosen(await town.decision(order))[0] for order in orders} == {MUNICH}


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ("down", "no-connection"), ("slow", "no-answer-in-time"), ("bug", "broken"), ("html", "not-json"),
        ("refuses", "http-422"), ("dollars", "other-currency"), ("nothing", "no-rate"),
    ],
)  # fmt: skip
async def test_a_carrier_that_does_not_quote_abstains_and_its_tables_stand_in(
    town: Town, trouble: str, why: str
) -> None:
    await town.begin()
    town.carriers.broken = {"blind": trouble}
    town.carriers.prices["swift"] = 600
    decision = await town.plan()
    assert (chosen(decision), decision.plan.cost.shipping) == ([BERLIN], 500)
    assert unquoted(decision)["blind"] == why
    assert [table.carrier for table in decision.snapshot.quoted] == ["swift"]


@pytest.mark.parametrize("trouble", ["down", "slow"])
async def test_a_carrier_that_did_not_answer_is_left_in_peace_for_a_while_whatever_is_to_be_asked(
    town: Town, trouble: str
) -> None:
    await town.begin()
    town.carriers.broken = {"blind": trouble}
    await town.plan()
    order = channel_order(channel_line(quantity=9), channel_order_id="heavy")
    assert (await town.review(await record_order(town.record, order))).planned == 1
    assert town.carriers.asked == {"blind": 1, "swift": 3}
    assert unquoted(await town.decision("shop/heavy")) == unquoted(await town.decision("shop/1"))
    town.carriers.broken = {}
    town.clock.moment += SILENT_FOR
    assert unquoted(await town.plan()) == {}


async def test_an_outage_parks_no_planning(town: Town) -> None:
    await town.begin()
    town.carriers.broken = {"blind": "down", "swift": "down"}
    for _ in range(OPENS_AFTER + 1):
        await town.plan()
        town.clock.moment += SILENT_FOR / 2 + timedelta(seconds=5)
    async with town.record.begin() as tx:
        assert {outage.party for outage in await tx.outages.known()} == {"blind", "swift"}
    decision = await town.plan()
    assert (chosen(decision), decision.plan.cost.shipping) == ([BERLIN], 500)


async def test_whoever_dies_between_asking_and_planning_has_lost_nothing(town: Town) -> None:
    await town.begin()
    order_id = await town.sell()
    for commits in range(1, 7):
        mortal = town.alive_with(MortalRecord(town.record, commits))
        try:
            await review(mortal, ReviewRequest(order_id=order_id))
        except DiedError:
            town.clock.moment += timedelta(seconds=10)
    await town.review(order_id)
    decision = await town.decision(order_id)
    assert (chosen(decision), unquoted(decision)) == ([MUNICH], {})
    assert max(town.carriers.asked.values()) <= 3, "what was answered and kept is not asked again"


async def test_who_waits_for_one_who_died_asks_in_its_stead(town: Town) -> None:
    await town.begin()
    order_id = await town.sell()
    with pytest.raises(UnaskedError) as unasked:
        async with town.record.begin() as tx:
            await review_in(tx, ReviewRequest(order_id=order_id), Policy(), NOW, asks=True)
    async with town.record.begin() as tx:
        await tx.quotes.take(tuple(unasked.value.wanted), NOW, NOW + timedelta(seconds=2))

    async def wait(seconds: float) -> None:
        town.clock.moment += timedelta(seconds=seconds)

    patient = Context(town.record, town.parties, Policy(), town.clock, wait)
    assert (await review(patient, ReviewRequest(order_id=order_id))).planned == 1
    assert unquoted(await town.decision(order_id)) == {}


async def test_an_order_that_waited_for_goods_is_planned_by_quotes_too(town: Town) -> None:
    await town.begin(units=0)
    order_id = await town.sell()
    assert (await town.review(order_id)).planned == 0
    assert not town.carriers.asked, "what nobody has is not asked about"
    await drain(town.record)
    await receive(town.record, 5, place=MUNICH)
    await arrive(town.context, 5)
    allocator = Waking(town.context)
    while await allocator.go_round():
        pass
    assert chosen(await town.decision(order_id)) == [MUNICH]
    assert town.carriers.asked == {"blind": 1, "swift": 1}


async def test_no_more_is_asked_than_the_policy_allows(town: Town) -> None:
    await town.begin(QuoteTerms(carriers=("blind", "swift"), most=1))
    assert unquoted(await town.plan()) == {"swift": "not-asked"}
    assert town.carriers.asked == {"blind": 1}


async def test_of_the_buyer_only_the_beginning_of_the_postal_code_is_kept() -> None:
    record = FakeRecord()
    town = Town(record)
    await town.begin()
    decision = await town.plan()
    assert json.loads(town.carriers.heard.partition("}")[0] + "}")["country"] == "DE"
    kept = "".join(map(repr, record.state.quotes.items())) + decision.model_dump_json()
    assert {(question.country, len(question.postal_zone)) for question in record.state.quotes} == {("DE", 3)}
    assert "Ada" not in kept


async def test_an_order_whose_address_was_erased_asks_nobody(town: Town) -> None:
    await town.begin()
    order_id = await town.sell()
    async with town.record.begin() as tx:
        await tx.vault.erase(order_id, NOW)
    assert (await town.review(order_id)).planned == 1
    assert unquoted(await town.decision(order_id)) == {"blind": "not-asked", "swift": "not-asked"}
    assert not town.carriers.asked


async def test_where_the_policy_asks_nobody_the_record_is_not_asked_either(monkeypatch: pytest.MonkeyPatch) -> None:
    async def known(*_: object) -> None:
        raise AssertionError("a statement too many")

    monkeypatch.setattr(FakeQuoteStore, "known", known)
    town = Town(FakeRecord())
    await town.begin(QuoteTerms())
    assert (await town.plan()).plan.cost.shipping == 500
    assert not town.carriers.asked
