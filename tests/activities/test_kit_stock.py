"""Whatever kits and packs are ordered and cancelled: what is reserved is what the planned lines are made of."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.cancellation import cancel_units
from activities.review import review_in
from activities.steps import ReviewRequest
from domain.kit import KitPart, explode
from domain.listing import Listing
from domain.order import ChannelOrder
from domain.policy import Policy
from tests.builders import ACCOUNT, BERLIN, MUNICH, NOW, channel_line, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, receive, record_order, seed_catalog

GOODS = ("G0", "G1", "G2")
_PARTS = st.lists(
    st.tuples(st.sampled_from(GOODS), st.integers(1, 3), st.integers(0, 4)),
    min_size=1, max_size=3, unique_by=lambda part: part[0],
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    parts=_PARTS,
    nested=st.integers(1, 3),
    lines=st.lists(
        st.tuples(st.sampled_from(("KIT", "BOX", *GOODS)), st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=4
    ),
    stock=st.tuples(*(st.integers(0, 60) for _ in range(2 * len(GOODS)))),
    cancelled=st.lists(st.integers(0, 4), min_size=4, max_size=4),
)
def test_what_is_reserved_is_what_the_planned_lines_are_made_of(
    parts: list[tuple[str, int, int]],
    nested: int,
    lines: list[tuple[str, int, int]],
    stock: tuple[int, ...],
    cancelled: list[int],
) -> None:
    kits = {
        "KIT": tuple(KitPart(sku=sku, units=units, worth=worth) for sku, units, worth in parts),
        "BOX": (KitPart(sku="KIT", units=nested), KitPart(sku="G0", units=1)),
    }

    async def live() -> None:
        record = await _shop(kits, lines, stock)
        order_id = await record_order(record, _order(lines), match=False)
        await _review(record, order_id)
        await _require_kept(record, order_id, kits, lines)
        totals = {str(place): units for place, units in enumerate(cancelled[: len(lines)])}
        async with record.begin() as tx:
            await cancel_units(tx, await tx.orders.load(order_id, lock=True), totals, NOW, told=False)
        await _review(record, order_id)
        await _require_kept(record, order_id, kits, lines)
        kept = await load(record, order_id)
        assert {line.line_id: line.cancelled for line in kept.lines} == {
            line.line_id: min(totals[line.line_id], line.quantity) for line in kept.lines
        }

    asyncio.run(live())


async def _shop(
    kits: dict[str, tuple[KitPart, ...]], lines: list[tuple[str, int, int]], stock: tuple[int, ...]
) -> FakeRecord:
    record = FakeRecord()
    await seed_catalog(record)
    async with record.begin() as tx:
        for sku in (*GOODS, *kits):
            await tx.catalog.save_sku(sku, sku, 1)
        for kit, parts in kits.items():
            await tx.kits.save(kit, parts, "kim", NOW)
        listings = [Listing(listing_id=f"L{place}", sku=sku, units=pack) for place, (sku, pack, _) in enumerate(lines)]
        await tx.listings.save(ACCOUNT, listings, "kim", NOW)
    places = [(sku, place) for place in (BERLIN, MUNICH) for sku in GOODS]
    for (sku, place), units in zip(places, stock, strict=True):
        if units:
            await receive(record, units, sku, place)
    return record


def _order(lines: list[tuple[str, int, int]]) -> ChannelOrder:
    return channel_order(
        *(
            channel_line(str(place), quantity, sku="", listing_id=f"L{place}", unit_price=999)
            for place, (_, _, quantity) in enumerate(lines)
        )
    )


async def _review(record: FakeRecord, order_id: str) -> None:
    async with record.begin() as tx:
        await review_in(tx, ReviewRequest(order_id=order_id), Policy(), NOW)


async def _require_kept(
    record: FakeRecord, order_id: str, kits: dict[str, tuple[KitPart, ...]], lines: list[tuple[str, int, int]]
) -> None:
    kept = await load(record, order_id)
    needed: Counter[str] = Counter()
    for line in kept.lines:
        sku, pack, _ = lines[int(line.line_id)]
        for own in explode(sku, pack, kits):
            needed[own.sku] += own.units * line.planned
        assert sum(own.share for own in line.components) in {0, line.unit_price}
    async with record.begin() as tx:
        levels = await tx.stock.levels(GOODS)
    reserved: Counter[str] = Counter()
    for level in levels:
        reserved[level.sku] += level.reserved
        assert level.reserved <= level.on_hand
    assert +reserved == +needed
