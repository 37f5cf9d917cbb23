"""The waiting room: orders that wait for a cause, what clears it, and a record that dies."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.context import Context
from activities.review import review
from activities.steps import Review, ReviewRequest
from activities.waking import Waking
from domain.listing import Listing
from domain.messages import WOKEN
from domain.order import ChannelLine
from domain.policy import Policy
from domain.ports.stores import Record, Transaction
from tests.activities.stage_parties import StageParties, Truth
from tests.activities.turnstile import Turnstile
from tests.builders import ACCOUNT, BERLIN, NOW, TEA, channel_line, channel_order, movement
from tests.stores.scenes import record_order, tellings

UNLIMITED = 1000


@dataclass
class Clock:
    """The moment, as the test sets it."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment


def context_of(record: Record, clock: Callable[[], datetime] = lambda: NOW) -> Context:
    """Return the world of an allocator; it speaks to no party."""
    return Context(record, StageParties(Truth(), Turnstile(), channel_order()), Policy(), clock)


class DiedError(BaseException):
    """The process is gone."""


class MortalRecord:
    """A record whose process dies before or after the commit of a transaction."""

    def __init__(self, inner: Record, commits: int) -> None:
        self._inner, self._left = inner, commits

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Transaction]:
        """Open a transaction, unless the process is gone."""
        if self._left <= 0:
            raise DiedError
        self._left -= 1
        async with self._inner.begin() as tx:
            yield tx
            if self._left % 2 and self._left <= 1:
                raise DiedError


async def backorder(context: Context, number: str, *, units: int = 1, sku: str = TEA, hours: int = 0) -> Review:
    """Take an order in for which nothing is there; the more hours, the less urgent."""
    return await _take(context, number, hours, channel_line(quantity=units, sku=sku))


async def unmapped(context: Context, number: str, *, listing: str = "new", hours: int = 0) -> Review:
    """Take an order in of which nobody knows what it means."""
    return await _take(context, number, hours, channel_line(listing_id=listing, sku=""))


async def _take(context: Context, number: str, hours: int, line: ChannelLine) -> Review:
    order = channel_order(line, channel_order_id=number, ship_by=NOW + timedelta(hours=hours))
    order_id = await record_order(context.record, order, match=False)
    return await review(context, ReviewRequest(order_id=order_id))


async def arrive(context: Context, units: int, sku: str = TEA) -> None:
    """Let goods arrive, as everybody books them."""
    async with context.record.begin() as tx:
        await tx.waits.clear(f"stock:{sku}", NOW)
        await tx.stock.move(movement(units, sku=sku, place=BERLIN), NOW)


async def map_listing(context: Context, listing: str) -> None:
    async with context.record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id=listing, sku=TEA)], "boss", NOW)


async def serve(context: Context) -> None:
    """Serve until no cause is open."""
    allocator = Waking(context, UNLIMITED)
    while await allocator.go_round():
        pass


async def woken(context: Context) -> list[str]:
    """Return the orders that are to be told that they may go on, by id; an order twice when it is told twice."""
    told = [telling for telling in await tellings(context.record) if telling.signal == WOKEN]
    return sorted(telling.workflow_id.removeprefix("order/") for telling in told)


async def causes_of(context: Context, number: str) -> list[str]:
    async with context.record.begin() as tx:
        return [wait.cause for wait in await tx.waits.of_order(f"shop/{number}")]
