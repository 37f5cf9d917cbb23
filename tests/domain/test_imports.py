"""Rows of a file: what may be written, and the words for what may not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.import_problem import RowProblem
from domain.imports import ENTRIES, ImportKind, LocationEntry, SkuEntry, StockEntry, check_columns, read_entry
from domain.kit import KitPart
from domain.restriction import Restriction
from tests.builders import location


def problems(kind: ImportKind, **cells: Any) -> list[RowProblem]:
    found = read_entry(kind, 7, cells)
    assert isinstance(found, list)
    return found


def sku(**cells: Any) -> SkuEntry:
    found = read_entry(ImportKind.SKUS, 7, {"sku": "TEA", **cells})
    assert isinstance(found, SkuEntry), found
    return found


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("-3", "'-3' is less than 0"),
        ("1000001", "'1000001' is more than 1000000"),
        ("9" * 6000, "the number is too long"),
        ("1.000", "expected a whole number in digits only, such as 12"),
        ("1_000", "expected a whole number in digits only, such as 12"),
        ("four", "expected a whole number in digits only, such as 12"),
        ("²", "expected a whole number in digits only, such as 12"),
        (4.5, "expected a whole number, such as 12"),
        (True, "expected a whole number, such as 12"),
    ],
)
def test_a_quantity_that_cannot_be_meant_is_told(written: object, wrong: str) -> None:
    (problem,) = problems(ImportKind.STOCK, sku="TEA", location="BER", on_hand=written)
    assert (problem.row, problem.field, problem.wrong) == (7, "on_hand", wrong)
    assert problem.remedy


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    found = problems(ImportKind.LOCATIONS, code="VIE", country="Austria", open="ja")
    assert [problem.field for problem in found] == ["name", "time_zone", "country", "open"]


def test_an_unknown_field_is_told_with_the_closest_one() -> None:
    (problem,) = problems(ImportKind.SKUS, sku="TEA", titel="Tea")
    assert str(problem) == "row 7, titel: there is no such field; leave it out; did you mean 'title'?"


def test_signs_that_nobody_can_see_are_shown_in_the_name_of_a_field() -> None:
    (problem,) = problems(ImportKind.SKUS, **{"sku": "TEA", "ti\x00tle": "Tea"})
    assert problem.field == "'ti\\x00tle'"


def test_bytes_that_are_no_text_are_told() -> None:
    (problem,) = problems(ImportKind.SKUS, sku="T\udce9")
    assert problem.wrong == "it holds bytes that are not UTF-8"


def test_lists_are_parted_by_bars_and_a_dash_means_none() -> None:
    assert sku(restrictions="age-18 | aerosol").restrictions == {Restriction.AGE_18, Restriction.AEROSOL}
    assert sku(restrictions="-").restrictions == frozenset()
    assert sku().restrictions is None
    assert sku(brand="-").brand == ""


def test_parts_of_a_kit_are_written_with_units_and_worth() -> None:
    wanted = (KitPart(sku="CUP", units=2), KitPart(sku="POT", units=1, worth=900), KitPart(sku="LID", units=1))
    assert sku(components="CUP*2|POT@900|LID").components == wanted
    assert sku(components=[{"sku": "CUP", "units": 2}]).components == wanted[:1]


def test_a_part_of_a_kit_that_cannot_be_read_is_named_and_not_left_out() -> None:
    (problem,) = problems(ImportKind.SKUS, sku="SET", components="CUP*2|POT\nLID|BOX")
    assert (problem.field, r"'POT\nLID'" in problem.wrong) == ("components", True)


def test_a_restriction_that_is_not_on_the_list_is_told() -> None:
    (problem,) = problems(ImportKind.SKUS, sku="TEA", restrictions="age-18|radioactive")
    assert problem.wrong == "'radioactive' is not known"
    assert "flammable" in problem.remedy


def test_a_gtin_is_kept_in_its_one_form_and_a_false_one_told() -> None:
    assert sku(gtin="4006381333931").gtin == "04006381333931"
    (problem,) = problems(ImportKind.SKUS, sku="TEA", gtin="4006381333932")
    assert "check digit" in problem.wrong


@pytest.mark.parametrize("kind", list(ImportKind))
def test_all_columns_of_a_file_may_be_there(kind: ImportKind) -> None:
    check_columns(kind, [*ENTRIES[kind].model_fields, "problem"])


def test_a_required_column_that_is_missing_is_named() -> None:
    with pytest.raises(Refused, match="'time_zone' is missing"):
        check_columns(ImportKind.LOCATIONS, ["code", "name", "country"])


def test_a_row_changes_only_what_it_gives_of_a_location() -> None:
    before = location("BER", rank=7, carrier="swift")
    entry = LocationEntry(code="BER", name="Berlin", time_zone="Europe/Berlin", country="DE", pickup=False)
    assert entry.applied_to(before) == before.model_copy(update={"name": "Berlin", "pickup": False})


def test_a_new_location_speaks_through_a_system_of_its_own_name() -> None:
    entry = LocationEntry(code="VIE", name="Wien", time_zone="Europe/Vienna", country="AT")
    assert entry.applied_to(None).system == "VIE"


_values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)


@given(kind=st.sampled_from(list(ImportKind)), data=st.data())
def test_whatever_a_row_holds_it_is_an_entry_or_told(kind: ImportKind, data: st.DataObject) -> None:
    names = st.sampled_from([*ENTRIES[kind].model_fields, "else"])
    found = read_entry(kind, 7, data.draw(st.dictionaries(names, _values, max_size=6)))
    if isinstance(found, list):
        assert all(problem.wrong and problem.remedy and str(problem) for problem in found)


@given(st.integers(min_value=0, max_value=1_000_000))
def test_every_quantity_that_can_be_counted_is_read(units: int) -> None:
    entry = read_entry(ImportKind.STOCK, 2, {"sku": " TEA ", "location": "BER", "on_hand": f" {units} "})
    assert entry == StockEntry(sku="TEA", location="BER", on_hand=units)
