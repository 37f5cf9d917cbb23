"""Returns that would need a label nobody may sell are stopped before one is bought."""

from __future__ import annotations

import pytest

from activities.barring import require_returnable
from domain.errors import Undeliverable
from domain.order import ChannelOrder
from domain.ports.stores.returns import ReturnRequest
from domain.restriction import Restriction
from domain.returns import ReturnCourse, ReturnLine
from tests.builders import BERLIN, TEA, address, channel_order, pickup_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import record_order, seed_catalog


async def ask(
    restrictions: frozenset[Restriction], order: ChannelOrder | None = None, course: ReturnCourse = "label"
) -> None:
    """Ask for tea back that has these restrictions."""
    record = FakeRecord()
    await seed_catalog(record)
    record.state.restrictions[TEA] = restrictions
    order_id = await record_order(record, order)
    lines = (ReturnLine(line_id="1", sku=TEA, quantity=1),)
    async with record.begin() as tx:
        request = ReturnRequest(order_id=order_id, key="k", course=course, lines=lines, location=BERLIN)
        await require_returnable(tx, await tx.orders.load(order_id), request)


@pytest.mark.parametrize("restriction", [Restriction.AGE_18, Restriction.BATTERY, Restriction.FOOD_CHILLED])
async def test_no_label_is_bought_for_restricted_goods(restriction: Restriction) -> None:
    with pytest.raises(Undeliverable, match=f"{TEA} is restricted") as stopped:
        await ask(frozenset({restriction}))
    assert stopped.value.code == "restricted-return"


async def test_restricted_goods_come_back_over_a_counter() -> None:
    await ask(frozenset({Restriction.AGE_18}), course="store")


@pytest.mark.parametrize("restriction", [Restriction.LOT, Restriction.SERIAL])
async def test_what_is_only_traced_may_travel_back(restriction: Restriction) -> None:
    await ask(frozenset({restriction}))


@pytest.mark.parametrize("changes", [{"country": "CH"}, {"country": "ES", "postal_code": "35001"}])
async def test_no_return_label_crosses_a_customs_border(changes: dict[str, str]) -> None:
    with pytest.raises(Undeliverable, match=f"from {changes['country']} to DE"):
        await ask(frozenset(), channel_order(address=address(**changes)))


async def test_what_was_collected_is_not_sent_back_across_a_border_either() -> None:
    with pytest.raises(Undeliverable, match="from CH to DE"):
        await ask(frozenset(), pickup_order(address=address(country="CH")))


async def test_no_return_label_is_bought_where_nobody_knows_the_address() -> None:
    with pytest.raises(Undeliverable, match="over a counter") as stopped:
        await ask(frozenset(), pickup_order())
    assert stopped.value.code == "no-return-address"
    await ask(frozenset(), pickup_order(), course="store")


async def test_goods_without_restrictions_come_back_from_inside_the_union() -> None:
    await ask(frozenset(), channel_order(address=address(country="AT")))
