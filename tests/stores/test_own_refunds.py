"""A refund of ours that was made, whatever a person did while it was in doubt: in both records."""

from __future__ import annotations

import pytest

from domain.order import ChannelRefund
from domain.ports.stores import Record
from domain.ports.stores.money import Refund, RefundState
from tests.builders import NOW, channel_line, channel_order
from tests.stores.scenes import load, record_order


@pytest.fixture
async def order_id(record: Record) -> str:
    """An order of which 50.00 were captured."""
    return await record_order(record, channel_order(channel_line("1", 5)))


async def reserve(record: Record, order_id: str, amount: int) -> Refund:
    async with record.begin() as tx:
        refund = await tx.money.reserve_refund(order_id, "cancel:1", amount, "why", {})
    assert refund is not None
    return refund


async def by_hand(record: Record, order_id: str, amount: int) -> None:
    async with record.begin() as tx:
        await tx.money.enter_by_hand(order_id, ChannelRefund(refund_id="r-1", amount=amount), NOW)


async def enter_own(record: Record, refund: Refund, amount: int, remote_id: str) -> int:
    async with record.begin() as tx:
        return await tx.money.enter_own(refund.refund_id, amount, remote_id, NOW)


async def stands(record: Record, refund: Refund) -> Refund:
    async with record.begin() as tx:
        return await tx.money.load_refund(refund.refund_id)


async def refunding(record: Record, order_id: str) -> int:
    return (await load(record, order_id)).refunding


async def test_a_refund_of_ours_that_was_made_as_it_stands_is_confirmed_and_nothing_more(
    record: Record, order_id: str
) -> None:
    refund = await reserve(record, order_id, 1200)
    for _ in range(2):
        assert await enter_own(record, refund, 1200, "rem-1") == 0
    settled = await stands(record, refund)
    assert (settled.state, settled.remote_id, await refunding(record, order_id)) == (
        RefundState.CONFIRMED, "rem-1", 1200,
    )  # fmt: skip


async def test_a_refund_of_ours_that_was_made_only_in_part_so_far_stays_reserved(record: Record, order_id: str) -> None:
    refund = await reserve(record, order_id, 1200)
    assert await enter_own(record, refund, 700, "rem-1") == 0
    assert (await stands(record, refund)).state is RefundState.RESERVED


@pytest.mark.parametrize(("given", "beyond"), [(500, 500), (1200, 1200)])
async def test_what_ours_gave_back_beyond_what_a_person_left_of_it_is_entered_once(
    record: Record, order_id: str, given: int, beyond: int
) -> None:
    refund = await reserve(record, order_id, 1200)
    await by_hand(record, order_id, given)
    assert [await enter_own(record, refund, 1200, "rem-1") for _ in range(2)] == [beyond, 0]
    assert await refunding(record, order_id) == 1200 + given


async def test_the_money_that_covered_ours_is_not_entered_as_ours_too(record: Record, order_id: str) -> None:
    refund = await reserve(record, order_id, 1200)
    await by_hand(record, order_id, 1200)
    assert await enter_own(record, refund, 1200, "r-1") == 0
    assert await refunding(record, order_id) == 1200


async def test_ours_beyond_what_was_captured_is_never_counted(record: Record, order_id: str) -> None:
    refund = await reserve(record, order_id, 4000)
    await by_hand(record, order_id, 4000)
    assert await enter_own(record, refund, 4000, "rem-1") == 1000
    assert await refunding(record, order_id) == 5000


async def test_a_refused_refund_that_was_made_all_the_same_is_given_back(record: Record, order_id: str) -> None:
    refund = await reserve(record, order_id, 1200)
    async with record.begin() as tx:
        await tx.money.settle_refund(refund.refund_id, RefundState.REJECTED, "", NOW)
    assert await enter_own(record, refund, 1200, "rem-1") == 1200
    assert await refunding(record, order_id) == 1200
