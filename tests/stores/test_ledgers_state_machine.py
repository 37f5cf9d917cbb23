"""The stock and money ledgers under any order of events: after every step nothing is lost, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ports.stores import Record
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.invariants import violations
from infra.database.record import PostgresRecord
from tests.fakes.record import FakeRecord
from tests.stores.ledger_machine import LedgerMachine
from tests.stores.stock_machine import Ground


class InMemory:
    """The fake."""

    def fresh(self) -> Record:
        return FakeRecord()

    async def violations(self) -> list[Any]:
        return []


class InPostgres:
    """A real database, emptied for each run of the machine."""

    def __init__(self, engine: AsyncEngine, empty: Callable[[], None]) -> None:
        self._engine = engine
        self._empty = empty

    def fresh(self) -> Record:
        self._empty()
        return PostgresRecord(self._engine, Cipher(bytes(32)))

    async def violations(self) -> list[Any]:
        return list(await violations(self._engine))


def test_the_ledgers_in_memory_agree_with_the_model() -> None:
    with asyncio.Runner() as runner:
        _play(InMemory(), runner, examples=40, steps=40)


@pytest.mark.stack
def test_the_ledgers_in_postgres_agree_with_the_model(stores_url: str, empty_stores: Callable[[], None]) -> None:
    with asyncio.Runner() as runner:
        engine = create_engine(stores_url)
        try:
            _play(InPostgres(engine, empty_stores), runner, examples=12, steps=30)
        finally:
            runner.run(engine.dispose())


def _play(ground: Ground, runner: asyncio.Runner, *, examples: int, steps: int) -> None:
    bounds = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    machine = type("Ledgers", (LedgerMachine,), {"ground": ground, "runner": runner})
    run_state_machine_as_test(machine, settings=bounds)
