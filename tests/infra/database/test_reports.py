from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.order import OrderState
from domain.ports.stores.inbox import InboxState
from domain.ports.stores.outbox import Telling
from domain.ports.stores.returns import ReturnRequest
from domain.returns import ReturnLine
from infra.database.cipher import Cipher
from infra.database.record import PostgresRecord
from infra.database.reports.history import read_history
from infra.database.reports.inbox import find_message, list_inbox, list_quarantined
from infra.database.reports.ledgers import list_channels, list_listings, list_returns, list_skus, list_stock
from infra.database.reports.order_page import read_order_page
from infra.database.reports.orders import OrderFilter, find_orders, list_orders
from infra.database.reports.reading import reading
from infra.database.reports.stuck import NEEDS_PERSON, list_stuck_waits, list_untold
from infra.database.reports.waiting import list_waiting_workflows
from tests.builders import ACCOUNT, BERLIN, MUG, NOW, TEA, channel_line, channel_order, received
from tests.stores.scenes import close, deliver, record_order

pytestmark = pytest.mark.stack

ORDER = "shop/1001"
PART = "shop/1001/F1"
CIPHER = Cipher(bytes(32))


@pytest.fixture
async def snapshot(engine: AsyncEngine, shipped: PostgresRecord) -> AsyncGenerator[AsyncConnection]:
    """A reading of the record in which order shop/1001 is on its way."""
    del shipped
    async with reading(engine) as connection:
        yield connection


async def wait_for(record: PostgresRecord, scope: str, *causes: str, days_ago: int = 0) -> None:
    async with record.begin() as tx:
        await tx.waits.rewrite(ORDER, scope, dict.fromkeys(causes, "why"), NOW - timedelta(days=days_ago))


async def test_a_reading_can_change_nothing(snapshot: AsyncConnection) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        await snapshot.execute(text("UPDATE orders SET state = 'LOST'"))


async def test_orders_are_listed_newest_first_and_by_filter(record: PostgresRecord, engine: AsyncEngine) -> None:
    await record_order(record)
    await record_order(record, channel_order(channel_order_id="1002"))
    await close(record, "shop/1002", OrderState.CANCELLED)
    await wait_for(record, "", f"stock:{TEA}", f"sku:{ACCOUNT}:L-1")
    async with reading(engine) as connection:
        assert [row.order_id for row in await list_orders(connection, OrderFilter())] == [ORDER, "shop/1002"]
        assert [row.order_id for row in await list_orders(connection, OrderFilter(limit=1))] == [ORDER]
        assert await list_orders(connection, OrderFilter(account="other")) == []
        closed = OrderFilter(state=OrderState.CANCELLED)
        assert [row.order_id for row in await list_orders(connection, closed)] == ["shop/1002"]
        (waiting,) = await list_orders(connection, OrderFilter(waiting=True))
    assert (waiting.waits_for, waiting.waits_since) == ((f"sku:{ACCOUNT}:L-1", f"stock:{TEA}"), NOW)


@pytest.mark.parametrize("name", [ORDER, "1001", "#1001"])
async def test_an_order_is_found_by_each_of_its_names(snapshot: AsyncConnection, name: str) -> None:
    assert await find_orders(snapshot, name) == [ORDER]


async def test_the_page_of_an_order_is_whole(snapshot: AsyncConnection) -> None:
    page = await read_order_page(snapshot, ORDER)
    assert page is not None
    assert (page.header.state, page.header.captured, page.header.refunding) == (OrderState.OPEN, 2000, 500)
    assert [(line.sku, line.quantity, line.planned, line.open) for line in page.lines] == [(TEA, 2, 2, 0)]
    assert [(part.stage, part.location, part.units) for part in page.fulfillments] == [("IN_TRANSIT", BERLIN, 2)]
    assert [(parcel.tracking_number, parcel.told_at) for parcel in page.parcels] == [("T-1", NOW)]
    assert [(refund.amount, refund.state, refund.reason) for refund in page.refunds] == [(500, "RESERVED", "late")]
    assert (page.holds, page.waits) == ([], [])


async def test_there_is_no_page_of_an_order_nobody_knows(snapshot: AsyncConnection) -> None:
    assert await read_order_page(snapshot, "shop/9") is None


async def test_a_history_tells_everything_that_has_a_moment(snapshot: AsyncConnection) -> None:
    told = [(row.kind, row.happened) for row in await read_history(snapshot, ORDER)]
    assert told[0] == ("order", "placed on the channel")
    for wanted in [
        ("order", "recorded"),
        ("fulfillment", "planned at BER"),
        ("effect", "sent to swift"),
        ("effect", "confirmed"),
        ("parcel", "label bought from swift"),
        ("parcel", "tracking told to the channel"),
        ("fulfillment", "in_transit"),
        ("refund", "reserved"),
    ]:
        assert wanted in told


