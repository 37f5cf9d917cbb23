"""The inbox, in both records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from domain.errors import NotFound
from domain.ports.stores import Record, Transaction
from domain.ports.stores.inbox import LONGEST_REST, InboxRow, InboxState, Received
from tests.builders import NOW, received
from tests.stores.scenes import record_order

LATER = NOW + timedelta(minutes=10)


async def test_a_stored_message_is_loaded_as_it_came(record: Record) -> None:
    message = received(b"\x00\xff not even text", party="swift", source="hook", subject="")
    inbox_id = await _store_one(record, message)
    wanted = InboxRow(inbox_id=inbox_id, state=InboxState.NEW, **message.model_dump())
    assert await _load(record, inbox_id) == wanted
    async with record.begin() as tx:
        assert await tx.inbox.load(inbox_id, lock=True) == wanted


async def test_each_new_message_has_its_own_id_in_the_order_given(record: Record) -> None:
    ids = await _store(record, *(received(str(number).encode()) for number in range(5)))
    assert None not in ids
    bodies = [(await _load(record, inbox_id)).body for inbox_id in ids if inbox_id]
    assert bodies == [b"0", b"1", b"2", b"3", b"4"]


async def test_storing_nothing_is_harmless(record: Record) -> None:
    assert await _store(record) == ()


async def test_an_identical_repeat_is_no_news(record: Record) -> None:
    await _store_one(record, received(b"same"))
    first, repeat, new = await _store(record, received(b"other"), received(b"same"), received(b"third"))
    assert (first is None, repeat is None, new is None) == (False, True, False)


async def test_a_repeat_within_one_call_is_no_news(record: Record) -> None:
    first, second = await _store(record, received(b"same"), received(b"same"))
    assert (first is None, second is None) == (False, True)


async def test_a_repeat_that_comes_many_times_at_once_is_stored_once(record: Record) -> None:
    stored = await asyncio.gather(*(_store(record, received(b"same")) for _ in range(8)))
    assert sum(ids != (None,) for ids in stored) == 1


async def test_a_repeat_is_no_news_after_the_first_was_done(record: Record) -> None:
    await _finish(record, await _store_one(record, received(b"same")))
    assert await _store(record, received(b"same")) == (None,)


@pytest.mark.parametrize("other", [received(b"same", party="other"), received(b"same", source="hook")], ids=repr)
async def test_the_same_body_from_another_side_is_news(record: Record, other: Received) -> None:
    await _store_one(record, received(b"same"))
    await _store_one(record, other)


async def test_an_unknown_message_is_not_found(record: Record) -> None:
    with pytest.raises(NotFound):
        await _load(record, 999_999)


async def test_a_finished_message_is_done(record: Record) -> None:
    order_id = await record_order(record)
    tied, untied = await _store_one(record, received(b"a")), await _store_one(record, received(b"b"))
    await _finish(record, tied, order_id)
    await _finish(record, untied)
    for inbox_id, body in ((tied, b"a"), (untied, b"b")):
        row = await _load(record, inbox_id)
        assert (row.state, row.body) == (InboxState.DONE, body)


async def test_a_quarantined_message_says_why(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"odd"))
    await _quarantine(record, inbox_id, "totals")
    row = await _load(record, inbox_id)
    assert (row.state, row.code, row.body) == (InboxState.QUARANTINED, "totals", b"odd")


async def test_unfinished_messages_come_as_they_came(record: Record) -> None:
    late = await _store_one(record, received(b"late"), NOW + timedelta(minutes=2))
    early = await _store_one(record, received(b"early"))
    young = await _store_one(record, received(b"young"), LATER)
    assert await _unfinished(record) == (late, early)
    assert await _unfinished(record, limit=1) == (late,)
    assert await _unfinished(record, LATER + timedelta(seconds=1)) == (late, early, young)


async def test_neither_done_nor_quarantined_messages_are_unfinished(record: Record) -> None:
    done, odd = await _store_one(record, received(b"done")), await _store_one(record, received(b"odd"))
    await _finish(record, done)
    await _quarantine(record, odd, "totals")
    assert await _unfinished(record) == ()


async def test_a_message_that_cannot_be_applied_yet_rests_for_a_quarter_of_its_age_and_says_why(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"early"))
    at = NOW + timedelta(seconds=40)
    await _put_off(record, inbox_id, "too-early", at)
    assert await _unfinished(record, at + timedelta(seconds=10)) == ()
    assert await _unfinished(record, at + timedelta(seconds=11)) == (inbox_id,)
    row = await _load(record, inbox_id)
    assert (row.state, row.code) == (InboxState.NEW, "too-early")


async def test_however_old_it_rests_ten_minutes_at_most(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"early"))
    at = NOW + timedelta(days=30)
    await _put_off(record, inbox_id, "too-early", at)
    assert await _unfinished(record, at + LONGEST_REST) == ()
    assert await _unfinished(record, at + LONGEST_REST + timedelta(seconds=1)) == (inbox_id,)


async def test_what_was_finished_meanwhile_is_not_put_off(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"fast"))
    await _finish(record, inbox_id)
    await _put_off(record, inbox_id, "too-early", LATER)
    row = await _load(record, inbox_id)
    assert (row.state, row.code) == (InboxState.DONE, "")


async def test_a_message_that_is_replayed_does_not_rest(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"odd"))
    await _put_off(record, inbox_id, "too-early", NOW + timedelta(days=1))
    await _quarantine(record, inbox_id, "totals")
    assert await _replay(record, inbox_id)
    assert await _unfinished(record) == (inbox_id,)


async def test_a_quarantined_message_can_be_replayed_once(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"odd"))
    assert not await _replay(record, inbox_id)
    await _quarantine(record, inbox_id, "totals")
    assert await _replay(record, inbox_id)
    assert (await _load(record, inbox_id)).state is InboxState.NEW
    assert await _unfinished(record) == (inbox_id,)
    assert not await _replay(record, inbox_id)


async def test_a_fact_of_a_message_is_noted_once_also_by_many_at_once(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"three facts"))
    assert sorted(await asyncio.gather(*(_note(record, inbox_id, 2) for _ in range(4)))) == [False, False, False, True]
    assert await _note(record, inbox_id, 0)
    row = await _load(record, inbox_id)
    assert (row.state, row.applied) == (InboxState.NEW, {0, 2})


UNKNOWN: dict[str, Callable[[Transaction], Awaitable[object]]] = {
    "finish": lambda tx: tx.inbox.finish(999_999, None, NOW),
    "quarantine": lambda tx: tx.inbox.quarantine(999_999, "totals", "words", NOW),
    "replay": lambda tx: tx.inbox.replay(999_999),
    "note a fact": lambda tx: tx.inbox.note_fact(999_999, 0),
}


@pytest.mark.parametrize("act", UNKNOWN)
async def test_nothing_can_be_done_about_an_unknown_message(record: Record, act: str) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await UNKNOWN[act](tx)


async def test_a_done_message_is_not_replayed(record: Record) -> None:
    inbox_id = await _store_one(record, received(b"done"))
    await _finish(record, inbox_id)
    assert not await _replay(record, inbox_id)


async def test_a_good_message_replaces_the_quarantined_ones_about_its_subject(record: Record) -> None:
    odd = [await _store_one(record, received(body, subject="1001")) for body in (b"a", b"b")]
    other = await _store_one(record, received(b"c", subject="1002"))
    stranger = await _store_one(record, received(b"d", subject="1001", party="other"))
    fresh = await _store_one(record, received(b"e", subject="1001"))
    for inbox_id in (*odd, other, stranger):
        await _quarantine(record, inbox_id, "totals")
    async with record.begin() as tx:
        assert await tx.inbox.supersede("shop", "1001", NOW) == 2
        assert await tx.inbox.supersede("shop", "1001", NOW) == 0
    states = [(await _load(record, inbox_id)).state for inbox_id in (*odd, other, stranger, fresh)]
    done, quarantined = InboxState.DONE, InboxState.QUARANTINED
    assert states == [done, done, quarantined, quarantined, InboxState.NEW]


async def _store(record: Record, *messages: Received, now: datetime = NOW) -> tuple[int | None, ...]:
    async with record.begin() as tx:
        return await tx.inbox.store(messages, now)


async def _store_one(record: Record, message: Received, now: datetime = NOW) -> int:
    (inbox_id,) = await _store(record, message, now=now)
    assert inbox_id is not None
    return inbox_id


async def _load(record: Record, inbox_id: int) -> InboxRow:
    async with record.begin() as tx:
        return await tx.inbox.load(inbox_id)


async def _finish(record: Record, inbox_id: int, order_id: str | None = None) -> None:
    async with record.begin() as tx:
        await tx.inbox.finish(inbox_id, order_id, NOW)


async def _note(record: Record, inbox_id: int, place: int) -> bool:
    async with record.begin() as tx:
        return await tx.inbox.note_fact(inbox_id, place)


async def _quarantine(record: Record, inbox_id: int, code: str) -> None:
    async with record.begin() as tx:
        await tx.inbox.quarantine(inbox_id, code, "it does not add up", NOW)


async def _put_off(record: Record, inbox_id: int, code: str, now: datetime) -> None:
    async with record.begin() as tx:
        await tx.inbox.put_off(inbox_id, code, now)


async def _unfinished(record: Record, older_than: datetime = LATER, limit: int = 100) -> tuple[int, ...]:
    async with record.begin() as tx:
        return await tx.inbox.unfinished(older_than, limit)


async def _replay(record: Record, inbox_id: int) -> bool:
    async with record.begin() as tx:
        return await tx.inbox.replay(inbox_id)
