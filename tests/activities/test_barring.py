"""Barriers: what may not go from a place is held with its reason, and goes on when the reason is gone."""

from __future__ import annotations

from typing import Any

import pytest

from activities.address import enter_address
from activities.barring import BARRED
from activities.cancellation import cancel_units
from activities.fulfillment import wait_for_holds
from activities.review import review_in
from activities.steps import PartOf, Review, ReviewRequest
from domain.barrier import BARRED_BY
from domain.imports import Entry, ImportKind, read_entry
from domain.listing import Component, Matched
from domain.messages import WOKEN, Woken
from domain.order import ChannelOrder, HoldReason
from domain.policy import Policy
from domain.ports.stores.imports import Import, Stretch
from domain.restriction import Restriction
from tests.builders import BERLIN, MUG, MUNICH, NOW, TEA, address, channel_line, channel_order, location, pickup_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, open_causes, receive, record_order, seed_catalog

TO_ZURICH = channel_order(address=address(country="CH"))


@pytest.fixture
async def record() -> FakeRecord:
    made = FakeRecord()
    await seed_catalog(made)
    await receive(made, 10)
    await receive(made, 10, MUG)
    return made


async def say(record: FakeRecord, sku: str = TEA, **cells: Any) -> None:
    """Import what is known of a SKU."""
    entry = read_entry(ImportKind.SKUS, 1, {"sku": sku, **cells})
    assert isinstance(entry, Entry)
    async with record.begin() as tx:
        number = await tx.imports.open(ImportKind.SKUS, "ops", NOW)
        opened = Import(import_id=number, kind=ImportKind.SKUS, name="file", actor="ops")
        await tx.imports.stage(number, ImportKind.SKUS, [(1, entry)])
        await tx.imports.merge(opened, Stretch(after=0, upto=1), NOW)


async def place(record: FakeRecord, code: str, **changes: Any) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_location(location(code, **changes))


async def look(record: FakeRecord, order_id: str) -> Review:
    async with record.begin() as tx:
        return await review_in(tx, ReviewRequest(order_id=order_id), Policy(), NOW)


async def recorded(record: FakeRecord, order: ChannelOrder) -> str:
    return await record_order(record, order)


async def release(record: FakeRecord, order_id: str, reason: HoldReason) -> None:
    async with record.begin() as tx:
        assert await tx.orders.release_hold(order_id, reason, "boss", NOW)


async def held(record: FakeRecord, order_id: str) -> set[HoldReason]:
    found = (await load(record, order_id)).holds
    assert all(hold.placed_by == BARRED_BY and hold.keeps_stock for hold in found)
    return {hold.reason for hold in found}


async def test_goods_that_no_place_handles_are_held(record: FakeRecord) -> None:
    await say(record, restrictions="flammable")
    order_id = await recorded(record, channel_order())
    seen = await look(record, order_id)
    assert (seen.held, seen.planned, seen.waits_for) == (True, 0, (f"hold:restricted:{order_id}",))
    assert await held(record, order_id) == {HoldReason.RESTRICTED}


async def test_goods_go_from_a_place_that_handles_them_though_another_comes_first(record: FakeRecord) -> None:
    await say(record, restrictions="flammable|aerosol")
    await receive(record, 10, place=MUNICH)
    handles = frozenset({Restriction.FLAMMABLE, Restriction.AEROSOL, Restriction.AGE_18})
    await place(record, MUNICH, handles=handles, rank=999)
    seen = await look(record, await recorded(record, channel_order()))
    assert [course.location for course in seen.courses] == [MUNICH]
    assert not seen.held


async def test_a_place_has_to_handle_every_restriction(record: FakeRecord) -> None:
    await say(record, restrictions="flammable|aerosol")
    await place(record, BERLIN, handles=frozenset({Restriction.AEROSOL}))
    order_id = await recorded(record, channel_order())
    assert (await look(record, order_id)).held


async def test_restricted_goods_that_lie_nowhere_wait_for_stock_first(record: FakeRecord) -> None:
    await say(record, restrictions="flammable")
    order_id = await recorded(record, channel_order(channel_line(quantity=99)))
    assert (await look(record, order_id)).waits_for == (f"stock:{TEA}",)
    assert await held(record, order_id) == set()


async def test_the_hold_ends_by_itself_when_a_place_says_that_it_handles_the_goods(record: FakeRecord) -> None:
    await say(record, restrictions="flammable")
    order_id = await recorded(record, channel_order())
    await look(record, order_id)
    await place(record, BERLIN, handles=frozenset({Restriction.FLAMMABLE}))
    seen = await look(record, order_id)
    assert (seen.held, seen.planned, await held(record, order_id)) == (False, 1, set())


