"""How fulfillment orders are kept and decided, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.errors import NotFound
from domain.fulfillment import Fulfillment, Stage
from domain.messages import ADVANCED, ORDER_WORKFLOW, Advanced
from domain.order import HoldReason
from domain.ports.stores import Record, Transaction
from domain.ports.stores.fulfillment import Move
from domain.ports.stores.inbox import InboxState
from domain.ports.stores.order import Refusal
from tests.builders import MUG, MUNICH, NOW, channel_line, channel_order, fulfillment, received
from tests.stores.scenes import REFUSALS, add_part, drain, load, load_line, record_order, tellings, walk

PLANNED, RELEASED = frozenset({Stage.PLANNED}), frozenset({Stage.RELEASED})
LATER = NOW + timedelta(hours=1)
AN_HOUR = Refusal(until=LATER, since=NOW)


@pytest.fixture
async def part(record: Record) -> str:
    """A planned fulfillment order of two lines, with nothing left to tell."""
    order_id = await record_order(record, channel_order(channel_line("a", 5), channel_line("b", 2, MUG)))
    number = await add_part(record, fulfillment(order_id, quantities={"a": 4, "b": 2}, skus={"b": MUG}))
    await drain(record)
    return number


async def test_an_added_fulfillment_order_is_loaded_as_it_was(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("a", 5), channel_line("b", 2, MUG)))
    wanted = fulfillment(order_id, 1, {"a": 4, "b": 2}, place=MUNICH, skus={"b": MUG})
    assert await _load(record, await add_part(record, wanted)) == wanted
    assert (await load(record, order_id)).fulfillments == (wanted,)


async def test_several_are_added_at_once(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    parts = (fulfillment(order_id, 1, {"1": 2}), fulfillment(order_id, 2, {"1": 3}, place=MUNICH))
    async with record.begin() as tx:
        await tx.fulfillments.add(parts, ("BER: chosen", "MUC: chosen"), NOW)
    assert (await load(record, order_id)).fulfillments == parts


async def test_an_unknown_fulfillment_order_is_not_found(record: Record) -> None:
    with pytest.raises(NotFound):
        await _load(record, "shop/1001/F9")


async def test_a_move_wins_while_the_row_is_where_it_expects_it(record: Record, part: str) -> None:
    moved = await _advance(record, _release(part))
    assert moved is not None
    assert (moved.stage, await _load(record, part)) == (Stage.RELEASED, moved)
    assert {line.line_id: line.quantity for line in moved.lines} == {"a": 4, "b": 2}


async def test_a_move_may_expect_several_stages(record: Record, part: str) -> None:
    await walk(record, part, Stage.PICKED)
    before = frozenset({Stage.RELEASED, Stage.PICKED})
    assert await _advance(record, Move(fulfillment_id=part, before=before, to=Stage.LABELLING, at=NOW))


async def test_a_losing_move_changes_nothing_at_all(record: Record, part: str) -> None:
    await walk(record, part, Stage.LABELLED)
    inbox_id = await _store(record)
    await _wait_for(record, part, "staff:1")
    late = _release(part).model_copy(
        update={"clears": "staff:1", "waits_for": "delivery:1", "tells": True, "inbox_id": inbox_id}
    )
    assert await _advance(record, late) is None
    assert (await _load(record, part)).stage is Stage.LABELLED
    assert await _causes(record) == ["staff:1"]
    assert await tellings(record) == []
    async with record.begin() as tx:
        assert (await tx.inbox.load(inbox_id)).state is InboxState.NEW


async def test_a_move_of_an_unknown_fulfillment_order_loses(record: Record) -> None:
    assert await _advance(record, _release("shop/1001/F9")) is None


async def test_a_move_along_an_edge_that_the_machine_does_not_have_is_refused(record: Record, part: str) -> None:
    with pytest.raises(REFUSALS):
        await _advance(record, Move(fulfillment_id=part, before=PLANNED, to=Stage.DELIVERED, at=NOW))
    assert (await _load(record, part)).stage is Stage.PLANNED


async def test_only_what_was_lost_is_sent_once_more(record: Record, part: str) -> None:
    await walk(record, part, Stage.DELIVERED)
    with pytest.raises(REFUSALS):
        async with record.begin() as tx:
            await tx.fulfillments.reopen(part)
    assert (await load_line(record, "shop/1001", "a")).done == 4


async def test_of_many_moves_at_once_exactly_one_wins(record: Record, part: str) -> None:
    await walk(record, part, Stage.RELEASED)
    rivals = (Stage.LABELLING, Stage.CANCELLING, Stage.REJECTED, Stage.PICKED) * 3
    moves = [Move(fulfillment_id=part, before=RELEASED, to=stage, at=NOW) for stage in rivals]
    won = [moved for moved in await asyncio.gather(*(_advance(record, move) for move in moves)) if moved]
    assert len(won) == 1
    assert (await _load(record, part)).stage is won[0].stage


async def test_a_hold_stops_a_move_that_must_not_be_held(record: Record, part: str) -> None:
    careful = _release(part).model_copy(update={"unless_held": True})
    await _hold(record)
    assert await _advance(record, careful) is None
    async with record.begin() as tx:
        await tx.orders.release_hold("shop/1001", HoldReason.FRAUD, "ops", NOW)
    assert await _advance(record, careful)


async def test_a_hold_does_not_stop_other_moves(record: Record, part: str) -> None:
    await _hold(record)
    assert await _advance(record, _release(part))


async def test_a_move_ends_the_wait_it_clears_and_no_other(record: Record, part: str) -> None:
    async with record.begin() as tx:
        await tx.waits.rewrite("shop/1001", part, {"staff:1": "", "adapter:swift": "http-503"}, NOW)
        await tx.waits.rewrite("shop/1001", "", {"staff:1": ""}, NOW)
    assert await _advance(record, _release(part).model_copy(update={"clears": "staff:1"}))
    async with record.begin() as tx:
        left = {(wait.scope, wait.cause) for wait in await tx.waits.of_order("shop/1001")}
    assert left == {(part, "adapter:swift"), ("", "staff:1")}


async def test_a_move_that_clears_what_nobody_waits_for_still_wins(record: Record, part: str) -> None:
    assert await _advance(record, _release(part).model_copy(update={"clears": "staff:1"}))


async def test_a_move_can_wait_for_a_cause_under_a_new_ticket(record: Record, part: str) -> None:
    async with record.begin() as tx:
        before = await tx.waits.rewrite("shop/1001", "", {"sku:shop:x": ""}, NOW)
    assert await _advance(record, _release(part).model_copy(update={"waits_for": "staff:1"}))
    async with record.begin() as tx:
        wait = next(wait for wait in await tx.waits.of_order("shop/1001") if wait.scope == part)
    assert (wait.cause, wait.since) == ("staff:1", NOW)
    assert wait.ticket > before
    assert (await load(record, "shop/1001")).ticket == wait.ticket


async def test_a_move_can_change_what_is_waited_for(record: Record, part: str) -> None:
    await _advance(record, _release(part).model_copy(update={"waits_for": "staff:1"}))
    hand_over = Move(
        fulfillment_id=part, before=RELEASED, to=Stage.PICKED, at=NOW, clears="staff:1", waits_for="delivery:1"
    )
    assert await _advance(record, hand_over)
    assert await _causes(record) == ["delivery:1"]


async def test_a_telling_move_signals_the_workflow(record: Record, part: str) -> None:
    assert await _advance(record, _release(part).model_copy(update={"tells": True}))
    (telling,) = await tellings(record)
    assert (telling.workflow_id, telling.signal) == ("order/shop/1001", ADVANCED)
    assert telling.workflow in {ORDER_WORKFLOW, ""}
    advanced = Advanced.model_validate_json(telling.payload)
    assert advanced == Advanced(fulfillment_id=part, stage=Stage.RELEASED)


async def test_a_quiet_move_tells_nobody(record: Record, part: str) -> None:
    assert await _advance(record, _release(part))
    assert await tellings(record) == []


async def test_a_move_finishes_its_inbox_row(record: Record, part: str) -> None:
    inbox_id = await _store(record)
    assert await _advance(record, _release(part).model_copy(update={"inbox_id": inbox_id}))
    async with record.begin() as tx:
        assert (await tx.inbox.load(inbox_id)).state is InboxState.DONE


async def test_units_marked_for_cancellation_never_become_fewer(record: Record, part: str) -> None:
    for units, wanted in ((2, 2), (1, 2), (3, 3)):
        async with record.begin() as tx:
            await tx.fulfillments.mark_cancelling(part, {"a": units})
        assert {line.line_id: line.cancelling for line in (await _load(record, part)).lines} == {"a": wanted, "b": 0}


async def test_rejected_units_leave_their_line_and_the_location_is_remembered(record: Record, part: str) -> None:
    async with record.begin() as tx:
        await tx.fulfillments.reject_lines(part, {"a": 1}, "damaged", AN_HOUR)
    assert await _left(record, part) == {"a": 3, "b": 2}
    line = await load_line(record, "shop/1001", "a")
    assert (line.refusals, line.planned, line.open) == ({"BER": AN_HOUR}, 3, 2)
    assert [line.refusals["BER"].stands(moment) for moment in (NOW, LATER)] == [True, False]
    assert (await load_line(record, "shop/1001", "b")).refusals == {}


async def test_a_line_can_be_rejected_whole(record: Record, part: str) -> None:
    async with record.begin() as tx:
        await tx.fulfillments.reject_lines(part, {"b": 2}, "not_found", AN_HOUR)
    assert await _left(record, part) == {"a": 4}
    assert (await load_line(record, "shop/1001", "b")).open == 2


async def test_a_location_that_was_rerouted_away_from_is_remembered_for_all_lines(record: Record, part: str) -> None:
    for _ in range(2):
        async with record.begin() as tx:
            await tx.fulfillments.refuse_location(part, Refusal())
    lines = (await load(record, "shop/1001")).lines
    assert [line.refusals for line in lines] == [{"BER": Refusal()}, {"BER": Refusal()}]
    assert Refusal().stands(NOW)


async def test_several_locations_are_remembered(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    for number, place in ((1, "BER"), (2, MUNICH)):
        refused = await add_part(record, fulfillment(order_id, number, {"1": 1}, place=place))
        async with record.begin() as tx:
            await tx.fulfillments.refuse_location(refused, Refusal())
    assert (await load_line(record, order_id)).refusals == {"BER": Refusal(), MUNICH: Refusal()}


async def test_of_several_refusals_by_one_location_the_last_to_end_counts(record: Record) -> None:
    order_id = await record_order(record, channel_order(channel_line("1", 5)))
    refusals = (Refusal(until=NOW), AN_HOUR, Refusal(until=NOW), Refusal(), AN_HOUR)
    for number, refusal in enumerate(refusals, start=1):
        refused = await add_part(record, fulfillment(order_id, number, {"1": 1}, place="BER"))
        async with record.begin() as tx:
            await tx.fulfillments.reject_lines(refused, {"1": 1}, "too_busy", refusal)
        counts = refusals[0] if number == 1 else AN_HOUR if number < 4 else Refusal()
        assert (await load_line(record, order_id)).refusals == {"BER": counts}


async def test_the_units_of_a_lost_parcel_are_open_again_when_it_is_reopened(record: Record, part: str) -> None:
    await walk(record, part, Stage.LOST)
    line = await load_line(record, "shop/1001", "a")
    assert (line.done, line.lost, line.open) == (4, 4, 1)
    for _ in range(2):
        async with record.begin() as tx:
            await tx.fulfillments.reopen(part)
        line = await load_line(record, "shop/1001", "a")
        assert (line.planned, line.done, line.lost, line.open) == (0, 0, 0, 5)


UNKNOWN: dict[str, Callable[[Transaction], Awaitable[object]]] = {
    "mark_cancelling": lambda tx: tx.fulfillments.mark_cancelling("shop/none/F1", {"1": 1}),
    "reject_lines": lambda tx: tx.fulfillments.reject_lines("shop/none/F1", {"1": 1}, "damaged", AN_HOUR),
    "refuse_location": lambda tx: tx.fulfillments.refuse_location("shop/none/F1", Refusal()),
    "reopen": lambda tx: tx.fulfillments.reopen("shop/none/F1"),
}


@pytest.mark.parametrize("act", UNKNOWN)
async def test_nothing_can_be_done_about_an_unknown_fulfillment_order(record: Record, act: str) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await UNKNOWN[act](tx)


def _release(part: str) -> Move:
    return Move(fulfillment_id=part, before=PLANNED, to=Stage.RELEASED, at=NOW)


async def _load(record: Record, part: str) -> Fulfillment:
    async with record.begin() as tx:
        return await tx.fulfillments.load(part)


async def _advance(record: Record, move: Move) -> Fulfillment | None:
    async with record.begin() as tx:
        return await tx.fulfillments.advance(move)


async def _left(record: Record, part: str) -> dict[str, int]:
    return {line.line_id: line.quantity for line in (await _load(record, part)).lines if line.quantity}


async def _hold(record: Record) -> None:
    async with record.begin() as tx:
        await tx.orders.place_hold("shop/1001", HoldReason.FRAUD, "ops", NOW)


async def _store(record: Record) -> int:
    async with record.begin() as tx:
        (inbox_id,) = await tx.inbox.store((received(b"a fact", source="hook"),), NOW - timedelta(minutes=1))
    assert inbox_id is not None
    return inbox_id


async def _wait_for(record: Record, part: str, cause: str) -> None:
    async with record.begin() as tx:
        await tx.waits.rewrite("shop/1001", part, {cause: ""}, NOW)


async def _causes(record: Record) -> list[str]:
    async with record.begin() as tx:
        return [wait.cause for wait in await tx.waits.of_order("shop/1001")]
