"""Listing what changed, and fetching orders with all their rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from adapters.marketplaces.shopify import documents
from domain.errors import ContractBroken
from tests.adapters.marketplaces.shopify.conftest import Shop
from tests.adapters.marketplaces.shopify.shelf import HERE, Part, Refund, Sent, always


async def pulled(shop: Shop, since: datetime) -> tuple[list[str], datetime | None]:
    found: list[str] = []
    page = await shop.adapter.list_orders(since, None)
    while page.next_cursor is not None:
        found += [raw.channel_order_id for raw in page.orders]
        page = await shop.adapter.list_orders(since, page.next_cursor)
    return found + [raw.channel_order_id for raw in page.orders], page.watermark


async def test_an_order_of_which_only_a_part_changed_is_listed_once(shop: Shop) -> None:
    since = shop.world.now - timedelta(minutes=10)
    assert await pulled(shop, since) == ([], None)
    shop.order.parts[0].updated_at = shop.world.now
    shop.order.parts.append(Part(9, HERE, "SHIPPING", {}, {}, shop.world.now))
    assert await pulled(shop, since) == (["1001"], None)


async def test_the_watermark_is_the_last_orders_own_moment(shop: Shop) -> None:
    last = shop.world.now - timedelta(minutes=3)
    for minutes in range(5):
        shop.place(1, moment=last - timedelta(minutes=minutes))
    found, watermark = await pulled(shop, shop.world.now - timedelta(hours=3))
    assert len(found) == 6
    assert watermark == last


async def test_a_cursor_of_another_kind_is_refused(shop: Shop) -> None:
    for cursor in ("x", "orders yesterday abc", "elsewhere - abc"):
        with pytest.raises(ContractBroken):
            await shop.adapter.list_orders(shop.world.now, cursor)


async def test_an_order_longer_than_a_page_is_read_whole(shop: Shop) -> None:
    many = shop.place(1, 1)
    order = shop.world.order(many)
    first = order.lines[0]
    for number in range(4 * documents.ROWS):
        order.lines.append(type(first)(200_000 + number, "4401", "MUG-BLUE", 2, 100, 2))
    part = order.parts[0]
    part.remaining |= {line.number: 2 for line in order.lines[2:]}
    part.row_ids |= {line.number: line.number + 500_000 for line in order.lines[2:]}
    for number in range(12):
        order.parts.append(Part(7000 + number, HERE, "SHIPPING", {}, {}, order.updated_at))
    sent = [line.number for line in order.lines[2 : 2 + 2 * documents.ROWS]]
    order.sent.append(Sent(1, "DHL", "1", dict.fromkeys(sent, 1), order.updated_at))
    for line in sent:
        part.remaining[line] -= 1
    order.payments[0].amount = order.total
    seen = shop.adapter.read_order((await shop.adapter.fetch_order(many.channel_order_id)).body)
    assert len(seen.lines) == 2 + 4 * documents.ROWS
    assert sum(line.shipped for line in seen.lines) == 2 * documents.ROWS
    assert not any(line.cancelled for line in seen.lines)


async def test_lists_without_pages_are_asked_for_again_in_full(shop: Shop) -> None:
    for number in range(documents.LISTED + 3):
        shop.order.refunds.append(Refund(number, "", 1, shop.world.now))
        shop.order.sent.append(Sent(number, "DHL", str(number), {}, shop.world.now))
    order = await shop.seen()
    assert len(order.refunds) == len(order.shipments) == documents.LISTED + 3
    shop.order.refunds *= 10
    with pytest.raises(ContractBroken, match="refunds"):
        await shop.seen()


async def test_an_order_that_was_deleted_while_it_was_listed_is_left_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.place(1)
    monkeypatch.setattr(shop.admin, "order", always(None))
    assert (await pulled(shop, shop.world.now - timedelta(hours=2)))[0] == []


async def test_an_order_that_is_too_long_is_set_aside_and_blocks_no_other(shop: Shop) -> None:
    shop.order.refunds += [Refund(100 + n, "", 0, shop.world.now) for n in range(documents.ALL_LISTED)]
    other = shop.place(1).channel_order_id
    page = await shop.adapter.list_orders(shop.world.now - timedelta(hours=3), None)
    bodies = {raw.channel_order_id: raw.body for raw in page.orders}
    assert shop.adapter.read_order(bodies[other]).channel_order_id == other
    with pytest.raises(ContractBroken, match="refunds"):
        shop.adapter.read_order(bodies["1001"])
