"""What happens at the same moment: sixty-four workers, and statements that waited for a lock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import OutOfStock
from domain.fulfillment import Stage
from domain.inventory import Claim
from domain.location import Location
from domain.order import HoldReason
from domain.ports.stores.catalog import Channel
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.reservation import SoftReservation
from domain.restriction import Restriction
from infra.database.invariants import violations
from infra.database.record import PostgresRecord
from tests.builders import BERLIN, MUG, NOW, TEA, channel_line, channel_order, fulfillment, movement
from tests.locks import until_blocked
from tests.statements import watch_statements
from tests.stores.scenes import add_part, load, quantities_of, receive, record_order

pytestmark = pytest.mark.stack

WORKERS = 64
_NEW_LEVEL = text("INSERT INTO inventory_levels (sku, location, on_hand) VALUES (:sku, :location, 1)")


async def test_sixty_four_workers_race_for_the_last_unit_and_one_gets_it(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    await receive(record, 1)
    parts = await _parts(record, WORKERS)

    async def reserve(part: str) -> bool:
        async with record.begin() as tx:
            return await tx.stock.reserve(part, (Claim(sku=TEA, location=BERLIN, quantity=1),))

    assert sum(await asyncio.gather(*(reserve(part) for part in parts))) == 1
    assert await quantities_of(record) == (1, 1)
    # Unlike a review, which rolls back, those who lost are left planned without their unit.
    unserved = ["inv_stock_reserved_is_what_lines_are_made_of"] * (WORKERS - 1)
    assert [broken.view for broken in await violations(engine)] == unserved


async def test_reservations_of_several_skus_in_any_order_never_deadlock(record: PostgresRecord) -> None:
    await receive(record, 20)
    await receive(record, 20, MUG)
    claims = tuple(Claim(sku=sku, location=BERLIN, quantity=1) for sku in (TEA, MUG))

    async def reserve_and_free(part: str, number: int) -> None:
        async with record.begin() as tx:
            assert await tx.stock.reserve(part, claims if number % 2 else claims[::-1])
        async with record.begin() as tx:
            await (tx.stock.free(part) if number % 3 else tx.stock.ship(part, NOW))

    await asyncio.gather(*(reserve_and_free(part, n) for n, part in enumerate(await _parts(record, 16))))
    left = 20 - len(range(0, 16, 3))
    assert await quantities_of(record) == (left, 0)
    assert await quantities_of(record, MUG) == (left, 0)


async def test_reservations_and_adjustments_together_never_oversell(record: PostgresRecord) -> None:
    await receive(record, 8)
    parts = await _parts(record, 8)

    async def reserve(part: str) -> bool:
        async with record.begin() as tx:
            return await tx.stock.reserve(part, (Claim(sku=TEA, location=BERLIN, quantity=1),))

    async def take_away() -> int:
        try:
            async with record.begin() as tx:
                return int(await tx.stock.move(movement(-1), NOW))
        except OutOfStock:
            return 0

    reserved, taken = await asyncio.gather(
        asyncio.gather(*(reserve(part) for part in parts)), asyncio.gather(*(take_away() for _ in range(8)))
    )
    on_hand, held = await quantities_of(record)
    assert (on_hand, held) == (8 - sum(taken), sum(reserved))
    assert held <= on_hand


async def test_channels_at_once_never_take_what_is_set_aside_for_another(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    await receive(record, 10)
    parts = await _parts(record, 12)
    async with record.begin() as tx:
        await tx.catalog.save_channel(Channel(account="rival", adapter="sandbox", settings="{}"))
        await tx.availability.set_aside(TEA, "rival", {BERLIN: 4})
        for number in range(12):
            owner = f"soft:{number}"
            soft = SoftReservation(owner=owner, account="rival", until=NOW, actor="till", reason="phone")
            await tx.reservations.add(soft)

    async def reserve(owner: str) -> bool:
        async with record.begin() as tx:
            return await tx.stock.reserve(owner, (Claim(sku=TEA, location=BERLIN, quantity=1),))

    rivals = [f"soft:{number}" for number in range(12)]
    won = await asyncio.gather(*(reserve(owner) for pair in zip(parts, rivals, strict=True) for owner in pair))
    assert sum(won) == 10
    assert sum(won[1::2]) >= 4
    # Parts that lost are planned all the same here, which their own view says; the sums hold.
    assert [found for found in await violations(engine) if "is_sum_of" in found.view] == []


async def test_a_level_that_comes_into_being_under_a_claim_is_not_taken_twice(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    parts = await _parts(record, 2)
    claim = (Claim(sku=TEA, location=BERLIN, quantity=1),)

    async def reserve() -> bool:
        async with record.begin() as tx:
            return await tx.stock.reserve(parts[0], claim)

    async with engine.connect() as gate:
        await gate.execute(text("LOCK TABLE set_asides IN ACCESS EXCLUSIVE MODE"))
        claiming = asyncio.create_task(reserve())  # finds no level to lock, before there is one
        await until_blocked(engine, claiming)
        async with engine.begin() as other:
            await other.execute(_NEW_LEVEL, {"sku": TEA, "location": BERLIN})
        async with record.begin() as tx:
            assert await tx.stock.reserve(parts[1], claim)
            await gate.rollback()
            await until_blocked(engine, claiming)
    assert not await claiming
    assert await quantities_of(record) == (1, 1)


async def test_a_load_that_waited_for_the_lock_sees_what_was_done_meanwhile(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    order_id = await record_order(record, channel_order(channel_line(quantity=2)))

    async def look() -> tuple[int, int, int]:
        async with record.begin() as tx:
            order = await tx.orders.load(order_id, lock=True)
        return len(order.fulfillments), len(order.holds), order.lines[0].planned

    async with record.begin() as tx:
        await tx.orders.load(order_id, lock=True)
        looking = asyncio.create_task(look())
        await until_blocked(engine, looking)
        await tx.fulfillments.add((fulfillment(order_id, quantities={"1": 2}),), (), NOW)
        await tx.orders.place_hold(order_id, HoldReason.FRAUD, "ops", NOW)
    assert await looking == (1, 1, 2)


async def test_a_move_that_waited_for_the_lock_is_decided_by_what_was_done_meanwhile(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    (part,) = await _parts(record, 1)

    async def pick() -> object:
        async with record.begin() as tx:
            return await tx.fulfillments.advance(_move(part, Stage.RELEASED, Stage.PICKED, clears="staff:x"))

    async with record.begin() as tx:
        await tx.orders.load("shop/0", lock=True)
        picking = asyncio.create_task(pick())
        await until_blocked(engine, picking)
        assert await tx.fulfillments.advance(_move(part, Stage.PLANNED, Stage.RELEASED, waits_for="staff:x"))
    assert await picking is not None
    async with record.begin() as tx:
        assert await tx.waits.of_order("shop/0") == ()


async def test_a_hold_placed_meanwhile_stops_a_move_that_waited(record: PostgresRecord, engine: AsyncEngine) -> None:
    (part,) = await _parts(record, 1)

    async def release() -> object:
        async with record.begin() as tx:
            return await tx.fulfillments.advance(_move(part, Stage.PLANNED, Stage.RELEASED, unless_held=True))

    async with record.begin() as tx:
        await tx.orders.place_hold("shop/0", HoldReason.FRAUD, "ops", NOW)
        releasing = asyncio.create_task(release())
        await until_blocked(engine, releasing)
    assert await releasing is None


async def test_no_wake_up_is_lost_between_looking_and_waiting(record: PostgresRecord) -> None:
    """The protocol of waits: whoever finds no stock waits under the cause's lock, or sees what arrived."""
    parts = await _parts(record, 12)

    async def need(part: str) -> None:
        order_id = part.rpartition("/")[0]
        async with record.begin() as tx:
            await tx.orders.load(order_id, lock=True)
            claim = (Claim(sku=TEA, location=BERLIN, quantity=1),)
            with suppress(OutOfStock):
                async with tx.savepoint():  # lets go of the levels, which are locked after causes
                    if await tx.stock.reserve(part, claim):
                        return
                    raise OutOfStock("short")
            await tx.waits.lock_causes([f"stock:{TEA}"])
            if not await tx.stock.reserve(part, claim):
                await tx.waits.rewrite(order_id, "", {f"stock:{TEA}": ""}, NOW)

    async def bring(number: int) -> None:
        async with record.begin() as tx:
            await tx.waits.clear(f"stock:{TEA}", NOW)
            await tx.stock.move(movement(1, key=f"receipt:{number}"), NOW)

    await asyncio.gather(*(need(part) for part in parts), *(bring(number) for number in range(12)))
    async with record.begin() as tx:
        waiting = [wait for part in parts for wait in await tx.waits.of_order(part.rpartition("/")[0])]
        events = await tx.waits.next_events(10)
    on_hand, reserved = await quantities_of(record)
    assert reserved + len(waiting) == 12
    assert not waiting or (events and on_hand - reserved >= len(waiting))


