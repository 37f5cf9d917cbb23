"""What is found in a return, in both records."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from domain.errors import Conflict
from domain.ports.stores import Record
from domain.returns import Disposition, Return
from tests.stores.scenes import (
    RETURNED,
    deliver,
    drain,
    load_line,
    load_return,
    open_return,
)


@pytest.fixture
async def order_id(record: Record) -> str:
    """A delivered order: four of five a, two b; nothing left to tell."""
    number = await deliver(record, RETURNED, {"a": 4, "b": 2})
    await drain(record)
    return number


async def test_units_not_named_in_an_inspection_are_missing(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 3, "b": 2})
    found = {"a": {Disposition.RESTOCKED: 1, Disposition.NOT_RESTOCKED: 1}}
    await _inspect(record, opened, found)
    assert await _inspected(record, opened) == {
        "a": {Disposition.RESTOCKED: 1, Disposition.NOT_RESTOCKED: 1, Disposition.MISSING: 1},
        "b": {Disposition.MISSING: 2},
    }


async def test_before_the_inspection_nothing_was_found(record: Record, order_id: str) -> None:
    assert await _inspected(record, await open_return(record, order_id, {"a": 3})) == {}


async def test_the_same_inspection_twice_is_harmless(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 2})
    for _ in range(2):
        await _inspect(record, opened, {"a": {Disposition.RESTOCKED: 2}})
    assert await _inspected(record, opened) == {"a": {Disposition.RESTOCKED: 2}}


async def test_a_second_look_replaces_the_first(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 2})
    await _inspect(record, opened, {"a": {Disposition.RESTOCKED: 2}})
    await _inspect(record, opened, {"a": {Disposition.NOT_RESTOCKED: 1}})
    wanted = {"a": {Disposition.NOT_RESTOCKED: 1, Disposition.MISSING: 1}}
    assert await _inspected(record, opened) == wanted


async def test_no_more_units_are_found_than_were_to_come_back(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 2})
    with pytest.raises(Conflict):
        await _inspect(record, opened, {"a": {Disposition.RESTOCKED: 2, Disposition.NOT_RESTOCKED: 1}})
    assert await _inspected(record, opened) == {}


async def test_a_line_whose_units_all_fared_alike_shows_how(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 2, "b": 2})
    found = {"a": {Disposition.RESTOCKED: 2}, "b": {Disposition.RESTOCKED: 1}}
    await _inspect(record, opened, found)
    lines = (await load_return(record, opened)).lines
    assert [line.disposition for line in lines] == [Disposition.RESTOCKED, None]


async def test_a_line_counts_the_units_that_came_back_and_are_paid_back(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 4})
    found = {disposition: 1 for disposition in Disposition if disposition is not Disposition.MISSING}
    await _inspect(record, opened, {"a": found})
    assert (await load_line(record, order_id, "a")).returned == 3
    assert (await load_line(record, order_id, "b")).returned == 0


async def _inspect(record: Record, opened: Return, found: Mapping[str, Mapping[Disposition, int]]) -> None:
    async with record.begin() as tx:
        await tx.returns.inspect(opened.return_id, found)


async def _inspected(record: Record, opened: Return) -> dict[str, dict[Disposition, int]]:
    async with record.begin() as tx:
        return {line: dict(found) for line, found in (await tx.returns.inspected(opened.return_id)).items()}
