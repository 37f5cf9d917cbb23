"""Importing a file: whole or in part, once however often it is fed, and told row by row what is wrong."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities import importing
from activities.importing import Imported, Importer, ImportWish
from domain.errors import Refused
from domain.import_problem import RowProblem
from domain.imports import ImportKind
from domain.kit import KitPart
from domain.listing import Listing
from domain.ports.stores import Transaction
from infra.table import Table
from tests.builders import ACCOUNT, BERLIN, MUG, NOW, TEA, fulfillment
from tests.fakes.imports import FakeImportStore
from tests.fakes.record import FakeRecord
from tests.stores.scenes import (
    add_part,
    open_causes,
    quantities_of,
    receive,
    record_order,
    seed_catalog,
    start_publishing,
    wants_sweep,
)

HEADER = "sku,location,on_hand"
STOCK = ImportKind.STOCK


@pytest.fixture
async def record() -> FakeRecord:
    made = FakeRecord()
    await seed_catalog(made)
    return made


async def feed(
    record: FakeRecord, content: str | bytes, kind: ImportKind = STOCK, *, dry_run: bool = False, whole: bool = False
) -> tuple[Imported, list[RowProblem]]:
    """Import a file as a command would; nothing is left beside the record."""
    raw = content if isinstance(content, bytes) else content.encode()
    table = Table(kind, io.BytesIO(raw), is_json=None, encoding=None)
    wish = ImportWish(kind=kind, actor="ops", dry_run=dry_run, whole=whole)
    importer = Importer(record, wish, lambda: NOW, lambda what, rows: None)  # noqa: ARG005 - nobody watches
    try:
        await importer.read(table.rows())
        done = await importer.settle(table.digest)
        problems = [problem async for problem in importer.problems()]
    finally:
        await importer.close()
    assert (record.state.staged, record.state.row_problems) == ({}, {})
    return done, problems


def lines(*rows: str) -> str:
    return "\n".join([HEADER, *rows, ""])


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.rows, done.written, done.unchanged, done.refused


async def test_good_rows_are_imported_and_bad_ones_told(record: FakeRecord) -> None:
    done, problems = await feed(record, lines(f"{TEA},{BERLIN},4", f"{MUG},{BERLIN},-1", "CUP,BER,1"))
    assert counts(done) == (3, 1, 0, 2)
    assert [(problem.row, problem.field) for problem in problems] == [(3, "on_hand"), (4, "sku")]
    assert await quantities_of(record) == (4, 0)


async def test_a_file_that_is_fed_again_changes_nothing(record: FakeRecord) -> None:
    content = lines(f"{TEA},{BERLIN},4", f"{MUG},{BERLIN},5")
    await feed(record, content)
    await receive(record, 3)
    done, problems = await feed(record, content)
    assert (counts(done), problems) == ((2, 0, 2, 0), [])
    assert await quantities_of(record) == (7, 0)


async def test_a_dry_run_tells_everything_and_changes_nothing(record: FakeRecord) -> None:
    before = record.state.snapshot()
    done, problems = await feed(record, lines(f"{TEA},{BERLIN},4", "CUP,BER,1"), dry_run=True)
    assert (done.written, done.refused, len(problems)) == (0, 1, 1)
    after = record.state.snapshot()
    assert {name: rows for name, rows in after.items() if name != "sequences"} == {
        name: rows for name, rows in before.items() if name != "sequences"
    }


async def test_one_bad_row_keeps_all_of_them_out_when_all_or_nothing_is_asked(record: FakeRecord) -> None:
    done, problems = await feed(record, lines(f"{TEA},{BERLIN},4", "CUP,BER,1"), whole=True)
    assert (counts(done), len(problems)) == ((2, 0, 0, 1), 1)
    assert record.state.levels == {}


async def test_all_of_a_good_file_is_imported_at_once(record: FakeRecord) -> None:
    done, _ = await feed(record, lines(f"{TEA},{BERLIN},4", f"{MUG},{BERLIN},5"), whole=True)
    assert counts(done) == (2, 2, 0, 0)


async def test_what_is_overtaken_while_all_or_nothing_runs_leaves_nothing_behind(
    record: FakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STRETCH", 1)
    await receive(record, 5)
    order_id = await record_order(record)
    merge = Importer._merge_whole  # pyright: ignore[reportPrivateUsage] - the moment between check and merge

    async def reserve_first(importer: Importer, opened: importing.Import, good: int) -> tuple[int, int | None]:
        await add_part(record, fulfillment(order_id, quantities={"1": 1}), reserve=True)
        return await merge(importer, opened, good)

    monkeypatch.setattr(Importer, "_merge_whole", reserve_first)
    done, problems = await feed(record, lines(f"{MUG},{BERLIN},9", f"{TEA},{BERLIN},0"), whole=True)
    assert (done.written, [problem.row for problem in problems]) == (0, [3])
    assert await quantities_of(record) == (5, 1)
    assert (MUG, BERLIN) not in record.state.levels


async def test_a_file_that_breaks_in_the_middle_imports_nothing(record: FakeRecord) -> None:
    with pytest.raises(Refused, match="behind row 2"):
        await feed(record, lines(f"{TEA},{BERLIN},4", f'{MUG},"{BERLIN},5'))
    assert record.state.levels == {}


async def test_stretches_of_a_file_add_up_to_the_whole_of_it(
    record: FakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STRETCH", 2)
    rows = [f"S{number},,{number}" for number in range(7)]
    await feed(record, "sku,title,weight_grams\n" + "\n".join(rows), ImportKind.SKUS)
    done, _ = await feed(record, lines(*(f"S{number},{BERLIN},{number}" for number in range(7))))
    assert counts(done) == (7, 7, 0, 0)


async def test_kits_are_declared_when_all_rows_are_there(record: FakeRecord) -> None:
    content = "sku,components\nSET,CUP*2|POT@900\nCUP,\nPOT,\n"
    done, problems = await feed(record, content, ImportKind.SKUS)
    assert (counts(done), problems) == ((3, 3, 0, 0), [])
    assert [(part.sku, part.units, part.worth) for part in record.state.kits["SET"]] == [("CUP", 2, 1), ("POT", 1, 900)]
    again, _ = await feed(record, content, ImportKind.SKUS)
    assert counts(again) == (3, 0, 3, 0)


async def test_a_sku_that_becomes_a_kit_counts_as_one_row(record: FakeRecord) -> None:
    await feed(record, "sku,components\nSET,\nCUP,\n", ImportKind.SKUS)
    done, _ = await feed(record, "sku,components\nSET,CUP*2\nCUP,\n", ImportKind.SKUS)
    assert counts(done) == (2, 1, 1, 0)


KITS_THAT_CANNOT_BE = [
    f"sku,title,components\n{TEA},Better tea,CUP\nCUP,,\n",
    "sku,retired,components\nSET,,CUP\nCUP,yes,\n",
    f"sku,components\nSET,OLD-SET\n{MUG},\n",
]


@pytest.mark.parametrize("content", KITS_THAT_CANNOT_BE)
@pytest.mark.parametrize(("dry_run", "whole"), [(True, False), (False, True), (False, False)])
async def test_a_kit_that_cannot_be_picked_is_refused_whichever_way_it_is_imported(
    record: FakeRecord,
    content: str,
    dry_run: bool,  # noqa: FBT001 - given
    whole: bool,  # noqa: FBT001 - given
) -> None:
    await receive(record, 1)
    record.state.weights |= {"OLD-SET": 1, "OLD": 1}
    record.state.kits["OLD-SET"] = (KitPart(sku="OLD", units=1),)
    record.state.retired_skus["OLD"] = True
    kits, titles = dict(record.state.kits), dict(record.state.known_skus)
    done, problems = await feed(record, content, ImportKind.SKUS, dry_run=dry_run, whole=whole)
    assert [(problem.row, problem.field) for problem in problems] == [(2, "components")]
    assert (done.rows, done.refused, record.state.kits) == (2, 1, kits)
    assert (record.state.known_skus.get(TEA), "SET" in record.state.known_skus) == (titles.get(TEA), False)


async def test_a_file_may_sell_again_what_its_kits_are_made_of(record: FakeRecord) -> None:
    record.state.retired_skus[TEA] = True
    done, _ = await feed(record, f"sku,retired,components\nSET,,{TEA}*2\n{TEA},no,\n", ImportKind.SKUS, whole=True)
    assert counts(done) == (2, 2, 0, 0)


async def test_kits_may_change_places_in_one_file(record: FakeRecord) -> None:
    await feed(record, f"sku,components\nOUTER,INNER|{TEA}\nINNER,{MUG}\n", ImportKind.SKUS)
    done, _ = await feed(record, f"sku,components\nINNER,OUTER|{TEA}\nOUTER,{MUG}\n", ImportKind.SKUS)
    assert counts(done) == (2, 2, 0, 0)


async def test_no_line_means_the_sku_of_a_kit_before_what_it_is_made_of_is_known(
    record: FakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = Importer._merge_kits  # pyright: ignore[reportPrivateUsage] - the moment before the kits

    async def look_first(importer: Importer, tx: Transaction, opened: importing.Import) -> int:
        assert ("CUP" in record.state.weights, "SET" in record.state.weights) == (True, False)
        return await merge(importer, tx, opened)

    monkeypatch.setattr(Importer, "_merge_kits", look_first)
    done, _ = await feed(record, "sku,components\nSET,CUP*2\nCUP,\n", ImportKind.SKUS)
    assert (counts(done), "SET" in record.state.kits) == ((2, 2, 0, 0), True)


async def test_a_kit_that_can_be_picked_again_wakes_who_waited_for_it(record: FakeRecord) -> None:
    order_id = await record_order(record, match=False)
    cause = f"sku:{ACCOUNT}:listing-{TEA}"
    async with record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id=f"listing-{TEA}", sku=MUG)], "kim", NOW)
        await tx.waits.rewrite(order_id, "", {cause: "impossible"}, NOW)
    record.state.events.clear()
    done, _ = await feed(record, f"sku,components\n{MUG},{TEA}\n", ImportKind.SKUS)
    assert (done.written, cause in await open_causes(record)) == (1, True)


@pytest.mark.parametrize("whole", [True, False])
async def test_a_kit_that_was_overtaken_since_the_check_is_refused_with_its_sku(
    record: FakeRecord,
    monkeypatch: pytest.MonkeyPatch,
    whole: bool,  # noqa: FBT001 - given
) -> None:
    retiring = FakeImportStore.retiring

    async def retire_behind_it(store: FakeImportStore, import_id: int, skus: Iterable[str]) -> dict[str, bool]:
        found = await retiring(store, import_id, skus)
        record.state.retired_skus[TEA] = True
        return found

    monkeypatch.setattr(FakeImportStore, "retiring", retire_behind_it)
    done, problems = await feed(record, f"sku,components\nSET,{TEA}\nCUP,\n", ImportKind.SKUS, whole=whole)
    assert (counts(done), [problem.row for problem in problems]) == ((2, 0 if whole else 1, 0, 1), [2])
    assert ("CUP" in record.state.weights, "SET" in record.state.weights) == (not whole, False)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (ImportKind.SKUS, f"sku,retired\n{TEA},yes\n"),
        (ImportKind.SKUS, f"sku,components\n{TEA},{MUG}\n"),
        (ImportKind.LOCATIONS, f"code,name,country,time_zone,open\n{BERLIN},B,DE,Europe/Berlin,no\n"),
    ],
)
async def test_channels_are_told_anew_what_an_import_lets_them_sell(
    record: FakeRecord, kind: ImportKind, content: str
) -> None:
    await start_publishing(record)
    done, _ = await feed(record, content, kind)
    assert (done.written, await wants_sweep(record)) == (1, True)
    await start_publishing(record)
    done, _ = await feed(record, content, kind)
    assert (done.written, await wants_sweep(record)) == (0, False)


async def test_kits_that_contain_each_other_are_refused(record: FakeRecord) -> None:
    done, problems = await feed(record, "sku,components\nONE,TWO\nTWO,ONE\nCUP,\n", ImportKind.SKUS)
    assert [problem.row for problem in problems] == [2, 3]
    assert "contains itself" in problems[0].wrong
    assert (done.written, done.refused, record.state.kits) == (1, 2, {})


async def test_a_mapped_listing_wakes_the_order_that_waited_for_it(record: FakeRecord) -> None:
    order_id = await record_order(record, match=False)
    cause = f"sku:{ACCOUNT}:listing-{TEA}"
    async with record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {cause: "unmatched"}, NOW)
    await feed(record, f"account,listing_id,sku\n{ACCOUNT},listing-{TEA},{TEA}\n", ImportKind.LISTINGS)
    assert cause in await open_causes(record)


_cells = st.sampled_from(["", TEA, MUG, "NOTHING", BERLIN, "-1", "0", "7", "1.000", "9" * 30, "\x00", '"', "é"])


@given(rows=st.lists(st.lists(_cells, max_size=4), max_size=6), whole=st.booleans())
async def test_whatever_a_file_holds_a_row_is_imported_or_told(rows: Sequence[Sequence[str]], whole: bool) -> None:  # noqa: FBT001 - given
    record = FakeRecord()
    await seed_catalog(record)
    try:
        done, problems = await feed(record, lines(*(",".join(row) for row in rows)), whole=whole)
    except Refused:
        assert record.state.movements == {}
        return
    assert done.refused == len({problem.row for problem in problems})
    assert done.written == len(record.state.movements) == len(record.state.levels)
    assert done.written == (0 if whole and done.refused else done.rows - done.refused)