async def test_goods_that_come_to_a_place_which_handles_them_end_the_hold(record: FakeRecord) -> None:
    await say(record, restrictions="flammable")
    await place(record, MUNICH, handles=frozenset({Restriction.FLAMMABLE}))
    order_id = await recorded(record, channel_order())
    assert (await look(record, order_id)).waits_for == (f"hold:restricted:{order_id}", f"stock:{TEA}")
    await receive(record, 1, place=MUNICH)
    seen = await look(record, order_id)
    assert ([course.location for course in seen.courses], seen.held) == ([MUNICH], False)


async def test_a_part_that_waited_for_the_hold_is_woken_by_whatever_ends_it(record: FakeRecord) -> None:
    await say(record, MUG, restrictions="flammable")
    order_id = await recorded(record, channel_order(channel_line("1"), channel_line("2", sku=MUG)))
    await look(record, order_id)
    async with record.begin() as tx:
        part = PartOf(order_id=order_id, fulfillment_id=f"{order_id}/F1")
        waits = await wait_for_holds(tx, part, NOW)
        before = len(await tx.outbox.take(9))
        await cancel_units(tx, await tx.orders.load(order_id), {"2": 1}, NOW, told=True)
    assert not (await look(record, order_id)).held
    async with record.begin() as tx:
        assert await tx.waits.of_order(order_id) == ()
        *_, woken = await tx.outbox.take(9)
    assert (before, woken.signal) == (1, WOKEN)
    assert Woken.model_validate_json(woken.payload).ticket >= waits.ticket > 0


async def test_a_person_who_ends_the_hold_waves_the_order_through_for_good(record: FakeRecord) -> None:
    await say(record, restrictions="flammable|lot")
    order_id = await recorded(record, channel_order())
    await look(record, order_id)
    await release(record, order_id, HoldReason.RESTRICTED)
    assert (await look(record, order_id)).waits_for == (f"hold:tracing:{order_id}",)
    await release(record, order_id, HoldReason.TRACING)
    seen = await look(record, order_id)
    assert (seen.held, seen.planned) == (False, 1)


@pytest.mark.parametrize("kept", ["lot", "serial"])
async def test_goods_of_which_each_piece_is_traced_are_held(record: FakeRecord, kept: str) -> None:
    await say(record, restrictions=kept)
    await place(record, BERLIN, handles=frozenset(Restriction))
    order_id = await recorded(record, channel_order())
    assert (await look(record, order_id)).held
    assert await held(record, order_id) == {HoldReason.TRACING}


async def test_nobody_hands_over_what_needs_an_age_check_even_where_it_is_handled(record: FakeRecord) -> None:
    await say(record, restrictions="age-18")
    await place(record, BERLIN, handles=frozenset({Restriction.AGE_18}))
    order_id = await recorded(record, pickup_order())
    assert (await look(record, order_id)).held
    assert await held(record, order_id) == {HoldReason.AGE_CHECK}


@pytest.mark.parametrize("restriction", [Restriction.AGE_18, Restriction.SERIAL, Restriction.FLAMMABLE])
async def test_a_pickup_that_an_operator_moves_to_another_store_is_held_there(
    record: FakeRecord, restriction: Restriction
) -> None:
    await say(record, restrictions=restriction.value)
    await receive(record, 10, place=MUNICH)
    await place(record, BERLIN, handles=frozenset(Restriction))
    order_id = await recorded(record, pickup_order())
    async with record.begin() as tx:
        seen = await review_in(tx, ReviewRequest(order_id=order_id, only=MUNICH), Policy(), NOW)
    assert (seen.held, seen.planned) == (True, 0)


async def test_a_place_that_handles_them_ships_goods_with_an_age_limit(record: FakeRecord) -> None:
    await say(record, restrictions="age-18")
    await place(record, BERLIN, handles=frozenset({Restriction.AGE_18}))
    assert (await look(record, await recorded(record, channel_order()))).planned == 1


async def test_goods_for_beyond_the_border_are_held_until_customs_can_be_told_what_they_are(record: FakeRecord) -> None:
    order_id = await recorded(record, TO_ZURICH)
    assert (await look(record, order_id)).held
    await say(record, hs_code="090210")
    assert await held(record, order_id) == {HoldReason.CUSTOMS_DATA}
    assert (await look(record, order_id)).held
    await say(record, origin="IN")
    seen = await look(record, order_id)
    assert (seen.held, seen.planned, await held(record, order_id)) == (False, 1, set())


async def test_what_is_said_of_the_sku_wakes_those_who_are_held_for_it(record: FakeRecord) -> None:
    order_id = await recorded(record, TO_ZURICH)
    await look(record, order_id)
    await say(record, hs_code="090210", origin="IN")
    async with record.begin() as tx:
        assert [event.cause for event in await tx.waits.next_events(10)] == [f"hold:customs-data:{order_id}"]