async def test_waits_that_need_a_person_are_stuck(record: PostgresRecord, engine: AsyncEngine) -> None:
    await record_order(record)
    await wait_for(record, "", f"stock:{TEA}", days_ago=2)
    await wait_for(record, PART, f"staff:{PART}", "adapter:swift", f"delivery:{PART}", days_ago=1)
    async with reading(engine) as connection:
        of_people = await list_stuck_waits(connection, NOW - timedelta(days=9), NOW - timedelta(days=9))
        overdue = await list_stuck_waits(connection, NOW, NOW)
    assert [wait.cause for wait in of_people] == [f"stock:{TEA}"]
    assert [wait.cause for wait in overdue] == [f"stock:{TEA}", "adapter:swift", f"delivery:{PART}"]
    of_things = {"sku", "stock", "address", "effect", "tracking", "correction"}
    assert set(NEEDS_PERSON) == of_things | {"hold", "conflict", "policy"}


async def test_a_wake_up_that_found_nobody_counts_while_its_order_stands(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    await record_order(record)
    telling = Telling(workflow="Order", workflow_id=f"order/{ORDER}", signal="changed", payload="{}")
    async with record.begin() as tx:
        await tx.outbox.tell(telling)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE outbox SET dead = true, written_at = now()"))
    async with reading(engine) as connection:
        assert {row.order_id for row in await list_untold(connection)} == {ORDER}
    await close(record, ORDER)
    async with reading(engine) as connection:
        assert await list_untold(connection) == []


async def test_of_several_messages_about_one_subject_the_newest_is_shown_as_stuck(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    async with record.begin() as tx:
        ids = await tx.inbox.store((received(b"1"), received(b"2"), received(b"3", subject="other")), NOW)
        for inbox_id in ids:
            assert inbox_id is not None
            await tx.inbox.quarantine(inbox_id, "unreadable", f"reason {inbox_id}", NOW)
    async with reading(engine) as connection:
        assert [row.inbox_id for row in await list_quarantined(connection, CIPHER)] == [ids[1], ids[2]]
        everything = await list_inbox(connection, CIPHER, InboxState.QUARANTINED, 10)
        assert [row.reason for row in everything] == [f"reason {inbox_id}" for inbox_id in ids]
        assert await find_message(connection, CIPHER, 999) is None


async def test_each_wait_names_the_workflow_that_waits(record: PostgresRecord, engine: AsyncEngine) -> None:
    await deliver(record, channel_order(channel_line(quantity=2)), {"1": 2})
    line = ReturnLine(line_id="1", sku=TEA, quantity=1)
    wish = ReturnRequest(order_id=ORDER, key="k", course="store", lines=(line,), location=BERLIN)
    async with record.begin() as tx:
        back = await tx.returns.open(wish, NOW)
        of_return = await tx.money.reserve_refund(ORDER, f"return:{back.return_id}", 100, "returned", {})
        of_order = await tx.money.reserve_refund(ORDER, "late", 100, "late", {})
    assert of_return is not None
    assert of_order is not None
    await wait_for(record, "", "hold:fraud")
    await wait_for(record, back.return_id, "adapter:staff")
    await wait_for(record, f"{back.return_id}/step", "outage:swift")
    await wait_for(record, f"{back.return_id}/answer", "outage:shop")
    await wait_for(record, f"{ORDER}/F1/step", "outage:staff")
    await wait_for(record, of_return.refund_id, "adapter:shop")
    await wait_for(record, of_order.refund_id, "effect:refund")
    async with reading(engine) as connection:
        found = {(row.cause, row.workflow_id) for row in await list_waiting_workflows(connection, ORDER)}
    assert found == {
        ("hold:fraud", f"order/{ORDER}"),
        ("adapter:staff", f"order/{ORDER}/return/R1"),
        ("outage:swift", f"order/{ORDER}/return/R1"),
        ("outage:shop", f"order/{ORDER}/return/R1"),
        ("outage:staff", f"order/{ORDER}"),
        ("adapter:shop", f"order/{ORDER}/return/R1"),
        ("effect:refund", f"order/{ORDER}/refund/{of_order.number}"),
    }


async def test_the_ledgers_are_listed(snapshot: AsyncConnection) -> None:
    (level,) = await list_stock(snapshot)
    assert (level.sku, level.location, level.on_hand, level.available) == (TEA, BERLIN, 8, 8)
    assert await list_stock(snapshot, MUG) == []
    (channel,) = await list_channels(snapshot)
    assert (channel.account, channel.open_orders, channel.quarantined) == (ACCOUNT, 1, 0)
    assert "settings" not in channel.model_dump()
    assert [(row.sku, row.on_hand) for row in await list_skus(snapshot)] == [(MUG, 0), (TEA, 8)]
    assert await list_listings(snapshot) == []
    assert await list_returns(snapshot) == []
