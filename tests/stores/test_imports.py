"""Imports: rows beside the record, checked against it and merged into it, in both records."""

from __future__ import annotations

from domain.imports import ImportKind, read_entry
from domain.kit import KitPart
from domain.ports.stores import Record
from domain.restriction import Restriction
from tests.builders import ACCOUNT, BERLIN, MUG, NOW, TEA
from tests.stores.scenes import let_wait, open_causes, receive
from tests.stores.staging import EVERYTHING, imported, merge, stage, told


async def test_a_listing_is_mapped_and_a_repeat_changes_nothing(record: Record) -> None:
    rows = {2: {"account": ACCOUNT, "listing_id": "L1", "sku": TEA, "units": 6}}
    assert await imported(record, ImportKind.LISTINGS, rows) == 1
    assert await imported(record, ImportKind.LISTINGS, rows) == 0
    async with record.begin() as tx:
        (listing,) = (await tx.listings.mappings(ACCOUNT, ["L1"])).values()
    assert (listing.sku, listing.units) == (TEA, 6)


async def test_a_mapped_listing_clears_its_cause_where_that_is_waited_for(record: Record) -> None:
    await let_wait(record, f"sku:{ACCOUNT}:L-1", f"sku:{ACCOUNT}:L-3")
    rows = {n: {"account": ACCOUNT, "listing_id": f"L-{n}", "sku": TEA} for n in (1, 2)}
    await imported(record, ImportKind.LISTINGS, rows)
    assert await open_causes(record) == {f"sku:{ACCOUNT}:L-1"}
    async with record.begin() as tx:
        (event,) = await tx.waits.next_events(9)
    await imported(record, ImportKind.LISTINGS, rows, "again")
    async with record.begin() as tx:
        assert await tx.waits.next_events(9) == (event,)


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
    assert await merge(record, opened) == 0
    assert await merge(record, opened, EVERYTHING.model_copy(update={"kits": True})) == 1
    async with record.begin() as tx:
        kits = await tx.imports.kits(opened.import_id, 0, 10)
    assert [(kit.sku, kit.written) for kit in kits] == [("SET", False), ("NEW-SET", True)]


async def test_what_lies_in_stock_cannot_become_a_kit_by_a_file(record: Record) -> None:
    await receive(record, 3)
    rows = {1: {"sku": TEA, "components": MUG}, 2: {"sku": MUG, "components": "-"}}
    assert [row for row, _, _ in await told(record, await stage(record, ImportKind.SKUS, rows))] == [1]


async def test_staged_rows_say_what_is_to_be_retired(record: Record) -> None:
    rows = {1: {"sku": TEA, "retired": "yes"}, 2: {"sku": MUG, "retired": "no"}, 3: {"sku": "CUP"}}
    opened = await stage(record, ImportKind.SKUS, rows)
    async with record.begin() as tx:
        assert await tx.imports.retiring(opened.import_id, [TEA, "CUP", "NOTHING"]) == {TEA: True}
        assert await tx.imports.retiring(opened.import_id, [MUG]) == {MUG: False}


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