async def test_who_begins_to_wait_while_a_location_changes_sees_the_change_or_is_woken(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    order_id = await record_order(record, match=False)
    cause = f"hold:restricted:{order_id}"

    async def wait_unless_handled() -> None:
        async with record.begin() as tx:
            await tx.waits.lock_causes([cause])
            if not any(place.handles for place in await tx.catalog.locations()):
                await tx.waits.rewrite(order_id, "", {cause: ""}, NOW)

    def let_berlin_handle(places: Mapping[str, Location]) -> list[Location]:
        return [places[BERLIN].model_copy(update={"handles": frozenset({Restriction.AGE_18})})]

    async with record.begin() as tx:
        await tx.catalog.change_locations(let_berlin_handle, NOW)
        waiting = asyncio.create_task(wait_unless_handled())
        await until_blocked(engine, waiting)
    await waiting
    async with record.begin() as tx:
        assert await tx.waits.of_order(order_id) == ()


async def test_of_many_refunds_at_once_none_exceeds_what_was_captured(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    order_id = await record_order(record, channel_order(channel_line(quantity=1)))

    async def refund(number: int) -> bool:
        async with record.begin() as tx:
            return await tx.money.reserve_refund(order_id, f"goodwill:{number}", 400, "late", {}) is not None

    assert sum(await asyncio.gather(*(refund(number) for number in range(16)))) == 2
    assert (await load(record, order_id)).refunding == 800
    assert await violations(engine) == []


async def test_each_step_of_an_orders_life_is_one_statement(record: PostgresRecord, engine: AsyncEngine) -> None:
    await receive(record, 5)
    (part,) = await _parts(record, 1)
    statements = watch_statements(engine)
    async with record.begin() as tx:
        await tx.orders.load("shop/0", lock=True)
        await tx.stock.reserve(part, (Claim(sku=TEA, location=BERLIN, quantity=1),))
        everything = {"clears": "a:b", "waits_for": "staff:x", "tells": True, "inbox_id": 1, "unless_held": True}
        await tx.fulfillments.advance(_move(part, Stage.PLANNED, Stage.RELEASED, **everything))
        await tx.shipments.plan_parcel(part, "swift", NOW + timedelta(seconds=1))
        await tx.waits.rewrite("shop/0", part, {"staff:x": "", "delivery:x": ""}, NOW)
        await tx.stock.ship(part, NOW)
    assert len(statements) == 6


def _move(part: str, before: Stage, to: Stage, **changes: object) -> Move:
    return Move.model_validate({"fulfillment_id": part, "before": frozenset({before}), "to": to, "at": NOW, **changes})


async def _parts(record: PostgresRecord, count: int) -> list[str]:
    """Record that many orders of one unit, each with a planned fulfillment order."""
    parts: list[str] = []
    for number in range(count):
        order_id = await record_order(record, channel_order(channel_order_id=str(number)))
        parts.append(await add_part(record, fulfillment(order_id)))
    return parts
