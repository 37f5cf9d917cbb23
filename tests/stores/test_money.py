"""The money ledger, in both records."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import NotFound
from domain.messages import REFUND_WORKFLOW, RefundStart, refund_workflow_id
from domain.order import ChannelRefund
from domain.ports.stores import Record
from domain.ports.stores.money import Refund, RefundState
from tests.builders import ACCOUNT, NOW, channel_line, channel_order
from tests.stores.scenes import drain, load, record_order, tellings


@pytest.fixture
async def order_id(record: Record) -> str:
    """An order of which 50.00 were captured, with nothing left to tell."""
    number = await record_order(record, channel_order(channel_line("1", 5)))
    await drain(record)
    return number


async def test_a_reserved_refund_is_loaded_as_it_was(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200, {"1": 1})
    assert (refund.order_id, refund.key, refund.number, refund.reason) == (order_id, "cancel:1", 1, "why")
    assert (refund.amount, refund.currency, refund.state) == (1200, "EUR", RefundState.RESERVED)
    assert (dict(refund.quantities), refund.remote_id) == ({"1": 1}, "")
    assert await _load(record, refund) == refund


async def test_a_reserved_refund_counts_as_given_back(record: Record, order_id: str) -> None:
    await _reserve(record, order_id, "cancel:1", 1200)
    await _reserve(record, order_id, "cancel:2", 300)
    assert await _refunding(record, order_id) == 1500


async def test_refunds_are_numbered_in_the_order_they_were_made(record: Record, order_id: str) -> None:
    made = [await _reserve(record, order_id, f"cancel:{number}", 100) for number in (1, 2, 3)]
    assert [refund.number for refund in made] == [1, 2, 3]
    assert await _refunds(record, order_id) == tuple(made)
    other = await record_order(record, channel_order(channel_order_id="1002"))
    assert await _refunds(record, other) == ()


async def test_a_refund_starts_its_workflow(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    (telling,) = await tellings(record)
    assert (telling.workflow, telling.signal) == (REFUND_WORKFLOW, "")
    assert telling.workflow_id == refund_workflow_id(order_id, 1)
    start = RefundStart.model_validate_json(telling.payload)
    assert start == RefundStart(order_id=order_id, refund_id=refund.refund_id, account=ACCOUNT)


async def test_the_refund_of_a_return_starts_nothing(record: Record, order_id: str) -> None:
    await _reserve(record, order_id, "return:shop/1001/R1", 1200)
    assert await tellings(record) == []


async def test_one_debt_is_one_refund(record: Record, order_id: str) -> None:
    first = await _reserve(record, order_id, "cancel:1", 1200)
    assert await _reserve(record, order_id, "cancel:1", 999) == first
    assert (await _refunding(record, order_id), len(await tellings(record))) == (1200, 1)


async def test_one_debt_asked_for_many_times_at_once_is_one_refund(record: Record, order_id: str) -> None:
    made = await asyncio.gather(*(_reserve(record, order_id, "cancel:1", 1200) for _ in range(8)))
    assert len({refund.refund_id for refund in made}) == 1
    assert (await _refunding(record, order_id), len(await tellings(record))) == (1200, 1)


async def test_everything_captured_can_be_given_back_and_no_cent_more(record: Record, order_id: str) -> None:
    await _reserve(record, order_id, "cancel:1", 4999)
    assert await _try(record, order_id, "cancel:2", 2) is None
    assert len(await _refunds(record, order_id)) == 1
    await _reserve(record, order_id, "cancel:3", 1)
    assert await _refunding(record, order_id) == 5000


async def test_a_refused_refund_starts_nothing(record: Record, order_id: str) -> None:
    assert await _try(record, order_id, "cancel:1", 5001) is None
    assert await tellings(record) == []


async def test_a_known_refund_is_returned_even_when_nothing_is_left(record: Record, order_id: str) -> None:
    first = await _reserve(record, order_id, "cancel:1", 5000)
    assert await _reserve(record, order_id, "cancel:1", 5000) == first


async def test_of_an_unpaid_order_nothing_is_given_back(record: Record) -> None:
    order_id = await record_order(record, channel_order(captured=0))
    assert await _try(record, order_id, "cancel:1", 1) is None


async def test_refunds_racing_for_the_same_money_never_exceed_it(record: Record, order_id: str) -> None:
    tries = (_try(record, order_id, f"cancel:{number}", 1100) for number in range(12))
    made = [refund for refund in await asyncio.gather(*tries) if refund]
    assert (len(made), await _refunding(record, order_id)) == (4, 4400)
    assert sorted(refund.number for refund in await _refunds(record, order_id)) == [1, 2, 3, 4]


async def test_an_unknown_refund_is_not_found(record: Record) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.money.load_refund("shop/1001/refund/9")


@pytest.mark.parametrize("state", [RefundState.CONFIRMED, RefundState.BY_HAND])
async def test_a_refund_that_was_done_stays_given_back(record: Record, order_id: str, state: RefundState) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    await _settle(record, refund, state, "rem-1")
    settled = await _load(record, refund)
    assert (settled.state, settled.remote_id, settled.amount) == (state, "rem-1", 1200)
    assert await _refunding(record, order_id) == 1200


async def test_a_rejected_refund_gives_its_reservation_back(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 5000)
    await _settle(record, refund, RefundState.REJECTED)
    assert await _refunding(record, order_id) == 0
    await _reserve(record, order_id, "cancel:2", 5000)


@pytest.mark.parametrize("first", [RefundState.CONFIRMED, RefundState.REJECTED])
@pytest.mark.parametrize("second", [RefundState.CONFIRMED, RefundState.REJECTED])
async def test_a_refund_is_settled_once(record: Record, order_id: str, first: RefundState, second: RefundState) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    await _settle(record, refund, first, "rem-1")
    before = await _refunding(record, order_id)
    await _settle(record, refund, second, "rem-2")
    settled = await _load(record, refund)
    assert (settled.state, settled.remote_id, await _refunding(record, order_id)) == (first, "rem-1", before)


async def test_money_given_back_by_hand_is_entered_once(record: Record, order_id: str) -> None:
    assert await _by_hand(record, order_id, "r-1", 700) == 700
    assert await _by_hand(record, order_id, "r-1", 700) == 0
    assert await _by_hand(record, order_id, "r-2", 100) == 100
    assert await _refunding(record, order_id) == 800


async def test_our_own_refund_seen_on_the_channel_is_no_news(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    await _settle(record, refund, RefundState.CONFIRMED, "r-1")
    assert await _by_hand(record, order_id, "r-1", 1200) == 0
    assert await _refunding(record, order_id) == 1200


async def test_a_debt_that_a_person_paid_is_not_paid_again(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    assert await _by_hand(record, order_id, "r-1", 1200) == 0
    assert (await _load(record, refund)).state is RefundState.BY_HAND
    assert await _refunding(record, order_id) == 1200


async def test_a_debt_that_a_person_paid_in_part_is_lowered(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    assert await _by_hand(record, order_id, "r-1", 500) == 0
    lowered = await _load(record, refund)
    assert (lowered.state, lowered.amount) == (RefundState.RESERVED, 700)
    assert await _refunding(record, order_id) == 1200


async def test_what_a_person_gave_beyond_our_debts_is_new_money(record: Record, order_id: str) -> None:
    debts = [await _reserve(record, order_id, f"cancel:{number}", 500) for number in (1, 2)]
    assert await _by_hand(record, order_id, "r-1", 1700) == 700
    assert [(await _load(record, debt)).state for debt in debts] == [RefundState.BY_HAND] * 2
    assert await _refunding(record, order_id) == 1700


async def test_a_debt_paid_by_hand_carries_the_channels_id(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    await _by_hand(record, order_id, "r-1", 1200)
    assert (await _load(record, refund)).remote_id == "r-1"


async def test_money_given_by_hand_that_carries_our_reference_is_ours(record: Record, order_id: str) -> None:
    await _reserve(record, order_id, "cancel:1", 1200)
    seen = ChannelRefund(refund_id="r-1", reference="refund:shop/1001/refund/1#1", amount=1200)
    async with record.begin() as tx:
        assert await tx.money.enter_by_hand(order_id, seen, NOW) == 0
    assert [refund.state for refund in await _refunds(record, order_id)] == [RefundState.RESERVED]


async def test_more_than_was_captured_is_never_counted_as_given_back(record: Record, order_id: str) -> None:
    await _reserve(record, order_id, "cancel:1", 1000)
    assert await _by_hand(record, order_id, "r-1", 7000) == 4000
    assert await _refunding(record, order_id) == 5000
    assert await _by_hand(record, order_id, "r-2", 1) == 0
    assert await _try(record, order_id, "cancel:2", 1) is None


async def test_money_captured_later_can_be_given_back(record: Record, order_id: str) -> None:
    async with record.begin() as tx:
        assert await tx.money.enter_captured(order_id, 6000)
    assert (await load(record, order_id)).captured == 6000
    await _reserve(record, order_id, "cancel:1", 6000)


async def test_what_was_captured_never_shrinks(record: Record, order_id: str) -> None:
    async with record.begin() as tx:
        assert not await tx.money.enter_captured(order_id, 5000)
        assert not await tx.money.enter_captured(order_id, 4999)
    assert (await load(record, order_id)).captured == 5000


async def test_money_of_an_unknown_order_cannot_be_given_back(record: Record) -> None:
    with pytest.raises(NotFound):
        await _try(record, "shop/none", "cancel:1", 1)
    with pytest.raises(NotFound):
        await _by_hand(record, "shop/none", "r-1", 1)


async def test_an_unknown_refund_cannot_be_settled(record: Record) -> None:
    with pytest.raises(NotFound):
        async with record.begin() as tx:
            await tx.money.settle_refund("shop/1001/refund/9", RefundState.CONFIRMED, "", NOW)


async def test_a_debt_that_was_settled_is_not_touched_by_hand(record: Record, order_id: str) -> None:
    paid = await _reserve(record, order_id, "cancel:1", 500)
    await _settle(record, paid, RefundState.CONFIRMED, "rem-1")
    refused = await _reserve(record, order_id, "cancel:2", 600)
    await _settle(record, refused, RefundState.REJECTED)
    assert await _by_hand(record, order_id, "r-1", 600) == 600
    assert [refund.state for refund in await _refunds(record, order_id)] == [
        RefundState.CONFIRMED,
        RefundState.REJECTED,
    ]
    assert await _refunding(record, order_id) == 1100


async def test_a_debt_paid_by_hand_is_not_settled_again(record: Record, order_id: str) -> None:
    refund = await _reserve(record, order_id, "cancel:1", 1200)
    await _by_hand(record, order_id, "r-1", 1200)
    await _settle(record, refund, RefundState.REJECTED)
    assert (await _load(record, refund)).state is RefundState.BY_HAND
    assert await _refunding(record, order_id) == 1200


async def _try(
    record: Record, order_id: str, key: str, amount: int, quantities: dict[str, int] | None = None
) -> Refund | None:
    async with record.begin() as tx:
        return await tx.money.reserve_refund(order_id, key, amount, "why", quantities or {})


async def _reserve(
    record: Record, order_id: str, key: str, amount: int, quantities: dict[str, int] | None = None
) -> Refund:
    refund = await _try(record, order_id, key, amount, quantities)
    assert refund is not None
    return refund


async def _settle(record: Record, refund: Refund, state: RefundState, remote_id: str = "") -> None:
    async with record.begin() as tx:
        await tx.money.settle_refund(refund.refund_id, state, remote_id, NOW)


async def _by_hand(record: Record, order_id: str, refund_id: str, amount: int) -> int:
    async with record.begin() as tx:
        return await tx.money.enter_by_hand(order_id, ChannelRefund(refund_id=refund_id, amount=amount), NOW)


async def _load(record: Record, refund: Refund) -> Refund:
    async with record.begin() as tx:
        return await tx.money.load_refund(refund.refund_id)


async def _refunds(record: Record, order_id: str) -> tuple[Refund, ...]:
    async with record.begin() as tx:
        return await tx.money.refunds(order_id)


async def _refunding(record: Record, order_id: str) -> int:
    return (await load(record, order_id)).refunding
