"""How returns are kept, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from domain.effect import Confirmed
from domain.errors import Conflict, NotFound, Refused
from domain.fulfillment import Stage
from domain.messages import RETURN_ADVANCED, RETURN_WORKFLOW, ReturnAdvanced, ReturnStart, return_workflow_id
from domain.ports.stores import Record, Transaction
from domain.ports.stores.inbox import InboxState
from domain.ports.stores.returns import ReturnRequest
from domain.returns import RETURN_NEXT, Disposition, Return, ReturnCourse, ReturnLine, ReturnState
from tests.builders import ACCOUNT, BERLIN, MUG, NOW, TEA, channel_line, channel_order, fulfillment, received
from tests.stores.scenes import add_part, deliver, drain, load_line, record_order, tellings, walk



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
    await advance_return(record, opened.return_id, ReturnState.DECLINED)
    assert await _by_tracking(record, "BACK-1") is None


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


async def test_an_unknown_return_does_notadvance_return(record: Record) -> None:
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


UNKNOWN: dict[str, Callable[[Transaction], Awaitable[object]]] = {
    "keep_tracking": lambda tx: tx.returns.keep_tracking("shop/1001/R9", "BACK-1"),
    "inspect": lambda tx: tx.returns.inspect("shop/1001/R9", {}),
}


@pytest.mark.parametrize("act", UNKNOWN)
async def test_nothing_can_be_done_about_an_unknown_return(record: Record, act: str) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await UNKNOWN[act](tx)


async def test_erasure_takes_the_buyers_own_words_with_it(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 1})
    async with record.begin() as tx:
        await tx.vault.erase(order_id, NOW)
    assert await load_return(record, opened) == opened.model_copy(update={"reason": ""})
    assert (await open_return(record, order_id, {"a": 1}, key="request:2")).reason == ""


async def test_a_line_counts_the_units_that_came_back_and_are_paid_back(record: Record, order_id: str) -> None:
    opened = await open_return(record, order_id, {"a": 4})
    found = {disposition: 1 for disposition in Disposition if disposition is not Disposition.MISSING}
    await _inspect(record, opened, {"a": found})
    assert (await load_line(record, order_id, "a")).returned == 3
    assert (await load_line(record, order_id, "b")).returned == 0


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


async def _keep_tracking(record: Record, opened: Return, tracking_number: str) -> None:
    async with record.begin() as tx:
        await tx.returns.keep_tracking(opened.return_id, tracking_number)


async def _by_tracking(record: Record, tracking_number: str) -> Return | None:
    async with record.begin() as tx:
        return await tx.returns.by_tracking(tracking_number)


async def _inspect(record: Record, opened: Return, found: Mapping[str, Mapping[Disposition, int]]) -> None:
    async with record.begin() as tx:
        await tx.returns.inspect(opened.return_id, found)


async def _inspected(record: Record, opened: Return) -> dict[str, dict[Disposition, int]]:
    async with record.begin() as tx:
        return {line: dict(found) for line, found in (await tx.returns.inspected(opened.return_id)).items()}


