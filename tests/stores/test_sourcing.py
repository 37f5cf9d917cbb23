"""Places, policies and decisions, in both records."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from domain.decision import Decision, simulate
from domain.errors import NotFound
from domain.fulfillment import Stage
from domain.ports.stores import Record
from domain.ports.stores.sourcing import Sources
from domain.routing import plan_fulfillment
from domain.snapshot import Demand, Doubt, Snapshot
from domain.sourcing import SourcingPolicy
from tests.builders import ACCOUNT, BERLIN, MUNICH, NOW, TEA, address, channel_order, fulfillment, location
from tests.stores.scenes import SHOP, add_part, load, record_order, walk

HOUR = timedelta(hours=1)
DEARER = SourcingPolicy(flat_rate=900, rank=7)


async def read(record: Record, after: timedelta = timedelta()) -> Sources:
    async with record.begin() as tx:
        return await tx.sourcing.read(NOW + after)


async def load_policy(record: Record, policy: SourcingPolicy = DEARER, after: timedelta = timedelta()) -> int:
    async with record.begin() as tx:
        return await tx.sourcing.add_policy(policy, "ops", "why not", NOW + after)


async def test_without_a_policy_the_built_in_one_holds(record: Record) -> None:
    sources = await read(record)
    assert (sources.policy, sources.policy_version) == (SourcingPolicy(), 0)
    assert sources.locations == (location(BERLIN), location(MUNICH))


async def test_what_channels_say_of_carriers_and_labels_is_seen_at_once(record: Record) -> None:
    assert (dict((await read(record)).carriers), (await read(record)).sells(ACCOUNT)) == ({}, "")
    async with record.begin() as tx:
        await tx.catalog.save_channel(SHOP.model_copy(update={"carriers": ("swift",), "sells_labels": True}))
    sources = await read(record)
    assert dict(sources.carriers) == {ACCOUNT: ("swift",)}
    assert (sources.sells(ACCOUNT), sources.sells("another")) == (ACCOUNT, "")


async def test_a_policy_holds_from_its_moment_until_a_later_one_does(record: Record) -> None:
    first = await load_policy(record)
    second = await load_policy(record, SourcingPolicy(flat_rate=1), HOUR)
    now, then = await read(record), await read(record, HOUR)
    assert (now.policy_version, now.policy, now.next_policy_at) == (first, DEARER, NOW + HOUR)
    assert (then.policy_version, then.policy.flat_rate, then.next_policy_at) == (second, 1, None)


async def test_versions_are_kept_with_author_and_comment(record: Record) -> None:
    first = await load_policy(record)
    second = await load_policy(record, SourcingPolicy(flat_rate=1), HOUR)
    async with record.begin() as tx:
        kept = await tx.sourcing.policies()
    assert [(each.version, each.author, each.comment, each.policy.flat_rate) for each in kept] == [
        (second, "ops", "why not", 1), (first, "ops", "why not", 900),
    ]  # fmt: skip


async def test_a_changed_location_is_seen_at_once(record: Record) -> None:
    await read(record)
    closed = location(BERLIN, open=False)
    async with record.begin() as tx:
        await tx.catalog.save_location(closed)
    assert (await read(record)).locations == (closed, location(MUNICH))


async def test_a_change_that_is_rolled_back_is_not_believed(record: Record) -> None:
    async def rename_and_fail() -> None:
        async with record.begin() as tx:
            await tx.catalog.save_location(location(BERLIN, name="Nowhere"))
            assert (await tx.sourcing.read(NOW)).locations[0].name == "Nowhere"
            await tx.catalog.channel("none")

    with pytest.raises(NotFound):
        await rename_and_fail()
    assert (await read(record)).locations[0].name == location(BERLIN).name
    async with record.begin() as tx:
        await tx.catalog.save_location(location(BERLIN, name="Somewhere"))
    assert (await read(record)).locations[0].name == "Somewhere"


async def test_a_doubt_ends_by_itself_and_is_never_shortened(record: Record) -> None:
    for hours in (2, 1):
        async with record.begin() as tx:
            await tx.sourcing.doubt(Doubt(location=BERLIN, sku=TEA, until=NOW + hours * HOUR))
    assert [doubt.until for doubt in (await read(record, HOUR)).doubts] == [NOW + 2 * HOUR]
    assert (await read(record, 2 * HOUR)).doubts == ()


async def test_the_backlog_counts_parts_that_have_not_left_where_there_is_a_capacity(record: Record) -> None:
    order = await record_order(record)
    await add_part(record, fulfillment(order))
    assert (await read(record)).backlog == {}
    async with record.begin() as tx:
        await tx.catalog.save_location(location(BERLIN, daily_capacity=5))
    assert (await read(record)).backlog == {BERLIN: 1}
    await walk(record, f"{order}/F1", Stage.HANDED_OVER)
    assert (await read(record)).backlog == {BERLIN: 0}


async def test_an_order_knows_its_country_and_how_its_postal_code_begins(record: Record) -> None:
    order = await record_order(record, channel_order(address=address(country="GB", postal_code="sw1a 2aa")))
    kept = await load(record, order)
    assert (kept.country, kept.postal_zone) == ("GB", "SW1")
    async with record.begin() as tx:
        version = await tx.vault.propose_address(order, address(country="AT", postal_code="1010"))
        assert await tx.vault.use_address(order, version)
    kept = await load(record, order)
    assert (kept.country, kept.postal_zone) == ("AT", "101")


async def test_decisions_are_reproduced_exactly_whatever_changed_since(record: Record) -> None:
    rng = random.Random(7)  # noqa: S311 - a seeded world
    made: list[Decision] = []
    for number in range(60):
        if number in {20, 40}:
            async with record.begin() as tx:
                await tx.catalog.save_location(location(MUNICH, rank=number, handling=number))
            await load_policy(record, SourcingPolicy(flat_rate=number, balance=40))
        order = await record_order(record, channel_order(channel_order_id=str(number)))
        made.append(await _decide(record, order, rng))
    async with record.begin() as tx:
        kept = await tx.sourcing.decisions()
        assert len(await tx.sourcing.decisions(limit=10)) == 10
        assert [each.order_id for each in await tx.sourcing.decisions(made[0].order_id)] == [made[0].order_id]
    assert sorted(map(_said, kept)) == sorted(map(_said, made))
    again = simulate(kept, None)
    assert (again.decisions, again.reproduced, again.others) == (60, 60, ())


async def _decide(record: Record, order: str, rng: random.Random) -> Decision:
    async with record.begin() as tx:
        sources = await tx.sourcing.read(NOW)
        snapshot = Snapshot(
            now=NOW,
            account="shop",
            delivery="ship",
            pickup_location=None,
            country="DE",
            demands=(Demand(line_id="1", sku=TEA, quantity=rng.randint(1, 3), grams=rng.randint(0, 900)),),
            locations=sources.locations,
            stock={TEA: {code: rng.randint(2, 4) for code in (BERLIN, MUNICH)}},
            policy=sources.policy,
            policy_version=sources.policy_version,
        )
        plan = plan_fulfillment(snapshot)
        decision = Decision(
            order_id=order,
            number=1,
            decided_at=NOW,
            places_version=sources.places_version,
            snapshot=snapshot,
            plan=plan,
        )
        await tx.fulfillments.add((fulfillment(order),), ("so",), NOW, decision)
    return decision


def _said(decision: Decision) -> tuple[str, str, str]:
    return decision.order_id, decision.snapshot.model_dump_json(), decision.plan.model_dump_json()
