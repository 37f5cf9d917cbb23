"""The bad files that are made of good ones."""

from __future__ import annotations

import csv
import io

import pytest

from adapters.conformance import sheets
from adapters.conformance.bad_input import ENOUGH, BadInput, bad
from adapters.conformance.vital import Vital

FILE = b"counted-1.csv\nplace,at,sku,units\nW,2026-03-01T10:00:00Z,MUG,2\nW,2026-03-01T10:00:00Z,TEA,3\n"
VITAL = Vital(texts=("place", "sku"), quantities=("units",), moments=("at",))
MADE = dict(sheets.bad(FILE, VITAL))


def rows(words: str) -> list[list[str]]:
    _, _, content = MADE[words].partition(b"\n")
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_enough_files_are_made_and_each_differs_from_the_good_one() -> None:
    assert len(MADE) >= ENOUGH - 10
    assert FILE not in MADE.values()
    assert {body.partition(b"\n")[0] for body in MADE.values()} == {b"counted-1.csv"}


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("at is without a zone", ["W", "2026-03-01T10:00:00", "MUG", "2"]),
        ("units is a fraction", ["W", "2026-03-01T10:00:00Z", "MUG", "1.5"]),
        ("sku is missing", ["W", "2026-03-01T10:00:00Z", "2"]),
    ],
)
def test_one_column_is_changed(words: str, row: list[str]) -> None:
    assert rows(words)[1] == row


def test_a_column_is_renamed_and_the_table_cut() -> None:
    assert rows("units is renamed")[0] == ["place", "at", "sku", "units_v2"]
    assert rows("a cell too few, as where it was cut")[-1] == ["W", "2026-03-01T10:00:00Z", "TEA"]
    assert rows("a cell too many")[-1][-1] == "1"
    assert MADE["in UTF-16"].partition(b"\n")[2].startswith(b"\xff\xfe")
    assert len(MADE["more than 10 MB"]) > 10_000_000


def test_the_same_rows_lie_under_names_that_tell_nothing() -> None:
    told = dict(sheets.misnamed(FILE))
    assert all(body.partition(b"\n")[2] == FILE.partition(b"\n")[2] for body in told.values())
    assert len(list(bad(FILE, VITAL))) == len(MADE) + len(told)


def test_what_was_read_is_named_and_too_few_are_not_enough() -> None:
    bad_input, told = BadInput(), list[object]()
    for number in range(ENOUGH - 1):
        bad_input.tried("files", f"{number}", refused=True)
    with pytest.raises(AssertionError, match="only 59"):
        bad_input.close(lambda _, words: told.append(words))
    bad_input.tried("files", "without a zone", refused=False)
    with pytest.raises(AssertionError, match="files: without a zone"):
        bad_input.close(lambda _, words: told.append(words))
    assert told == []


def test_how_many_were_refused_is_told() -> None:
    bad_input, told = BadInput(), list[object]()
    for kind in ("files", "answers"):
        for number in range(ENOUGH):
            bad_input.tried(kind, f"{number}", refused=True)
    bad_input.close(lambda _, words: told.append(words))
    assert told == ["120 refused: 60 files, 60 answers"]
