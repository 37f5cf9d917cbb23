"""Reading what others write loosely: exact where it counts, and never a guess."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from adapters.lenient import Amount, Count, Id, Loose, MaybeRows, MaybeText, Word, dumps, fields, loads, rows
from domain.errors import ContractBroken


class Told(Loose):
    id: Id = "1"
    text: MaybeText = ""
    word: Word = ""
    amount: Amount = "0"
    count: Count = 0
    listed: Annotated[tuple[int, ...], MaybeRows] = ()


def test_a_number_is_read_as_it_was_written() -> None:
    assert Told.model_validate_json(b'{"amount": 99999999999999.99}').amount == "99999999999999.99"
    assert loads(b"0.1") == Decimal("0.1")
    assert dumps(loads(b'{"a": 12.10, "b": 3}')) == b'{"a":"12.10","b":3}'


@pytest.mark.parametrize(
    "body", [b"", b"<p>", b"{", b"NaN", b"[Infinity]", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000]
)
def test_what_is_no_json_breaks_the_contract(body: bytes) -> None:
    with pytest.raises(ContractBroken):
        loads(body)


@pytest.mark.parametrize("nothing", [None, False, [], {}])
def test_nothing_is_an_empty_text(nothing: object) -> None:
    assert Told.model_validate({"text": nothing}).text == ""


def test_a_list_with_holes_is_a_list() -> None:
    assert Told.model_validate({"listed": {"1": 5, "3": 6}}).listed == (5, 6)
    assert Told.model_validate({"listed": None}).listed == ()
    assert rows({"1": "a", "3": "b"}) == ["a", "b"]
    assert rows("a") == []


@pytest.mark.parametrize(
    ("told", "read"), [({"id": 7}, "7"), ({"text": 7}, "7"), ({"word": 7}, ""), ({"count": Decimal("2.0")}, 2)], ids=str
)
def test_numbers_stand_for_texts_and_whole_fractions_for_units(told: dict[str, Any], read: object) -> None:
    (name,) = told
    assert getattr(Told.model_validate(told), name) == read


@pytest.mark.parametrize(
    "told",
    [
        {"id": ""}, {"id": True}, {"id": 1.5}, {"id": "a/b"}, {"amount": True}, {"amount": "1e9"}, {"amount": " 1"},
        {"amount": "NaN"}, {"amount": None}, {"count": True}, {"count": "2"}, {"count": Decimal("1.5")}, {"text": [1]},
    ],
    ids=str,
)  # fmt: skip
def test_what_would_be_a_guess_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Told.model_validate(told)


def test_what_is_no_object_has_no_fields() -> None:
    assert fields({"a": 1}) == {"a": 1}
    assert fields([1]) == {}
