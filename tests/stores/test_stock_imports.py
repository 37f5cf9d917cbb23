"""Imports of stock: counts checked against the record and merged into it, in both records."""

from __future__ import annotations

from datetime import timedelta

from domain.imports import ImportKind
from domain.ports.stores import Record
from domain.ports.stores.imports import Stretch
from tests.builders import BERLIN, MUG, NOW, TEA, fulfillment, movement
from tests.stores.scenes import add_part, let_wait, open_causes, quantities_of, receive, record_order, stock_of
from tests.stores.staging import imported, merge, stage, told


async def test_stock_is_set_to_what_was_counted(record: Record) -> None:
    await receive(record, 3)
    rows = {
        2: {"sku": TEA, "location": BERLIN, "on_hand": 8, "safety": 2},
        3: {"sku": MUG, "location": BERLIN, "on_hand": 0},
    }
    assert await imported(record, ImportKind.STOCK, rows) == 2
    level = await stock_of(record)
    assert (level.on_hand, level.safety, level.available) == (8, 2, 6)


async def test_a_row_of_stock_counts_once_under_its_name(record: Record) -> None:
    rows = {2: {"sku": TEA, "location": BERLIN, "on_hand": 8}}
    assert await imported(record, ImportKind.STOCK, rows) == 1
    await receive(record, 5)
    assert await imported(record, ImportKind.STOCK, rows) == 0
    assert await quantities_of(record) == (13, 0)
    assert await imported(record, ImportKind.STOCK, rows, "another") == 1
    assert await quantities_of(record) == (8, 0)


async def test_rows_that_were_refused_count_in_whatever_row_they_come_again(record: Record) -> None:
    first = {2: {"sku": "TAE", "location": BERLIN, "on_hand": 7}, 3: {"sku": MUG, "location": BERLIN, "on_hand": 5}}
    opened = await stage(record, ImportKind.STOCK, first, "tuesday")
    assert (await merge(record, opened), [row for row, _, _ in await told(record, opened)]) == (1, [2])
    corrected = {3: {"sku": TEA, "location": BERLIN, "on_hand": 7}}
    assert await imported(record, ImportKind.STOCK, corrected, "tuesday") == 1
    assert (await quantities_of(record), await quantities_of(record, MUG)) == ((7, 0), (5, 0))


async def test_what_was_sold_before_a_count_is_in_it_also_where_the_count_is_what_was_known(record: Record) -> None:
    await receive(record, 8)
    await imported(record, ImportKind.STOCK, {2: {"sku": TEA, "location": BERLIN, "on_hand": 8}})
    sold = movement(-2)
    async with record.begin() as tx:
        assert await tx.shelves.change(sold, NOW - timedelta(minutes=1)) == 0
    assert await quantities_of(record) == (8, 0)


async def test_safety_that_is_not_given_stays(record: Record) -> None:
    await imported(record, ImportKind.STOCK, {2: {"sku": TEA, "location": BERLIN, "on_hand": 8, "safety": 3}}, "a")
    await imported(record, ImportKind.STOCK, {2: {"sku": TEA, "location": BERLIN, "on_hand": 9}}, "b")
    assert (await stock_of(record)).safety == 3


async def test_fewer_than_reserved_are_refused(record: Record) -> None:
    await receive(record, 5)
    order_id = await record_order(record)
    await add_part(record, fulfillment(order_id, quantities={"1": 1}), reserve=True)
    opened = await stage(record, ImportKind.STOCK, {2: {"sku": TEA, "location": BERLIN, "on_hand": 0}})
    assert await told(record, opened) == [(2, "on_hand", "0 are fewer than the 1 reserved for orders")]
    assert await merge(record, opened) == 0
    assert await quantities_of(record) == (5, 1)


async def test_units_reserved_since_the_check_are_refused_at_the_merge(record: Record) -> None:
    await receive(record, 5)
    order_id = await record_order(record)
    opened = await stage(record, ImportKind.STOCK, {2: {"sku": TEA, "location": BERLIN, "on_hand": 0}})
    await add_part(record, fulfillment(order_id, quantities={"1": 1}), reserve=True)
    assert await merge(record, opened) == 0
    assert [row for row, _, _ in await told(record, opened)] == [2]
    async with record.begin() as tx:
        assert await tx.imports.staged(opened.import_id, ImportKind.STOCK) == 0
    assert await quantities_of(record) == (5, 1)


async def test_unknown_skus_and_places_are_refused_by_row(record: Record) -> None:
    rows = {
        2: {"sku": "NOTHING", "location": BERLIN, "on_hand": 1},
        3: {"sku": TEA, "location": "NOWHERE", "on_hand": 1},
        4: {"sku": TEA, "location": BERLIN, "on_hand": 1},
    }
    opened = await stage(record, ImportKind.STOCK, rows)
    assert await told(record, opened) == [
        (2, "sku", "there is no SKU NOTHING"),
        (3, "location", "there is no location NOWHERE"),
    ]
    assert await merge(record, opened) == 1


async def test_rows_that_contradict_each_other_are_all_refused(record: Record) -> None:
    rows = {row: {"sku": TEA, "location": BERLIN, "on_hand": row} for row in (2, 5)}
    opened = await stage(record, ImportKind.STOCK, rows)
    assert await told(record, opened) == [
        (2, "sku", f"{TEA} at {BERLIN} stands in row 5 as well"),
        (5, "sku", f"{TEA} at {BERLIN} stands in row 2 as well"),
    ]
    assert await merge(record, opened) == 0


async def test_counted_stock_clears_the_causes_that_are_waited_for(record: Record) -> None:
    await let_wait(record, f"stock:{TEA}")
    rows = {row: {"sku": sku, "location": BERLIN, "on_hand": 4} for row, sku in ((2, TEA), (3, MUG))}
    await imported(record, ImportKind.STOCK, rows)
    assert await open_causes(record) == {f"stock:{TEA}"}


async def test_less_stock_than_before_clears_nothing(record: Record) -> None:
    await receive(record, 9)
    await let_wait(record, f"stock:{TEA}")
    await imported(record, ImportKind.STOCK, {2: {"sku": TEA, "location": BERLIN, "on_hand": 4}})
    assert await open_causes(record) == set()


async def test_only_the_stretch_is_merged(record: Record) -> None:
    rows = {row: {"sku": sku, "location": BERLIN, "on_hand": 4} for row, sku in ((2, TEA), (3, MUG))}
    opened = await stage(record, ImportKind.STOCK, rows)
    assert await merge(record, opened, Stretch(after=2, upto=3)) == 1
    async with record.begin() as tx:
        assert await tx.stock.levels([TEA]) == ()
    assert await quantities_of(record, MUG) == (4, 0)
