"""Outages, on both records: one prober at a time, chosen in turns; who waits is served when it is over."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.outage import PROBE_LASTS, Outage, outage_cause
from domain.ports.stores import Record
from domain.ports.stores.wait import CauseEvent
from domain.waits import Wait
from tests.builders import NOW, channel_line, channel_order
from tests.stores.scenes import open_causes, record_order

CAUSE = outage_cause("swift")
SECOND = timedelta(seconds=1)
OUT = Outage(party="swift", failures=5, failed_at=NOW, opened_at=NOW, probe_at=NOW)
FAILING = Outage(party="swift", failures=2, failed_at=NOW)


async def keep(record: Record, outage: Outage) -> None:
    async with record.begin() as tx:
        await tx.outages.lock(outage.party)
        await tx.outages.keep(outage)


async def wait(record: Record, number: str, hours: int) -> None:
    order = channel_order(channel_line(), channel_order_id=number, ship_by=NOW + timedelta(hours=hours))
    order_id = await record_order(record, order)
    async with record.begin() as tx:
        await tx.waits.rewrite(order_id, f"{order_id}/F1/step", {CAUSE: "no-answer"}, NOW)


async def call(record: Record, seconds: int) -> Wait | None:
    async with record.begin() as tx:
        return await tx.outages.call_prober("swift", NOW + seconds * SECOND)


async def test_what_is_kept_is_known(record: Record) -> None:
    for outage in (FAILING, OUT):
        await keep(record, outage)
        async with record.begin() as tx:
            assert await tx.outages.known() == (outage,)
            assert await tx.outages.lock("swift") == outage
            assert await tx.outages.lock("other") is None


async def test_one_probes_at_a_time_and_one_who_died_is_not_waited_for_long(record: Record) -> None:
    await keep(record, OUT)

    async def take(seconds: float) -> bool:
        async with record.begin() as tx:
            return await tx.outages.take_probe("swift", NOW + seconds * SECOND)

    assert sorted(await asyncio.gather(*(take(1) for _ in range(8)))) == [False] * 7 + [True]
    assert not await take(PROBE_LASTS.total_seconds())
    assert await take(PROBE_LASTS.total_seconds() + 1)


async def test_nobody_probes_a_party_that_is_not_out(record: Record) -> None:
    await keep(record, FAILING)
    async with record.begin() as tx:
        assert not await tx.outages.take_probe("swift", NOW)
        assert not await tx.outages.take_probe("other", NOW)


@pytest.mark.parametrize(("outage", "cleared"), [(OUT, {CAUSE}), (FAILING, set[str]())])
async def test_an_end_clears_the_cause_where_somebody_may_have_waited(
    record: Record, outage: Outage, cleared: set[str]
) -> None:
    await keep(record, outage)
    async with record.begin() as tx:
        await tx.outages.lock("swift")
        assert await tx.outages.end("swift", NOW) is bool(cleared)
        assert await tx.outages.known() == ()
        assert not await tx.outages.end("swift", NOW)
    assert await open_causes(record) == cleared


async def test_an_end_that_was_announced_counts_no_longer_once_the_party_is_out_again(record: Record) -> None:
    await keep(record, OUT)
    async with record.begin() as tx:
        await tx.outages.lock("swift")
        await tx.outages.end("swift", NOW)
    await keep(record, FAILING)
    assert await open_causes(record) == {CAUSE}
    await keep(record, OUT)
    assert await open_causes(record) == set()


async def test_those_who_wait_are_called_in_turns_the_most_urgent_first(record: Record) -> None:
    for number, hours in (("late", 9), ("soon", 1), ("next", 5)):
        await wait(record, number, hours)
    await keep(record, OUT)
    called = [await call(record, 20 * turn) for turn in range(1, 6)]
    assert [one and one.order_id for one in called] == ["shop/soon", "shop/next", "shop/late", "shop/soon", "shop/next"]


async def test_nobody_is_called_while_somebody_was_just_now_or_no_probe_is_due(record: Record) -> None:
    await wait(record, "1", 1)
    await wait(record, "2", 2)
    assert await call(record, 0) is None, "nobody is out"
    await keep(record, OUT)
    assert await call(record, -1) is None, "too early"
    assert await call(record, 20)
    assert await call(record, 25) is None, "one was just called"
    assert await call(record, 31)


async def test_whoever_was_let_go_is_under_way_until_its_wait_ends(record: Record) -> None:
    await wait(record, "1", 1)
    await keep(record, OUT)
    async with record.begin() as tx:
        await tx.outages.lock("swift")
        await tx.outages.end("swift", NOW)
        (event,) = await tx.waits.next_events(1)
        assert await tx.waits.call_up(event, "shop/1", NOW + 20 * SECOND)

    async def under_way(seconds: int, event: CauseEvent = event) -> int:
        async with record.begin() as tx:
            return await tx.outages.under_way(event, NOW + seconds * SECOND)

    assert (await under_way(19), await under_way(20)) == (1, 0)
    assert await under_way(19, event.model_copy(update={"event_id": event.event_id + 1})) == 0, "it waits again since"
    async with record.begin() as tx:
        await tx.waits.rewrite("shop/1", "shop/1/F1/step", {}, NOW)
    assert await under_way(19) == 0