@pytest.mark.parametrize("reason", ["serial", "lot", "flammable"])
async def test_a_sku_that_is_restricted_no_more_wakes_those_who_are_held_for_it(
    record: FakeRecord, reason: str
) -> None:
    await say(record, restrictions=reason)
    order_id = await recorded(record, channel_order())
    (cause,) = (await look(record, order_id)).waits_for
    await say(record, restrictions="-")
    assert await open_causes(record) == {cause}
    assert (await look(record, order_id)).planned == 1


async def test_a_pickup_that_needs_no_paper_any_more_is_woken(record: FakeRecord) -> None:
    await say(record, restrictions="age-18")
    await place(record, BERLIN, handles=frozenset({Restriction.AGE_18}))
    order_id = await recorded(record, pickup_order())
    await look(record, order_id)
    await say(record, restrictions="-")
    assert await open_causes(record) == {f"hold:age-check:{order_id}"}


async def test_an_order_whose_address_is_told_later_is_accepted_first_and_held_when_it_crosses_a_border(
    record: FakeRecord,
) -> None:
    order_id = await recorded(record, channel_order(address=None, address_later=True))
    seen = await look(record, order_id)
    assert (seen.acknowledge, seen.planned, seen.held) == (True, 1, False)
    async with record.begin() as tx:
        order = await tx.orders.load(order_id)
        assert await enter_address(tx, order, TO_ZURICH, NOW)
    seen = await look(record, order_id)
    assert (seen.held, seen.courses, await held(record, order_id)) == (True, (), {HoldReason.CUSTOMS_DATA})


@pytest.mark.parametrize(("price", "planned"), [(2, 0), (3, 1)])
async def test_each_part_of_a_kit_needs_a_value_for_customs(record: FakeRecord, price: int, planned: int) -> None:
    for sku in (TEA, MUG, "SET"):
        await say(record, sku, title=sku, hs_code="090210", origin="IN")
    parts = (Component(sku=TEA, units=1, share=price // 3), Component(sku=MUG, units=1, share=price - price // 3))
    line = channel_line(sku="SET", unit_price=price)
    order_id = await record_order(record, channel_order(line, address=address(country="CH")), match=False)
    async with record.begin() as tx:
        await tx.orders.match_lines(order_id, {"1": Matched(sku="SET", components=parts)})
    assert (await look(record, order_id)).planned == planned


async def test_goods_without_a_price_have_no_value_for_customs(record: FakeRecord) -> None:
    await say(record, hs_code="090210", origin="IN")
    order_id = await recorded(record, channel_order(channel_line(unit_price=0), address=address(country="CH")))
    assert (await look(record, order_id)).held


@pytest.mark.parametrize("country", ["DE", "AT", "MC"])
async def test_nothing_is_asked_inside_one_customs_union(record: FakeRecord, country: str) -> None:
    order_id = await recorded(record, channel_order(address=address(country=country)))
    assert (await look(record, order_id)).planned == 1


async def test_a_place_on_the_right_side_of_the_border_is_taken_instead(record: FakeRecord) -> None:
    await receive(record, 10, place=MUNICH)
    await place(record, MUNICH, country="CH", time_zone="Europe/Zurich", rank=999)
    seen = await look(record, await recorded(record, TO_ZURICH))
    assert [course.location for course in seen.courses] == [MUNICH]


async def test_other_lines_of_a_held_order_keep_their_stock(record: FakeRecord) -> None:
    await say(record, MUG, restrictions="serial")
    order_id = await recorded(record, channel_order(channel_line("1"), channel_line("2", sku=MUG)))
    seen = await look(record, order_id)
    assert (seen.held, seen.planned) == (True, 1)
    async with record.begin() as tx:
        levels = {level.sku: level.reserved for level in await tx.stock.levels([TEA, MUG])}
    assert levels == {TEA: 1, MUG: 0}


async def test_a_hold_that_a_person_placed_is_not_ended_by_itself(record: FakeRecord) -> None:
    order_id = await recorded(record, channel_order())
    async with record.begin() as tx:
        await tx.orders.place_hold(order_id, HoldReason.RESTRICTED, "boss", NOW)
    seen = await look(record, order_id)
    assert (seen.held, seen.waits_for) == (True, (f"hold:restricted:{order_id}",))
    assert [hold.placed_by for hold in (await load(record, order_id)).holds] == ["boss"]


async def test_the_wait_says_that_a_barrier_stands(record: FakeRecord) -> None:
    await say(record, restrictions="medicine")
    order_id = await recorded(record, channel_order())
    await look(record, order_id)
    async with record.begin() as tx:
        assert [(wait.cause, wait.code) for wait in await tx.waits.of_order(order_id)] == [
            (f"hold:restricted:{order_id}", BARRED)
        ]
