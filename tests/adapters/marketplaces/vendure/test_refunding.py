"""Money is given back once, also after an answer got lost or a person was faster."""

import pytest

from adapters.marketplaces.vendure.adapter import VendureMarketplace
from domain.effect import Absent, Confirmed, Found, Rejected, Unknown
from infra.vendure.buyer import PlacedOrder
from infra.vendure.hand import Administrator
from tests.adapters.marketplaces.vendure.line import LossyLine
from tests.adapters.marketplaces.vendure.writes import refund

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


async def test_a_refund_is_settled_and_carries_our_reference(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    write = refund(order, 1290, {"MUG-ENA": 1})
    outcome = await marketplace.refund(write)
    (seen,) = (await administrator_of_store.look_at(order.id)).refunds
    assert outcome == Confirmed(remote_id=seen.id)
    assert (seen.state, seen.total, seen.transaction_id) == ("Settled", 1290, write.reference)
    told = marketplace.read_order((await marketplace.fetch_order(order.id)).body)
    assert [each.reference for each in told.refunds] == [write.reference]
    assert [line.refunded for line in told.lines] == [1, 0]


async def test_refunding_twice_is_harmless(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    write = refund(order, 500)
    assert await marketplace.refund(write) == await marketplace.refund(write)
    assert (await administrator_of_store.look_at(order.id)).refunded == 500


@pytest.mark.parametrize(("lost", "found"), [("refundOrder", Absent), ("settleRefund", Found)])
async def test_a_lost_answer_is_unknown_and_the_money_is_given_once(
    order: PlacedOrder,
    marketplace: VendureMarketplace,
    administrator_of_store: Administrator,
    line: LossyLine,
    lost: str,
    found: type,
) -> None:
    write = refund(order, 500)
    line.lose_answer_to(lost)
    assert isinstance(await marketplace.refund(write), Unknown)
    assert isinstance(await marketplace.find(write), found)
    assert isinstance(await marketplace.refund(write), Confirmed)
    assert isinstance(await marketplace.find(write), Found)
    (seen,) = (await administrator_of_store.look_at(order.id)).refunds
    assert (seen.state, seen.total) == ("Settled", 500)


async def test_a_refund_above_what_is_left_is_refused_before_it_is_sent(
    order: PlacedOrder,
    marketplace: VendureMarketplace,
    administrator_of_store: Administrator,
    line: LossyLine,
) -> None:
    await administrator_of_store.refund(order.id, order.total_with_tax - 100)
    outcome = await marketplace.refund(refund(order, 101))
    assert outcome == Rejected(code="vendure-refund-above-payment")
    assert line.count("refundOrder") == 0


async def test_what_was_refunded_by_hand_is_not_refunded_again(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    await administrator_of_store.refund(order.id, order.total_with_tax)
    outcome = await marketplace.refund(refund(order, 500))
    assert outcome == Rejected(code="vendure-refund-above-payment", already_done=True)
    assert (await administrator_of_store.look_at(order.id)).refunded == order.total_with_tax


async def test_a_refund_in_another_currency_is_refused(order: PlacedOrder, marketplace: VendureMarketplace) -> None:
    write = refund(order, 500).model_copy(update={"currency": "USD"})
    assert await marketplace.refund(write) == Rejected(code="vendure-other-currency")
