"""Scenes: the steps that bring a record to where a test begins."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Mapping

from psycopg import IntegrityError

from domain.errors import Conflict
from domain.fulfillment import NEXT, Fulfillment, Stage
from domain.inventory import Claim, InventoryLevel
from domain.order import ChannelOrder, OrderState, order_id
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.order import KeptLine, KeptOrder
from domain.ports.stores.outbox import Telling
from domain.ports.stores.returns import ReturnRequest
from domain.returns import Return, ReturnCourse, ReturnLine, ReturnState
from tests.builders import (
    ACCOUNT,
    BERLIN,
    MUG,
    MUNICH,
    NOW,
    TEA,
    channel_line,
    channel_order,
    fulfillment,
    location,
    movement,
    plain,
    received,
)

REFUSALS = (Conflict, IntegrityError)
"""What bad input that no caller of ours sends is met with: a check, or a constraint of the database."""

SHOP = Channel(account=ACCOUNT, adapter="sandbox", settings='{"token": "t"}')


async def seed_catalog(record: Record) -> None:
    """Add a channel, two locations and two SKUs."""
    async with record.begin() as tx:
        await tx.catalog.save_channel(SHOP)
        for code in (BERLIN, MUNICH):
            await tx.catalog.save_location(location(code))
        for sku in (TEA, MUG):
            await tx.catalog.save_sku(sku, f"A {sku}", 100)


async def record_order(record: Record, order: ChannelOrder | None = None, *, match: bool = True) -> str:
    """Store the order's message and record it, its SKUs matched; return its id."""
    wanted = order or channel_order()
    number = order_id(ACCOUNT, wanted.channel_order_id)
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(number.encode(), subject=wanted.channel_order_id),), NOW)
        assert inbox_id is not None
        assert await tx.orders.record(number, ACCOUNT, wanted, inbox_id, NOW)
        if match:
            await tx.orders.match_lines(number, {line.line_id: plain(line.sku) for line in wanted.lines})
    return number


async def start_publishing(record: Record) -> None:
    """Let all listings of the channel be looked at, as of now."""
    async with record.begin() as tx:
        progress = await tx.publications.progress(ACCOUNT)
        await tx.publications.advance(ACCOUNT, progress.model_copy(update={"swept": progress.wanted}))


async def wants_sweep(record: Record) -> bool:
    """Tell whether the next run is to look at all listings of the channel."""
    async with record.begin() as tx:
        progress = await tx.publications.progress(ACCOUNT)
    return progress.wanted > progress.swept


async def let_wait(record: Record, *causes: str) -> str:
    """Record an order that waits for causes; return its id."""
    order = await record_order(record, match=False)
    async with record.begin() as tx:
        await tx.waits.lock_causes(causes)
        await tx.waits.rewrite(order, "", dict.fromkeys(causes, "lacks"), NOW)
    return order


async def open_causes(record: Record) -> set[str]:
    """Return the causes that were cleared and whose waiters were not all called up yet."""
    async with record.begin() as tx:
        return {event.cause for event in await tx.waits.next_events(100)}


async def load(record: Record, order: str) -> KeptOrder:
    async with record.begin() as tx:
        return await tx.orders.load(order)


async def load_line(record: Record, order: str, line_id: str = "1") -> KeptLine:
    return next(line for line in (await load(record, order)).lines if line.line_id == line_id)


async def receive(record: Record, units: int, sku: str = TEA, place: str = BERLIN) -> None:
    async with record.begin() as tx:
        assert await tx.stock.move(movement(units, sku=sku, place=place), NOW)


async def stock_of(record: Record, sku: str = TEA, place: str = BERLIN) -> InventoryLevel:
    async with record.begin() as tx:
        levels = await tx.stock.levels([sku])
    return next(level for level in levels if level.location == place)


async def quantities_of(record: Record, sku: str = TEA, place: str = BERLIN) -> tuple[int, int]:
    """Return on hand and reserved."""
    level = await stock_of(record, sku, place)
    return level.on_hand, level.reserved


