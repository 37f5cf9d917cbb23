"""The relay: every row is told, whatever becomes of others, and stays until it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from activities.relay import relay_once
from domain.errors import Unavailable
from domain.ports.stores.outbox import Telling
from tests.fakes.record import FakeRecord
from tests.stores.scenes import tellings


@dataclass
class Engine:
    """Hears signals, except for workflows that it cannot take them for, or does not know."""

    refuses: set[str] = field(default_factory=set[str])
    unknown: set[str] = field(default_factory=set[str])
    heard: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def start(self, telling: Telling) -> None:
        raise AssertionError(telling)

    async def signal(self, telling: Telling) -> bool:
        if telling.workflow_id in self.refuses:
            raise Unavailable("temporal-invalid_argument")
        if telling.workflow_id in self.unknown:
            return False
        self.heard.append((telling.workflow_id, telling.signal))
        return True


@pytest.fixture
async def record() -> FakeRecord:
    record = FakeRecord()
    for workflow_id, signal in (("a", "1"), ("b", "1"), ("a", "2"), ("c", "1")):
        async with record.begin() as tx:
            await tx.outbox.tell(Telling(workflow="Order", workflow_id=workflow_id, signal=signal, payload="{}"))
    return record


async def left(record: FakeRecord) -> list[tuple[str, str]]:
    return [(telling.workflow_id, telling.signal) for telling in await tellings(record)]


async def test_rows_of_one_workflow_are_told_in_order_and_are_gone(record: FakeRecord) -> None:
    engine = Engine(unknown={"c"})
    assert await relay_once(record, engine) == 4
    assert [signal for workflow_id, signal in engine.heard if workflow_id == "a"] == ["1", "2"]
    assert (len(engine.heard), await left(record), await relay_once(record, engine)) == (3, [], 0)


async def test_what_cannot_be_told_holds_up_nobody_and_goes_behind_the_others(record: FakeRecord) -> None:
    engine = Engine(refuses={"a"})
    with pytest.raises(Unavailable):
        await relay_once(record, engine)
    assert (engine.heard, await left(record)) == ([("b", "1"), ("c", "1")], [("a", "1"), ("a", "2")])
    engine.refuses.clear()
    assert await relay_once(record, engine) == 2
    assert (engine.heard[2:], await left(record)) == ([("a", "1"), ("a", "2")], [])


async def test_while_the_engine_is_down_every_row_stays_where_it_is(record: FakeRecord) -> None:
    before = await left(record)
    with pytest.raises(Unavailable):
        await relay_once(record, Engine(refuses={"a", "b", "c"}))
    assert await left(record) == before
