"""Whatever becomes of ordered kits and packs: after every step what is reserved is what planned lines are made of."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.cancellation import cancel_units
from activities.rejection import reject_units
from activities.review import review_in
from activities.steps import ReviewRequest
from domain.facts import LinesRejected, RejectedLine
from domain.fulfillment import Fulfillment, Stage
from domain.kit import KitPart, explode
from domain.listing import Listing
from domain.order import ChannelOrder
from domain.policy import Policy
from tests.builders import ACCOUNT, BERLIN, MUNICH, NOW, channel_line, channel_order
from tests.fakes.record import FakeRecord
from tests.stores.scenes import load, receive, record_order, seed_catalog, walk

GOODS = ("G0", "G1", "G2")
_PARTS = st.lists(
    st.tuples(st.sampled_from(GOODS), st.integers(1, 3), st.integers(0, 4)),
    min_size=1, max_size=3, unique_by=lambda part: part[0],
)  # fmt: skip


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.sampled_from(GOODS), st.integers(1, 30)),
        st.tuples(st.just("cancel"), st.integers(0, 3), st.integers(1, 4)),
        st.tuples(st.just("release"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("reject"), st.integers(0, 3), st.integers(1, 4)),
        st.tuples(st.just("review"), st.just(0), st.just(0)),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    parts=_PARTS,
    nested=st.integers(1, 3),
    lines=st.lists(
        st.tuples(st.sampled_from(("KIT", "BOX", *GOODS)), st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=4
    ),
    stock=st.tuples(*(st.integers(0, 60) for _ in range(2 * len(GOODS)))),
    steps=_STEPS,
)
def test_what_is_reserved_is_what_the_planned_lines_are_made_of(
    parts: list[tuple[str, int, int]],
    nested: int,
    lines: list[tuple[str, int, int]],
    stock: tuple[int, ...],
    steps: list[tuple[str, Any, int]],
) -> None:
    kits = {
        "KIT": tuple(KitPart(sku=sku, units=units, worth=worth) for sku, units, worth in parts),
        "BOX": (KitPart(sku="KIT", units=nested), KitPart(sku="G0", units=1)),
    }

    async def live() -> None:
        record = await _shop(kits, lines, stock)
        order_id = await record_order(record, _order(lines), match=False)
        for what, subject, units in [("review", 0, 0), *steps, ("review", 0, 0)]:
            await _ACTS[what](record, order_id, subject, units)
            await _require_kept(record, order_id, kits, lines)

    asyncio.run(live())


async def _review(record: FakeRecord, order_id: str, _subject: int, _units: int) -> None:
    async with record.begin() as tx:
        await review_in(tx, ReviewRequest(order_id=order_id), Policy(), NOW)


async def _receive(record: FakeRecord, _order_id: str, sku: str, units: int) -> None:
    await receive(record, units, sku)


async def _cancel(record: FakeRecord, order_id: str, place: int, units: int) -> None:
    """Cancel units of a line; those of a part that somebody is at work on are given back when it is wound down."""
    async with record.begin() as tx:
        await cancel_units(tx, await tx.orders.load(order_id, lock=True), {str(place): units}, NOW, told=False)
    for line in (await load(record, order_id)).lines:
        assert 0 <= line.cancelled <= line.quantity


async def _release(record: FakeRecord, order_id: str, place: int, _units: int) -> None:
    if part := await _part(record, order_id, place, Stage.PLANNED):
        await walk(record, part.fulfillment_id, Stage.RELEASED)


async def _reject(record: FakeRecord, order_id: str, place: int, units: int) -> None:
    """Let a location find some goods of a line damaged: those are off the books, the others of their sets are free."""
    part = await _part(record, order_id, place, Stage.RELEASED)
    if part is None:
        return
    left = [line for line in part.lines if line.quantity]
    line = left[place % len(left)]
    own = line.made_of[units % len(line.made_of)]
    broken = min(units, own.units * line.quantity)
    rejected = RejectedLine(line_id=line.line_id, sku=own.sku, quantity=broken, reason="damaged")
    before = await _lying(record)
    async with record.begin() as tx:
        await reject_units(tx, LinesRejected(fulfillment_id=part.fulfillment_id, lines=(rejected,)), NOW)
    assert await _lying(record) == before - Counter({own.sku: broken})


_ACTS: dict[str, Any] = {
    "review": _review, "receive": _receive, "cancel": _cancel, "release": _release, "reject": _reject
}  # fmt: skip


async def _part(record: FakeRecord, order_id: str, place: int, stage: Stage) -> Fulfillment | None:
    parts = [part for part in (await load(record, order_id)).fulfillments if part.stage is stage]
    parts = [part for part in parts if any(line.quantity for line in part.lines)]
    return parts[place % len(parts)] if parts else None


async def _lying(record: FakeRecord) -> Counter[str]:
    async with record.begin() as tx:
        levels = await tx.stock.levels(GOODS)
    lying: Counter[str] = Counter()
    for level in levels:
        lying[level.sku] += level.on_hand
    return +lying


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
