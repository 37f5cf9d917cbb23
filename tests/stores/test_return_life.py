"""The steps of a return, and how it is found, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.effect import Confirmed
from domain.errors import NotFound
from domain.fulfillment import Stage
from domain.messages import RETURN_ADVANCED, ReturnAdvanced, return_workflow_id
from domain.ports.stores import Record, Transaction
from domain.ports.stores.inbox import InboxState
from domain.returns import RETURN_NEXT, Return, ReturnState
from tests.builders import NOW, fulfillment
from tests.stores.scenes import (
    RETURNED,
    add_part,
    advance_return,
    deliver,
    drain,
    load_return,
    open_return,
    record_order,
    store_fact,
    tellings,
    walk,
)


@pytest.fixture
async def order_id(record: Record) -> str:
    """A delivered order: four of five a, two b; nothing left to tell."""
    number = await deliver(record, RETURNED, {"a": 4, "b": 2})
    await drain(record)
    return number


async def test_a_return_is_found_by_the_number_its_goods_travel_under(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    await _keep_tracking(record, opened, "BACK-1")
    assert await _by_tracking(record, "BACK-1") == opened
    assert await _by_tracking(record, "BACK-2") is None


async def test_a_return_is_found_by_the_number_its_goods_left_under(record: Record) -> None:
    order_id = await record_order(record, RETURNED)
    part = await add_part(record, fulfillment(order_id, quantities={"a": 2}))
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(part, "swift", NOW)
        label = Confirmed(remote_id="rem-1", tracking_number="OUT-1")
        await tx.shipments.keep_label(parcel.parcel_id, label, NOW)
    await walk(record, part, Stage.SENT_BACK)
    assert await _by_tracking(record, "OUT-1") is None
    opened = await open_return(record, order_id, {"a": 2}, course="sent-back")
    assert await _by_tracking(record, "OUT-1") == opened


async def test_a_return_that_has_ended_is_not_found_by_its_number(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    await _keep_tracking(record, opened, "BACK-1")
    assert await _by_tracking(record, "BACK-1", closed=True) is None
    await advance_return(record, opened.return_id, ReturnState.DECLINED)
    assert await _by_tracking(record, "BACK-1") is None


async def test_a_return_that_has_ended_is_found_by_its_number_when_that_is_asked(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    await _keep_tracking(record, opened, "BACK-1")
    ended = await advance_return(record, opened.return_id, ReturnState.DECLINED)
    assert await _by_tracking(record, "BACK-1", closed=True) == ended


async def test_a_return_takes_every_step_of_its_life(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    steps = (ReturnState.AUTHORISED, ReturnState.RECEIVED, ReturnState.INSPECTED, ReturnState.REFUNDED)
    for state in steps:
        advanced = await advance_return(record, opened.return_id, state)
        assert advanced is not None
        assert (advanced.state, await load_return(record, opened)) == (state, advanced)


async def test_a_step_that_the_state_does_not_allow_is_lost(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    await drain(record)
    inbox_id = await store_fact(record)
    for state in set(ReturnState) - RETURN_NEXT[ReturnState.REQUESTED]:
        async with record.begin() as tx:
            assert await tx.returns.advance(opened.return_id, state, NOW, tells=True, inbox_id=inbox_id) is None
    assert (await load_return(record, opened)).state is ReturnState.REQUESTED
    assert await tellings(record) == []
    async with record.begin() as tx:
        assert (await tx.inbox.load(inbox_id)).state is InboxState.NEW


async def test_an_unknown_return_does_not_advance(record: Record) -> None:
    assert await advance_return(record, "shop/1001/R9", ReturnState.AUTHORISED) is None


async def test_the_same_step_is_taken_once(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    tries = (advance_return(record, opened.return_id, ReturnState.AUTHORISED) for _ in range(6))
    assert sum(won is not None for won in await asyncio.gather(*tries)) == 1


async def test_a_telling_step_signals_the_returns_workflow(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    await drain(record)
    inbox_id = await store_fact(record)
    async with record.begin() as tx:
        await tx.returns.advance(opened.return_id, ReturnState.AUTHORISED, NOW, tells=True, inbox_id=inbox_id)
    (telling,) = await tellings(record)
    assert (telling.workflow_id, telling.signal) == (return_workflow_id(order_id, opened.return_id), RETURN_ADVANCED)
    assert ReturnAdvanced.model_validate_json(telling.payload).state == "AUTHORISED"
    async with record.begin() as tx:
        assert (await tx.inbox.load(inbox_id)).state is InboxState.DONE


UNKNOWN: dict[str, Callable[[Transaction], Awaitable[object]]] = {
    "keep_tracking": lambda tx: tx.returns.keep_tracking("shop/1001/R9", "BACK-1"),
    "inspect": lambda tx: tx.returns.inspect("shop/1001/R9", {}),
}


@pytest.mark.parametrize("act", UNKNOWN)
async def test_nothing_can_be_done_about_an_unknown_return(record: Record, act: str) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await UNKNOWN[act](tx)


async def _keep_tracking(record: Record, opened: Return, tracking_number: str) -> None:
    async with record.begin() as tx:
        await tx.returns.keep_tracking(opened.return_id, tracking_number)


async def _by_tracking(record: Record, tracking_number: str, *, closed: bool = False) -> Return | None:
    async with record.begin() as tx:
        return await tx.returns.by_tracking(tracking_number, closed=closed)
