"""Schedules: each channel has its own, the installation has its own, and none is made for another."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import MagicMock

import pytest
from temporalio.client import Client, Schedule

from domain.errors import Unavailable
from domain.policy import Policy
from tests.fakes.record import FakeRecord, FakeTransaction
from tests.stores.scenes import seed_catalog
from workers import schedules, wiring, worker
from workers.cli import parts
from workers.cli.worker import _work  # pyright: ignore[reportPrivateUsage] - the command is a process of its own
from workers.parties import PartiesFile

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

OF_A_CHANNEL = ["publish/shop", "pull/shop", "reconcile/shop"]
COMMON = ["stock-proof", "watch"]


class Calendar:
    """A client that only notes which schedules are made."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.is_full = asyncio.Event()

    async def create_schedule(self, schedule_id: str, schedule: Schedule, *, trigger_immediately: bool) -> None:
        del schedule
        assert trigger_immediately
        self.made.append(schedule_id)
        if len(self.made) == len(OF_A_CHANNEL):
            self.is_full.set()

    @property
    def client(self) -> Client:
        return cast("Client", self)


async def test_a_channel_has_schedules_of_its_own_only() -> None:
    calendar = Calendar()
    await schedules.ensure_schedules(calendar.client, "shop", Policy())
    assert sorted(calendar.made) == OF_A_CHANNEL


async def test_a_channel_that_is_added_later_gets_its_schedules() -> None:
    calendar, record = Calendar(), FakeRecord()
    keeping = asyncio.create_task(schedules.keep_schedules(calendar.client, record, Policy()))
    await asyncio.sleep(0)
    assert calendar.made == []
    await seed_catalog(record)
    async with asyncio.timeout(30):
        await calendar.is_full.wait()
    keeping.cancel()
    assert sorted(calendar.made) == OF_A_CHANNEL


async def test_a_record_that_does_not_answer_is_asked_again() -> None:
    class Away(FakeRecord):
        answers = False

        @asynccontextmanager
        async def begin(self) -> AsyncGenerator[FakeTransaction]:
            if not self.answers:
                raise Unavailable("database-away")
            async with super().begin() as tx:
                yield tx

    record = Away()
    assert await schedules.accounts_of(record) == set()
    record.answers = True
    await seed_catalog(record)
    assert await schedules.accounts_of(record) == {"shop"}


async def test_a_worker_that_starts_makes_the_schedules_of_the_installation_without_any_channel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calendar, worked = Calendar(), list[object]()
    house = MagicMock()
    house.context.policy = Policy()
    house.context.record = FakeRecord()

    @asynccontextmanager
    async def opened_house() -> AsyncGenerator[Any]:
        yield house

    async def connect(_settings: object) -> Client:
        return calendar.client

    def read_parties(_settings: object) -> PartiesFile:
        return PartiesFile()

    async def run_worker(client: object, *_args: object, **_kwargs: object) -> None:
        worked.append(client)

    monkeypatch.setattr(parts, "opened_house", opened_house)
    monkeypatch.setattr(parts, "connect_temporal", connect)
    monkeypatch.setattr(wiring, "read_parties", read_parties)
    monkeypatch.setattr(worker, "run_worker", run_worker)
    await _work()
    assert (sorted(calendar.made), worked) == (COMMON, [calendar])