def claims_of(part: Fulfillment) -> tuple[Claim, ...]:
    return tuple(
        Claim(sku=own.sku, location=part.location, quantity=own.units * line.quantity)
        for line in part.lines
        for own in line.made_of
    )


async def add_part(record: Record, part: Fulfillment, *, reserve: bool = False) -> str:
    """Add a planned fulfillment order, with its reservation if asked; return its id."""
    async with record.begin() as tx:
        await tx.fulfillments.add((part,), ("it was there",), NOW)
        if reserve:
            assert await tx.stock.reserve(part.fulfillment_id, claims_of(part))
    return part.fulfillment_id


def path_to(stage: Stage, start: Stage = Stage.PLANNED) -> tuple[Stage, ...]:
    """Return the shortest way through the state machine, without its start."""
    paths: deque[tuple[Stage, ...]] = deque([()])
    while paths:
        path = paths.popleft()
        here = path[-1] if path else start
        if here is stage:
            return path
        paths.extend((*path, after) for after in sorted(NEXT[here]))
    raise AssertionError(f"{stage} is not reachable from {start}")


async def walk(record: Record, fulfillment_id: str, stage: Stage) -> None:
    """Advance a fulfillment order to a stage, by every step on the way."""
    async with record.begin() as tx:
        here = (await tx.fulfillments.load(fulfillment_id)).stage
        for step in path_to(stage, here):
            move = Move(fulfillment_id=fulfillment_id, before=frozenset({here}), to=step, at=NOW)
            assert await tx.fulfillments.advance(move)
            here = step


async def deliver(record: Record, order: ChannelOrder, quantities: Mapping[str, int]) -> str:
    """Record an order, and let these units arrive at the buyer."""
    number = await record_order(record, order)
    skus = {line.line_id: line.sku for line in order.lines}
    await add_part(record, fulfillment(number, quantities=quantities, skus=skus))
    await walk(record, f"{number}/F1", Stage.DELIVERED)
    return number


RETURNED = channel_order(channel_line("a", 5), channel_line("b", 2, MUG))
"""An order of which something comes back."""


async def open_return(
    record: Record,
    order_id: str,
    quantities: Mapping[str, int],
    *,
    key: str = "request:1",
    course: ReturnCourse = "label",
) -> Return:
    """Ask for units of RETURNED back."""
    skus = {line.line_id: line.sku for line in RETURNED.lines}
    lines = tuple(
        ReturnLine(line_id=line_id, sku=skus.get(line_id, TEA), quantity=units) for line_id, units in quantities.items()
    )
    request = ReturnRequest(order_id=order_id, key=key, course=course, lines=lines, location=BERLIN, reason="too small")
    async with record.begin() as tx:
        return await tx.returns.open(request, NOW)


async def load_return(record: Record, opened: Return) -> Return:
    async with record.begin() as tx:
        return await tx.returns.load(opened.return_id)


async def advance_return(record: Record, return_id: str, state: ReturnState) -> Return | None:
    async with record.begin() as tx:
        return await tx.returns.advance(return_id, state, NOW)


async def store_fact(record: Record) -> int:
    """Store a message of a party that reports something; return its id."""
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(b"a fact", source="hook"),), NOW)
    assert inbox_id is not None
    return inbox_id


async def close(record: Record, order: str, state: OrderState = OrderState.DELIVERED) -> bool:
    async with record.begin() as tx:
        return await tx.orders.close(order, state, NOW)


async def tellings(record: Record) -> list[Telling]:
    """Return what Temporal is still to be told, oldest first."""
    rows: list[Telling] = []
    with contextlib.suppress(_PeekedError):
        async with record.begin() as tx:
            rows = list(await tx.outbox.take(100))
            raise _PeekedError
    return rows


async def drain(record: Record) -> None:
    """Tell everything that is to be told."""
    async with record.begin() as tx:
        await tx.outbox.take(1000)


class _PeekedError(Exception):
    """Rolls back what was only looked at."""
