"""A real shop with a past is watched and then taken over: nothing done is repeated, what is left ships once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.takeover import Verdict, rehearse_channel, take_over
from domain.inventory import MovementKind
from domain.order import HoldReason, OrderState
from domain.ports.stores.catalog import Mode
from domain.ports.stores.inventory import Movement
from infra.database.invariants import violations
from infra.vendure.buyer import PlacedOrder
from infra.vendure.hand import Administrator
from infra.vendure.store import Store
from tests.end_to_end.town import eventually, open_town
from tests.end_to_end.vendure_town import VendureTown, name_of
from workers.vendure import ACCOUNT, PLACES, connect_vendure

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.stack, pytest.mark.timeout(1800)]

SKU, UNITS = "SLT-200", 2
PAST = {"shipped": 70, "partly shipped": 40, "refunded": 40, "given back": 10, "open": 40}
"""How many orders of each kind the shop holds: 200. Those given back were refunded before anything left."""
CARRIED = ("partly shipped", "open")
AT_ONCE = 6

Past = dict[str, list[PlacedOrder]]


@pytest.fixture
async def shop(
    tmp_path: Path,
    database_url: str,
    temporal_client: Client,
    vendure_store: Store,
    administrator_of_store: Administrator,
) -> AsyncIterator[VendureTown]:
    """A shop that is not connected yet."""
    async with open_town(tmp_path, database_url, temporal_client) as town:
        yield VendureTown(town, vendure_store, administrator_of_store, ("", ""))


async def live_through(shop: VendureTown) -> Past:
    """Let people buy, send and give back, long before we come."""
    await shop.person.set_stock(SKU, 2000)
    few = asyncio.Semaphore(AT_ONCE)

    async def live(kind: str) -> tuple[str, PlacedOrder]:
        async with few:
            placed = await shop.buy({SKU: UNITS})
            line = placed.line_of(SKU)
            if kind in {"shipped", "refunded"}:
                await shop.person.ship(placed.id)
            if kind == "partly shipped":
                await shop.person.ship(placed.id, {line: 1})
            if kind in {"refunded", "given back"}:
                await shop.person.refund(placed.id, placed.total_with_tax)
        return kind, placed

    past: Past = {}
    for kind, placed in await asyncio.gather(*(live(kind) for kind, count in PAST.items() for _ in range(count))):
        past.setdefault(kind, []).append(placed)
    return past


async def bring_stock(shop: VendureTown, units: int) -> None:
    """Put the goods of open orders on our books and the world's shelf: the shop counts them as sold already."""
    shelves = await connect_vendure(shop.town.house, shop.store, mode=Mode.OBSERVE)
    assert shelves[SKU] in PLACES
    shop.town.visitor.post(f"/locations/{shelves[SKU]}/deliveries", sku=SKU, quantity=units)
    goods = Movement(
        key="opening:past", kind=MovementKind.COUNT, sku=SKU, location=shelves[SKU], delta=units, reason="opening"
    )
    async with shop.town.context.record.begin() as tx:
        await tx.stock.move(goods, shop.town.context.now())


async def test_a_shop_with_two_hundred_orders_is_taken_over(shop: VendureTown) -> None:
    context = shop.town.context
    begin = context.now()  # what other tests left in the shop is older, and stays as it is
    past = await live_through(shop)
    await bring_stock(shop, UNITS * sum(PAST.values()))
    await shop.pull()
    told = [row async for row in rehearse_channel(context, ACCOUNT, begin)]
    expected = {Verdict.DONE: 110, Verdict.PARTLY: 40, Verdict.REFUNDED: 10, Verdict.OPEN: 40}
    assert {verdict: sum(row.verdict is verdict for row in told) for verdict in expected} == expected
    assert all(row.places for row in told if row.verdict in {Verdict.PARTLY, Verdict.OPEN})
    before = {placed.id: await shop.look(placed) for orders in past.values() for placed in orders}
    assert shop.town.visitor.journal("label.bought") == []

    async with context.record.begin() as tx:
        await tx.takeover.go_live(ACCOUNT, begin)
    taken = {order: verdict async for order, verdict in take_over(context, ACCOUNT)}
    assert {order for order, verdict in taken.items() if verdict is not Verdict.OLD} == {
        name_of(placed) for orders in past.values() for placed in orders
    }
    await eventually(lambda: all_delivered(shop, past), 600)

    for kind, orders in past.items():
        for placed in orders:
            seen = await shop.look(placed)
            assert not seen.unfulfilled or kind == "given back", (kind, seen)
            assert seen.refunds == before[placed.id].refunds, (kind, seen)
            more = len(seen.tracking_codes) - len(before[placed.id].tracking_codes)
            assert more == int(kind in CARRIED), (kind, seen)
    for placed in past["given back"]:
        assert [hold.reason for hold in (await shop.order(placed)).holds] == [HoldReason.REFUNDED]
    assert len(shop.town.visitor.journal("label.bought")) == sum(PAST[kind] for kind in CARRIED)
    assert await violations(shop.town.house.engine) == []


async def all_delivered(shop: VendureTown, past: Past) -> bool:
    """Tell whether everything that was left has come to its end."""
    carried = [name_of(placed) for kind in CARRIED for placed in past[kind]]
    async with shop.town.context.record.begin() as tx:
        return all([(await tx.orders.load(order)).state is OrderState.DELIVERED for order in carried])
