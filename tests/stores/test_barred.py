"""Orders that wait behind a barrier, on both records: each goes on by itself when what barred it is mended."""

from __future__ import annotations

import pytest

from activities.context import Context
from activities.fulfillment import wait_for_holds
from activities.review import review
from activities.steps import PartOf, ReviewRequest
from domain.imports import ImportKind
from domain.messages import WOKEN, Woken
from domain.order import ChannelOrder
from domain.ports.stores import Record
from domain.restriction import Restriction
from tests.builders import (
    BERLIN,
    MUG,
    MUNICH,
    NOW,
    TEA,
    address,
    channel_line,
    channel_order,
    location,
    movement,
    pickup_order,
)
from tests.stores.scenes import load, open_causes, receive, record_order, tellings
from tests.stores.test_imports import imported
from tests.stores.waiting_room import causes_of, context_of, serve, woken

ORDER = "shop/1001"
REQUEST = ReviewRequest(order_id=ORDER)
ABROAD = channel_order(address=address(country="CH"))


@pytest.fixture
async def context(record: Record) -> Context:
    await receive(record, 9)
    await receive(record, 9, MUG)
    return context_of(record)


async def say(record: Record, *rows: dict[str, str]) -> None:
    await imported(record, ImportKind.SKUS, dict(enumerate(rows, start=2)))


async def send_to_munich(record: Record, units: int) -> None:
    """Let goods come to Munich, as everybody books them."""
    async with record.begin() as tx:
        await tx.waits.clear(f"stock:{TEA}", NOW)
        await tx.stock.move(movement(units, place=MUNICH), NOW)


@pytest.mark.parametrize(
    ("restriction", "order", "then", "hold"),
    [
        ("flammable", channel_order(), {"restrictions": "-"}, "restricted"),
        ("serial", channel_order(), {"restrictions": "-"}, "tracing"),
        ("age-18", pickup_order(), {"restrictions": "-"}, "age-check"),
        ("-", ABROAD, {"hs_code": "090210", "origin": "IN"}, "customs-data"),
    ],
)
async def test_what_is_said_of_the_goods_lets_their_orders_go(
    context: Context, restriction: str, order: ChannelOrder, then: dict[str, str], hold: str
) -> None:
    async with context.record.begin() as tx:
        handles = frozenset({Restriction.AGE_18})
        await tx.catalog.change_locations(lambda known: [known[BERLIN].model_copy(update={"handles": handles})], NOW)
    await say(context.record, {"sku": TEA, "restrictions": restriction})
    await record_order(context.record, order)
    seen = await review(context, REQUEST)
    assert (seen.held, seen.waits_for) == (True, (f"hold:{hold}:{ORDER}",))
    await say(context.record, {"sku": TEA, **then})
    assert await open_causes(context.record) == {f"hold:{hold}:{ORDER}"}
    await serve(context)
    assert (await woken(context), await causes_of(context, "1001")) == (["shop/1001"], [])
    assert [hold.reason for hold in (await load(context.record, ORDER)).holds] == []


@pytest.mark.parametrize("why", ["restricted", "customs-data"])
async def test_goods_that_come_to_where_nothing_bars_them_let_their_orders_go(context: Context, why: str) -> None:
    record = context.record
    bound = why == "restricted"
    munich = location(MUNICH, country="DE" if bound else "CH", handles=frozenset({Restriction.BATTERY}))
    async with record.begin() as tx:
        await tx.catalog.change_locations(lambda _: [munich], NOW)
    await say(record, {"sku": TEA, "restrictions": "lithium-battery" if bound else "-"})
    await record_order(record, channel_order() if bound else ABROAD)
    await review(context, REQUEST)
    assert await causes_of(context, "1001") == [f"hold:{why}:{ORDER}", f"stock:{TEA}"]
    await send_to_munich(record, 1)
    await serve(context)
    order = await load(record, ORDER)
    assert ([part.location for part in order.fulfillments], order.holds) == ([MUNICH], ())
    assert await woken(context) == [ORDER]


async def test_a_part_that_stood_before_the_hold_is_woken_by_whatever_ends_it(context: Context) -> None:
    record = context.record
    async with record.begin() as tx:
        handles = frozenset({Restriction.BATTERY})
        await tx.catalog.change_locations(lambda known: [known[MUNICH].model_copy(update={"handles": handles})], NOW)
    await say(record, {"sku": TEA, "restrictions": "lithium-battery"}, {"sku": MUG, "restrictions": "-"})
    await record_order(record, channel_order(channel_line("1"), channel_line("2", sku=MUG)))
    await review(context, REQUEST)
    async with record.begin() as tx:
        await tx.orders.load(ORDER, lock=True)
        stands = await wait_for_holds(tx, PartOf(order_id=ORDER, fulfillment_id=f"{ORDER}/F1"), NOW)
    await send_to_munich(record, 1)
    await serve(context)
    tickets = [Woken.model_validate_json(one.payload).ticket for one in await tellings(record) if one.signal == WOKEN]
    assert max(tickets) >= stands.ticket > 0
    assert await causes_of(context, "1001") == []
