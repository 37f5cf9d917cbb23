"""A channel is listed as often as it allows: counted from when it was listed, whatever its orders and clock say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.context import Context
from activities.pull import PullActivities
from adapters.marketplaces.sandbox.adapter import CAPABILITY
from domain.messages import PullStart
from domain.policy import Policy
from domain.ports.marketplace import OrderPage, PullRule
from tests.builders import ACCOUNT, NOW
from tests.fakes.record import FakeRecord
from tests.stores.scenes import seed_catalog

EVERY = timedelta(minutes=10)
ALLOWS = CAPABILITY.model_copy(update={"pull": PullRule(overlap=timedelta(minutes=5), every=EVERY)})


@dataclass
class Stall:
    """A channel of two empty pages that says, against our clock, up to when it was listed; it may fail on the second.

    Attributes:
        ahead: how far what it says is ahead of our clock; None: it says nothing, as nothing has changed.
    """

    ahead: timedelta | None = None
    fails: bool = False
    listed: list[datetime] = field(default_factory=list[datetime])
    now: datetime = NOW
    capability: Any = ALLOWS

    async def marketplace(self, account: str) -> Any:
        assert account == ACCOUNT
        return self

    async def list_orders(self, since: datetime, cursor: str | None) -> OrderPage:
        del since
        told = None if self.ahead is None else self.now + self.ahead
        if cursor is None:
            return OrderPage(orders=(), next_cursor="2", watermark=None, reached=told)
        if self.fails:
            raise ConnectionResetError
        self.listed.append(self.now)
        return OrderPage(orders=(), next_cursor=None, watermark=told)


@pytest.fixture
async def record() -> FakeRecord:
    record = FakeRecord()
    await seed_catalog(record)
    return record


async def pull(record: FakeRecord, stall: Stall, after: timedelta, since: str = "") -> bool:
    """Pull so long after the beginning; return whether the channel was listed."""
    stall.now = NOW + after
    context = Context(record, stall, Policy(), lambda: stall.now)  # pyright: ignore[reportArgumentType] - the one party asked for
    return not (await PullActivities(context).pull(PullStart(account=ACCOUNT, since=since))).too_soon


@pytest.mark.parametrize("ahead", [None, timedelta(minutes=-2), timedelta(0), timedelta(hours=1)])
async def test_it_is_listed_once_in_so_long_whatever_it_says_of_its_own_time(
    record: FakeRecord, ahead: timedelta | None
) -> None:
    stall = Stall(ahead)
    for minute in range(31):
        await pull(record, stall, timedelta(minutes=minute))
    assert [(moment - NOW) / EVERY for moment in stall.listed] == [0, 1, 2, 3]


async def test_a_list_that_was_broken_off_is_gone_on_with_at_once(record: FakeRecord) -> None:
    stall = Stall(timedelta(0), fails=True)
    with pytest.raises(ConnectionResetError):
        await pull(record, stall, timedelta(0))
    stall.fails = False
    assert await pull(record, stall, timedelta(seconds=1))


async def test_a_schedule_that_comes_a_little_early_is_not_sent_away_for_a_whole_turn(record: FakeRecord) -> None:
    stall = Stall(timedelta(0))
    assert await pull(record, stall, timedelta(seconds=1))
    assert await pull(record, stall, EVERY)


async def test_a_list_that_a_person_asked_for_counts_too(record: FakeRecord) -> None:
    stall = Stall(timedelta(0))
    assert await pull(record, stall, timedelta(0))
    assert await pull(record, stall, timedelta(minutes=9), since=NOW.isoformat())
    assert not await pull(record, stall, timedelta(minutes=11))
    assert await pull(record, stall, timedelta(minutes=19))
