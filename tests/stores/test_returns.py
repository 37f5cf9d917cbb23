"""What may come back, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from domain.errors import NotFound, Refused
from domain.fulfillment import Stage
from domain.messages import RETURN_WORKFLOW, ReturnStart, return_workflow_id
from domain.ports.stores import Record
from domain.ports.stores.returns import ReturnRequest
from domain.returns import Return, ReturnCourse, ReturnLine, ReturnState
from tests.builders import ACCOUNT, BERLIN, MUG, NOW, TEA, fulfillment
from tests.stores.scenes import (
    RETURNED,
    add_part,
    advance_return,
    deliver,
    drain,
    load_return,
    open_return,
    record_order,
    tellings,
    walk,
)


@pytest.fixture
async def order_id(record: Record) -> str:
    """A delivered order: four of five a, two b; nothing left to tell."""
    number = await deliver(record, RETURNED, {"a": 4, "b": 2})
    await drain(record)
    return number


async def test_an_opened_return_is_loaded_as_it_was(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 2, "b": 1})
    assert opened == Return(
        return_id=f"{order_id}/R1",
        order_id=order_id,
        course="label",
        state=ReturnState.REQUESTED,
        lines=(ReturnLine(line_id="a", sku=TEA, quantity=2), ReturnLine(line_id="b", sku=MUG, quantity=1)),
        location=BERLIN,
        reason="too small",
    )
    assert await load_return(record, opened) == opened


async def test_an_unknown_return_is_not_found(record: Record) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.returns.load("shop/1001/R9")


async def test_opening_a_return_starts_its_workflow(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    (telling,) = await tellings(record)
    assert (telling.workflow, telling.signal) == (RETURN_WORKFLOW, "")
    assert telling.workflow_id == return_workflow_id(order_id, opened.return_id)
    start = ReturnStart.model_validate_json(telling.payload)
    assert start == ReturnStart(order_id=order_id, return_id=opened.return_id, account=ACCOUNT)


async def test_one_request_is_one_return(record: Record, order_id: str) -> None:
    first = await open_return(record, order_id, {"a": 1}, key="request:1")
    assert await open_return(record, order_id, {"a": 4}, key="request:1") == first
    assert len(await tellings(record)) == 1


async def test_a_request_that_comes_many_times_at_once_is_one_return(record: Record, order_id: str) -> None:
    opened = await asyncio.gather(*(open_return(record, order_id, {"a": 1}, key="request:1") for _ in range(6)))
    assert {each.return_id for each in opened} == {f"{order_id}/R1"}
    assert len(await tellings(record)) == 1


async def test_a_known_request_is_returned_as_it_has_become(record: Record, order_id: str) -> None:
    await open_return(record, order_id, {"a": 1}, key="request:1")
    await advance_return(record, f"{order_id}/R1", ReturnState.AUTHORISED)
    assert (await open_return(record, order_id, {"a": 1}, key="request:1")).state is ReturnState.AUTHORISED


async def test_returns_of_one_order_are_numbered(record: Record, order_id: str) -> None:
    opened = [await open_return(record, order_id, {"a": 1}, key=f"request:{number}") for number in (1, 2)]
    assert [each.return_id for each in opened] == [f"{order_id}/R1", f"{order_id}/R2"]


async def test_no_more_comes_back_than_was_delivered(record: Record, order_id: str) -> None:
    with pytest.raises(Refused):
        await open_return(record, order_id, {"a": 5})
    await open_return(record, order_id, {"a": 3}, key="request:1")
    with pytest.raises(Refused):
        await open_return(record, order_id, {"a": 2}, key="request:2")
    await open_return(record, order_id, {"a": 1, "b": 2}, key="request:3")


async def test_a_refused_return_leaves_nothing(record: Record, order_id: str) -> None:
    with pytest.raises(Refused):
        await open_return(record, order_id, {"a": 1, "b": 3})
    assert await tellings(record) == []
    assert (await open_return(record, order_id, {"a": 4, "b": 2})).return_id == f"{order_id}/R1"


async def test_a_line_that_was_never_ordered_does_not_come_back(record: Record, order_id: str) -> None:
    with pytest.raises(Refused):
        await open_return(record, order_id, {"z": 1})


async def test_returns_racing_for_the_same_units_never_exceed_them(record: Record, order_id: str) -> None:
    tries = (_try(record, order_id, {"a": 3}, key=f"request:{number}") for number in range(6))
    assert sum(await asyncio.gather(*tries)) == 1


@pytest.mark.parametrize("end", [(ReturnState.DECLINED,), (ReturnState.AUTHORISED, ReturnState.EXPIRED)])
async def test_units_of_a_return_that_came_to_nothing_may_be_asked_back_again(
    record: Record, order_id: str, end: tuple[ReturnState, ...]
) -> None:
    opened = await open_return(record, order_id, {"a": 4}, key="request:1")
    for state in end:
        assert await advance_return(record, opened.return_id, state)
    await open_return(record, order_id, {"a": 4}, key="request:2")


@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.HANDED_OVER, Stage.IN_TRANSIT, Stage.LOST, Stage.CANCELLED])
async def test_what_did_not_arrive_does_not_come_back(record: Record, stage: Stage) -> None:
    order_id = await record_order(record, RETURNED)
    await walk(record, await add_part(record, fulfillment(order_id, quantities={"a": 1})), stage)
    assert not await _try(record, order_id, {"a": 1})


async def test_what_was_collected_may_come_back(record: Record) -> None:
    order_id = await record_order(record, RETURNED)
    await walk(record, await add_part(record, fulfillment(order_id, quantities={"a": 1})), Stage.COLLECTED)
    assert (await open_return(record, order_id, {"a": 1}, course="store")).course == "store"


async def test_what_the_carrier_sends_back_needs_no_permission(record: Record) -> None:
    order_id = await record_order(record, RETURNED)
    await walk(record, await add_part(record, fulfillment(order_id, quantities={"a": 2})), Stage.SENT_BACK)
    opened = await open_return(record, order_id, {"a": 2}, course="sent-back")
    assert (opened.course, opened.state) == ("sent-back", ReturnState.AUTHORISED)
    assert not await _try(record, order_id, {"a": 1}, key="request:2", course="sent-back")


async def test_two_wishes_for_one_line_are_summed(record: Record, order_id: str) -> None:
    twice = tuple(ReturnLine(line_id="a", sku=TEA, quantity=units) for units in (1, 2))
    request = ReturnRequest(order_id=order_id, key="request:1", course="label", lines=twice, location=BERLIN)
    async with record.begin() as tx:
        opened = await tx.returns.open(request, NOW)
    assert opened.lines == (ReturnLine(line_id="a", sku=TEA, quantity=3),)
    assert not await _try(record, order_id, {"a": 2}, key="request:2")


async def test_nothing_comes_back_from_an_unknown_order(record: Record) -> None:
    with pytest.raises(NotFound):
        await open_return(record, "shop/none", {"a": 1})


async def test_erasure_takes_the_buyers_own_words_with_it(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    async with record.begin() as tx:
        await tx.vault.erase(order_id, NOW)
    assert await load_return(record, opened) == opened.model_copy(update={"reason": ""})
    assert (await open_return(record, order_id, {"a": 1}, key="request:2")).reason == ""


async def _try(
    record: Record,
    order_id: str,
    quantities: Mapping[str, int],
    *,
    key: str = "request:1",
    course: ReturnCourse = "label",
) -> bool:
    try:
        await open_return(record, order_id, quantities, key=key, course=course)
    except Refused:
        return False
    return True
