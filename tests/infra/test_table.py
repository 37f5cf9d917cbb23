"""A table in a file: CSV and JSON Lines as people and programs really write them."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.import_problem import RowProblem
from domain.imports import ImportKind, ReadRow
from infra.table import RefusedRows, Table, open_table

STOCK = ImportKind.STOCK


def table(content: bytes, kind: ImportKind = STOCK, encoding: str | None = None) -> Table:
    return Table(kind, io.BytesIO(content), is_json=None, encoding=encoding)


def rows(content: bytes, **changes: Any) -> list[ReadRow]:
    return list(table(content, **changes).rows())


def cells(content: bytes, **changes: Any) -> list[dict[str, Any]]:
    return [dict(row.cells) for row in rows(content, **changes)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_columns_it_makes(delimiter: str) -> None:
    content = delimiter.join(["SKU", "Location", "On hand"]) + "\n" + delimiter.join(["TEA", "BER", "4"])
    assert cells(content.encode()) == [{"sku": "TEA", "location": "BER", "on_hand": "4"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_of_the_encoding_is_understood(encoding: str) -> None:
    assert cells("sku,location,on_hand\nTÉ,BER,4\n".encode(encoding))[0]["sku"] == "TÉ"


def test_an_encoding_that_is_named_is_used() -> None:
    assert cells("sku,location,on_hand\nTÉ,BER,4\n".encode("cp1252"), encoding="cp1252")[0]["sku"] == "TÉ"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_end_of_line_will_do(ending: str) -> None:
    content = ending.join(["sku,location,on_hand", "TEA,BER,4", "MUG,BER,5", ""]).encode()
    assert [(row.number, row.cells["sku"]) for row in rows(content)] == [(2, "TEA"), (3, "MUG")]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    content = b'sku,location,on_hand\n"TWO\nLINES",BER,1\n\nMUG,BER,2\n'
    assert [(row.number, row.cells["sku"]) for row in rows(content)] == [(2, "TWO\nLINES"), (4, "MUG")]


def test_empty_cells_are_not_given_and_missing_ones_neither() -> None:
    assert cells(b"sku,location,on_hand,safety\nTEA, ,4\n") == [{"sku": "TEA", "on_hand": "4"}]


def test_a_row_with_more_cells_than_columns_is_told() -> None:
    (row,) = rows(b"sku,location,on_hand\nTEA,BER,4,5\n")
    assert row.problem is not None
    assert (row.problem.row, row.problem.wrong) == (2, "it has 4 cells under 3 columns")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\n\n", "empty-file"),
        (b"sku,location\n", "missing-column"),
        (b"sku,location,onhand\n", "unknown-column"),
        (b"sku,sku,location,on_hand\n", "column-twice"),
        (b'sku,location,on_hand\nTEA,"BER,4\nMUG,BER,5\n', "bad-quotes"),
        (b'sku,location,on_hand\nTEA,"BER"x,4\n', "bad-quotes"),
        (b"x" * 2_000_000, "line-too-long"),
        (b"\xff\xfes", "bad-encoding"),
    ],
)
def test_what_is_no_such_table_is_refused_whole(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rows(content)
    assert refused.value.code == code


def test_an_unknown_column_is_refused_with_the_closest_one() -> None:
    with pytest.raises(Refused, match="did you mean 'on_hand'"):
        rows(b"sku,location,onhand\n")


def test_each_line_of_json_is_a_row_and_nothing_else_is() -> None:
    content = b'{"sku": "TEA", "location": "BER", "on_hand": 4, "safety": null}\n\n[1]\n{"sku"\n{"on_hand": NaN}\n'
    found = rows(content)
    assert dict(found[0].cells) == {"sku": "TEA", "location": "BER", "on_hand": 4}
    assert [(row.number, row.problem is not None) for row in found] == [(1, False), (3, True), (4, True), (5, False)]


def test_the_fingerprint_is_of_the_whole_file_and_the_same_each_time() -> None:
    one, other = table(b"sku,location,on_hand\nTEA,BER,4\n"), table(b"sku,location,on_hand\nTEA,BER,5\n")
    fingerprints = [(list(each.rows()), each.digest)[1] for each in (one, other, one)]
    assert fingerprints[0] == fingerprints[2] != fingerprints[1]


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read"), open_table(STOCK, "/nowhere/stock.csv", io.BytesIO(), None):
        pass


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"), open_table(STOCK, str(tmp_path), io.BytesIO(), None):
        pass


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_what_fails_while_a_table_is_open_is_not_taken_for_its_own_failure(error: type[OSError]) -> None:
    def fail() -> None:
        raise error("another file")

    with pytest.raises(error, match="another file"), open_table(STOCK, "-", io.BytesIO(), None):
        fail()


def test_an_encoding_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match="no encoding"), open_table(STOCK, "-", io.BytesIO(), "klingon"):
        pass


def test_standard_input_can_be_read_twice() -> None:
    with open_table(STOCK, "-", io.BytesIO(b"sku,location,on_hand\nTEA,BER,4\n"), None) as read:
        assert list(read.rows()) == list(read.rows())


def refused_rows(content: bytes, *problems: tuple[int, str]) -> str:
    read = table(content)
    list(read.rows())
    target = io.StringIO(newline="")
    refused = RefusedRows(read, target)
    for row, field in problems:
        refused.add(RowProblem(row=row, field=field, wrong="wrong", remedy="mend it"))
    refused.finish()
    return target.getvalue()


def test_refused_rows_are_written_as_they_were_with_what_is_wrong() -> None:
    content = b"SKU;Location;On hand\nTEA;BER;x\nMUG;BER;5\nCUP;;\n"
    assert refused_rows(content, (2, "on_hand"), (4, "location"), (4, "on_hand")).splitlines() == [
        "sku;location;on_hand;problem",
        'TEA;BER;x;"on_hand: wrong; mend it"',
        'CUP;;;"location: wrong; mend it / on_hand: wrong; mend it"',
    ]


def test_a_file_of_refused_rows_is_read_like_any_other() -> None:
    written = refused_rows(b"sku,location,on_hand\nTEA,BER,x\n", (2, "on_hand")).encode()
    assert cells(written) == [{"sku": "TEA", "location": "BER", "on_hand": "x"}]
    assert refused_rows(written, (2, "on_hand")).encode() == written


def test_refused_lines_of_json_stay_json() -> None:
    content = b'{"sku": "TEA"}\nnonsense\n'
    assert refused_rows(content, (1, "location"), (2, "")).splitlines() == [
        '{"sku": "TEA", "problem": "location: wrong; mend it"}',
        "nonsense",
    ]


@given(content=st.binary(max_size=400), kind=st.sampled_from(list(ImportKind)))
def test_bytes_of_any_kind_are_rows_or_refused(content: bytes, kind: ImportKind) -> None:
    with contextlib.suppress(Refused):
        numbers = [row.number for row in rows(content, kind=kind)]
        assert numbers == sorted(set(numbers))


@given(st.lists(st.dictionaries(st.sampled_from(["sku", "location", "on_hand"]), st.text(max_size=9)), max_size=5))
def test_what_a_csv_writer_writes_is_read_back(written: list[dict[str, str]]) -> None:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, ["sku", "location", "on_hand"])
    writer.writeheader()
    writer.writerows(written)
    try:
        content = target.getvalue().encode()
    except UnicodeEncodeError:
        return
    wanted = [{name: cell for name, cell in row.items() if cell.strip()} for row in written]
    assert [found for found in cells(content) if found] == [row for row in wanted if row]
