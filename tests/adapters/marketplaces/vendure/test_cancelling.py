"""Units are cancelled once, and only those that a person has left."""

import pytest

from adapters.marketplaces.vendure.adapter import VendureMarketplace
from domain.effect import Absent, Confirmed, Found, Rejected, Unknown
from infra.vendure.buyer import PlacedOrder
from infra.vendure.hand import Administrator
from tests.adapters.marketplaces.vendure.line import LossyLine
from tests.adapters.marketplaces.vendure.writes import cancellation

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.vendure, pytest.mark.timeout(900)]


async def test_units_of_a_line_are_cancelled_and_the_rest_stays(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    outcome = await marketplace.cancel_lines(cancellation(order, {"MUG-ENA": 2}, {"MUG-ENA": 2}))
    seen = await administrator_of_store.look_at(order.id)
    assert isinstance(outcome, Confirmed)
    assert [line.quantity for line in seen.lines] == [1, 2]
    assert (seen.state, seen.refunds) == ("PaymentSettled", [])


async def test_cancelling_every_line_cancels_the_order(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    everything = {"MUG-ENA": 3, "TOT-NAT": 2}
    await marketplace.cancel_lines(cancellation(order, everything, everything))
    assert (await administrator_of_store.look_at(order.id)).state == "Cancelled"


async def test_cancelling_twice_is_harmless(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    write = cancellation(order, {"MUG-ENA": 1}, {"MUG-ENA": 1})
    outcomes = [await marketplace.cancel_lines(write) for _ in range(2)]
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert (await administrator_of_store.look_at(order.id)).lines[0].quantity == 2


async def test_a_cancellation_whose_answer_got_lost_is_found(
    order: PlacedOrder,
    marketplace: VendureMarketplace,
    administrator_of_store: Administrator,
    line: LossyLine,
) -> None:
    write = cancellation(order, {"MUG-ENA": 1}, {"MUG-ENA": 1})
    assert await marketplace.find(write) == Absent()
    line.lose_answer_to("cancelOrder")
    assert isinstance(await marketplace.cancel_lines(write), Unknown)
    assert isinstance(await marketplace.find(write), Found)
    assert (await administrator_of_store.look_at(order.id)).lines[0].quantity == 2


async def test_what_was_cancelled_by_hand_is_not_cancelled_again(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    await administrator_of_store.cancel(order.id, {order.line_of("MUG-ENA"): 1})
    outcome = await marketplace.cancel_lines(cancellation(order, {"MUG-ENA": 1}, {"MUG-ENA": 1}))
    assert outcome == Rejected(code="vendure-already-cancelled", already_done=True)
    assert (await administrator_of_store.look_at(order.id)).lines[0].quantity == 2


async def test_only_what_a_person_left_is_cancelled(
    order: PlacedOrder, marketplace: VendureMarketplace, administrator_of_store: Administrator
) -> None:
    await administrator_of_store.cancel(order.id, {order.line_of("MUG-ENA"): 1})
    await marketplace.cancel_lines(cancellation(order, {"MUG-ENA": 3}, {"MUG-ENA": 3}))
    seen = await administrator_of_store.look_at(order.id)
    assert [line.quantity for line in seen.lines] == [0, 2]
