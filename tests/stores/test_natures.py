"""What is known of SKUs beside their stock, gifts, and who was waved past a barrier, in both records."""

from __future__ import annotations

from domain.barrier import BARRED_BY
from domain.imports import ImportKind
from domain.order import HoldReason
from domain.ports.stores import Record
from domain.ports.stores.listing import WantedLine
from domain.restriction import Nature, Restriction
from tests.builders import ACCOUNT, MUG, NOW, TEA, channel_order
from tests.stores.scenes import load, record_order
from tests.stores.test_imports import imported


async def test_a_sku_of_which_nothing_was_said_is_unrestricted_and_undeclared(record: Record) -> None:
    async with record.begin() as tx:
        assert await tx.catalog.natures([TEA, "NOTHING"]) == {TEA: Nature()}


async def test_what_was_said_of_a_sku_is_known(record: Record) -> None:
    rows = {
        1: {"sku": TEA, "restrictions": "age-18|lot", "hs_code": "090210", "origin": "IN"},
        2: {"sku": MUG, "hs_code": "691110"},
    }
    await imported(record, ImportKind.SKUS, rows)
    wanted = Nature(restrictions=frozenset({Restriction.AGE_18, Restriction.LOT}), declared=True)
    async with record.begin() as tx:
        assert await tx.catalog.natures([TEA, MUG]) == {TEA: wanted, MUG: Nature()}


async def test_answers_for_a_line_say_what_is_known_of_its_goods(record: Record) -> None:
    await imported(record, ImportKind.SKUS, {1: {"sku": TEA, "restrictions": "flammable"}})
    line = WantedLine(line_id="1", listing_id="L1", channel_sku=TEA)
    async with record.begin() as tx:
        answers = await tx.listings.answers(ACCOUNT, [line])
    assert answers.natures == {TEA: Nature(restrictions=frozenset({Restriction.FLAMMABLE}))}


async def test_only_a_person_who_ends_the_hold_of_a_barrier_waives_it(record: Record) -> None:
    order_id = await record_order(record)
    ends = {
        HoldReason.RESTRICTED: (BARRED_BY, "boss"),
        HoldReason.TRACING: (BARRED_BY, BARRED_BY),
        HoldReason.AGE_CHECK: ("boss", "boss"),
    }
    async with record.begin() as tx:
        assert await tx.orders.waived(order_id) == frozenset()
        for reason, (placed_by, released_by) in ends.items():
            assert await tx.orders.place_hold(order_id, reason, placed_by, NOW)
            assert await tx.orders.release_hold(order_id, reason, released_by, NOW)
        assert await tx.orders.waived(order_id) == {HoldReason.RESTRICTED}


async def test_an_order_keeps_whether_it_is_a_gift(record: Record) -> None:
    gift = await record_order(record, channel_order(gift=True))
    plain = await record_order(record, channel_order(channel_order_id="1002"))
    assert ((await load(record, gift)).gift, (await load(record, plain)).gift) == (True, False)
