"""Imports: rows beside the record, checked against it and merged into it, in both records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.imports import Entry, ImportKind, read_entry
from domain.kit import KitPart
from domain.ports.stores import Record
from domain.ports.stores.imports import Import, Stretch
from domain.restriction import Restriction
from tests.builders import ACCOUNT, BERLIN, MUG, NOW, TEA, fulfillment
from tests.stores.scenes import add_part, let_wait, open_causes, quantities_of, receive, record_order, stock_of

EVERYTHING = Stretch(after=0, upto=1_000_000)


def entry(kind: ImportKind, row: int, **cells: Any) -> Entry:
    found = read_entry(kind, row, cells)
    assert isinstance(found, Entry), found
    return found


async def stage(record: Record, kind: ImportKind, rows: Mapping[int, dict[str, Any]], name: str = "file") -> Import:
    """Stage rows and check them."""
    async with record.begin() as tx:
        number = await tx.imports.open(kind, "ops", NOW)
        opened = Import(import_id=number, kind=kind, name=name, actor="ops")
        await tx.imports.stage(number, kind, [(row, entry(kind, row, **cells)) for row, cells in rows.items()])
        await tx.imports.check(opened)
    return opened


async def merge(record: Record, opened: Import, stretch: Stretch = EVERYTHING) -> int:
    async with record.begin() as tx:
        return await tx.imports.merge(opened, stretch, NOW)


async def told(record: Record, opened: Import) -> list[tuple[int, str, str]]:
    async with record.begin() as tx:
        found = await tx.imports.problems(opened.import_id, 0, 100)
    return [(problem.row, problem.field, problem.wrong) for problem in found]


async def imported(record: Record, kind: ImportKind, rows: Mapping[int, dict[str, Any]], name: str = "file") -> int:
    """Stage, check and merge rows of which none is wrong; return how many were news."""
    opened = await stage(record, kind, rows, name)
    assert await told(record, opened) == []
    return await merge(record, opened)


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


async def test_a_listing_is_mapped_and_a_repeat_changes_nothing(record: Record) -> None:
    rows = {2: {"account": ACCOUNT, "listing_id": "L1", "sku": TEA, "units": 6}}
    assert await imported(record, ImportKind.LISTINGS, rows) == 1
    assert await imported(record, ImportKind.LISTINGS, rows) == 0
    async with record.begin() as tx:
        (listing,) = (await tx.listings.mappings(ACCOUNT, ["L1"])).values()
    assert (listing.sku, listing.units) == (TEA, 6)


async def test_units_that_are_not_given_stay_while_the_sku_stays(record: Record) -> None:
    row = {"account": ACCOUNT, "listing_id": "L1"}
    await imported(record, ImportKind.LISTINGS, {2: row | {"sku": TEA, "units": 6}})
    assert await imported(record, ImportKind.LISTINGS, {2: row | {"sku": TEA}}) == 0
    assert await imported(record, ImportKind.LISTINGS, {2: row | {"sku": MUG}}) == 1
    async with record.begin() as tx:
        (listing,) = (await tx.listings.mappings(ACCOUNT, ["L1"])).values()
    assert (listing.sku, listing.units) == (MUG, 1)


async def test_listings_of_unknown_channels_and_of_unknown_or_retired_skus_are_refused(record: Record) -> None:
    async with record.begin() as tx:
        await tx.kits.retire(MUG, retired=True)
    rows = {
        1: {"account": "nobody", "listing_id": "L1", "sku": TEA},
        2: {"account": ACCOUNT, "listing_id": "L2", "sku": "NOTHING"},
        3: {"account": ACCOUNT, "listing_id": "L3", "sku": MUG},
    }
    opened = await stage(record, ImportKind.LISTINGS, rows)
    assert await told(record, opened) == [
        (1, "account", "there is no channel nobody"),
        (2, "sku", "there is no SKU NOTHING"),
        (3, "sku", f"{MUG} is retired"),
    ]


async def test_a_sku_is_made_with_what_is_given_and_keeps_what_is_not(record: Record) -> None:
    first = {
        "sku": "NEW",
        "title": "New",
        "weight_grams": 70,
        "gtin": "4006381333931",
        "restrictions": "age-18|aerosol",
    }
    assert await imported(record, ImportKind.SKUS, {1: first}) == 1
    assert await imported(record, ImportKind.SKUS, {1: first}) == 0
    assert await imported(record, ImportKind.SKUS, {1: {"sku": "NEW", "brand": "Nova"}}) == 1
    assert await imported(record, ImportKind.SKUS, {1: {"sku": "NEW", "weight_grams": 70}}) == 0
    async with record.begin() as tx:
        assert await tx.catalog.weight(["NEW"]) == {"NEW": 70}


async def test_a_kit_may_be_made_of_skus_of_the_same_file_only_if_they_are_there(record: Record) -> None:
    rows = {
        1: {"sku": "SET", "components": f"{TEA}*2|CUP"},
        2: {"sku": "CUP"},
        3: {"sku": "OTHER-SET", "components": "NOTHING"},
    }
    opened = await stage(record, ImportKind.SKUS, rows)
    assert [(row, field) for row, field, _ in await told(record, opened)] == [(3, "components")]
    async with record.begin() as tx:
        (kit,) = await tx.imports.kits(opened.import_id, 0, 10)
        assert await tx.imports.kits(opened.import_id, 1, 10) == ()
    assert (kit.sku, kit.parts) == ("SET", (KitPart(sku=TEA, units=2), KitPart(sku="CUP", units=1)))


async def test_a_staged_kit_says_whether_the_merge_of_its_sku_was_news(record: Record) -> None:
    await imported(record, ImportKind.SKUS, {1: {"sku": "SET", "title": "A set"}})
    rows = {1: {"sku": "SET", "title": "A set", "components": TEA}, 2: {"sku": "NEW-SET", "components": TEA}}
    opened = await stage(record, ImportKind.SKUS, rows)
    assert await merge(record, opened) == 1
    async with record.begin() as tx:
        kits = await tx.imports.kits(opened.import_id, 0, 10)
    assert [(kit.sku, kit.written) for kit in kits] == [("SET", False), ("NEW-SET", True)]


async def test_what_is_known_of_a_sku_clears_the_holds_that_lacked_it(record: Record) -> None:
    cause = "hold:customs-data:shop/1001"
    await let_wait(record, cause)
    await imported(record, ImportKind.SKUS, {1: {"sku": TEA, "hs_code": "090210", "origin": "IN"}})
    assert await open_causes(record) == {cause}


async def test_a_location_is_made_and_changed_where_something_is_given(record: Record) -> None:
    rows = {2: {"code": "VIE", "name": "Wien", "country": "AT", "time_zone": "Europe/Vienna", "handles": "age-18"}}
    assert await imported(record, ImportKind.LOCATIONS, rows) == 1
    assert await imported(record, ImportKind.LOCATIONS, rows) == 0
    changed = {"code": "VIE", "name": "Wien Mitte", "country": "AT", "time_zone": "Europe/Vienna", "rank": "7"}
    assert await imported(record, ImportKind.LOCATIONS, {2: changed}) == 1
    async with record.begin() as tx:
        place = next(place for place in await tx.catalog.locations() if place.code == "VIE")
    assert (place.name, place.rank, place.handles) == ("Wien Mitte", 7, {Restriction.AGE_18})


async def test_a_refused_row_is_told_and_taken_out(record: Record) -> None:
    opened = await stage(record, ImportKind.STOCK, {2: {"sku": TEA, "location": BERLIN, "on_hand": 8}})
    found = read_entry(ImportKind.STOCK, 2, {"sku": TEA, "location": BERLIN, "on_hand": -8})
    assert isinstance(found, list)
    async with record.begin() as tx:
        await tx.imports.refuse(opened.import_id, ImportKind.STOCK, found)
        assert await tx.imports.staged(opened.import_id, ImportKind.STOCK) == 0
        assert await tx.imports.problems(opened.import_id, 0, 10) == tuple(found)


async def test_problems_come_by_row_and_those_of_one_row_together(record: Record) -> None:
    async with record.begin() as tx:
        number = await tx.imports.open(ImportKind.STOCK, "ops", NOW)
        for row in (3, 2):
            found = read_entry(ImportKind.STOCK, row, {"sku": TEA})
            assert isinstance(found, list)
            await tx.imports.refuse(number, ImportKind.STOCK, found)
        page = await tx.imports.problems(number, 0, 1)
        assert [(problem.row, problem.field) for problem in page] == [(2, "location"), (2, "on_hand")]
        assert [problem.row for problem in await tx.imports.problems(number, 2, 10)] == [3, 3]


async def test_a_closed_import_leaves_nothing_behind_and_touches_no_other(record: Record) -> None:
    row = {2: {"sku": TEA, "location": BERLIN, "on_hand": 8}, 3: {"sku": "NOTHING", "location": BERLIN, "on_hand": 8}}
    closed, open_ = await stage(record, ImportKind.STOCK, row), await stage(record, ImportKind.STOCK, row)
    async with record.begin() as tx:
        await tx.imports.close(closed, 0, 0, NOW)
        assert await tx.imports.staged(closed.import_id, ImportKind.STOCK) == 0
        assert await tx.imports.staged(open_.import_id, ImportKind.STOCK) == 1
    assert (await told(record, closed), len(await told(record, open_))) == ([], 1)
