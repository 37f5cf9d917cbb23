"""Intake: a raw order from the inbox becomes an order of the record, or is set aside with its reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from pydantic import ValidationError

from activities.address import goes_elsewhere
from activities.context import Context
from activities.observation import observe, shows_a_hand, tell_changed
from activities.outlook import urgency_of
from domain.errors import CrossdockError, NotFound, Unavailable
from domain.order import ChannelOrder, order_id
from domain.ports.marketplace import Marketplace, OrderPage, RawOrder
from domain.ports.stores.inbox import InboxRow, InboxState, Received


async def receive_orders(context: Context, account: str, orders: tuple[Received, ...]) -> int:
    """Store raw orders, then take each in by itself; return how many were news. One bad order blocks no other."""
    async with context.record.begin() as tx:
        ids = await tx.inbox.store(orders, context.now())
    marketplace = await context.parties.marketplace(account)
    fresh = [(inbox_id, message) for inbox_id, message in zip(ids, orders, strict=True) if inbox_id is not None]
    for inbox_id, message in fresh:
        await take_in(context, marketplace, InboxRow(**message.model_dump(), inbox_id=inbox_id, state=InboxState.NEW))
    return len(fresh)


async def take_pages(
    context: Context, account: str, marketplace: Marketplace, since: datetime
) -> AsyncIterator[tuple[OrderPage, int]]:
    """List the orders of a channel and take them in page by page; yield each page, and how many of it were news."""
    cursor: str | None = None
    while True:
        page = await marketplace.list_orders(since, cursor)
        orders = tuple(
            Received(party=account, source="pull", subject=raw.channel_order_id, body=raw.body) for raw in page.orders
        )
        yield page, await receive_orders(context, account, orders) if orders else 0
        cursor = page.next_cursor
        if cursor is None:
            return


async def refresh_order(context: Context, account: str, channel_order_id: str) -> RawOrder:
    """Read one order again because somebody hinted that it changed; hints themselves are not believed."""
    marketplace = await context.parties.marketplace(account)
    raw = await marketplace.fetch_order(channel_order_id)
    message = Received(party=account, source="pull", subject=channel_order_id, body=raw.body)
    await receive_orders(context, account, (message,))
    return raw


async def take_in(context: Context, marketplace: Marketplace, row: InboxRow) -> None:
    """Read one stored order and record it, or enter what has changed; set it aside when that cannot be done."""
    try:
        await _keep(context, row, marketplace.read_order(row.body))
    except ValidationError as error:
        await _set_aside(context, row, "unreadable", _reasons(error))
    except Unavailable:
        raise
    except CrossdockError as error:
        await _set_aside(context, row, error.code, str(error))


async def _keep(context: Context, row: InboxRow, seen: ChannelOrder) -> None:
    key = order_id(row.party, seen.channel_order_id)
    now = context.now()
    async with context.record.begin() as tx:
        # A wish to cancel is entered by `observe`, like one that comes later.
        plain = seen.model_copy(update={"cancel_requested": False})
        urgency = urgency_of(plain, context.policy, now)
        if await tx.orders.record(key, row.party, plain, row.inbox_id, now, urgency):
            await tx.inbox.supersede(row.party, seen.channel_order_id, now)
            if shows_a_hand(None, seen):
                # It was touched before we knew it: nothing of that may be done again.
                await observe(tx, await tx.orders.load(key, lock=True), seen, now)
        else:
            order = await tx.orders.load(key, lock=True)
            looks = shows_a_hand(order, seen) or goes_elsewhere(tx, order, seen)
            if looks and await observe(tx, order, seen, now):
                await tell_changed(tx, key, "channel")
            await tx.inbox.supersede(row.party, seen.channel_order_id, now)
            await tx.inbox.finish(row.inbox_id, key, now)


async def _set_aside(context: Context, row: InboxRow, code: str, words: str) -> None:
    async with context.record.begin() as tx:
        await tx.inbox.quarantine(row.inbox_id, code, words, context.now())


def _reasons(error: ValidationError) -> str:
    """Name fields and rules, never the values: they may be personal."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'order'}: {problem['msg']}"
        for problem in error.errors()[:5]
    )


async def replay(context: Context, inbox_id: int) -> str:
    """Take a quarantined message in once more, after its cause was fixed; return its state now.

    Raises:
        NotFound: no such message, or it is not quarantined.
    """
    async with context.record.begin() as tx:
        if not await tx.inbox.replay(inbox_id):
            raise NotFound("not-quarantined", f"inbox {inbox_id} is not quarantined")
        row = await tx.inbox.load(inbox_id)
    await take_in(context, await context.parties.marketplace(row.party), row)
    async with context.record.begin() as tx:
        return (await tx.inbox.load(inbox_id)).state.value
