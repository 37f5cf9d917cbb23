"""Tracking numbers told by their shape and check digit."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.messages import Retry
from domain.tracking_number import couriers_of, is_mistyped, require_well_typed
from tests.vendor import contracts

WELL_TYPED = {
    "1Z999AA10123456784": "ups",
    "9400111899563821705427": "usps",
    "420 94107 9400 1118 9956 3821 7054 27": "usps",
    "449044304137821": "fedex",
    "9611918999999999999998": "fedex",
    "JJD0099999999": "dhl",
    "rr123456785de": "s10",
}


@pytest.mark.parametrize(("number", "courier"), WELL_TYPED.items())
def test_a_number_is_known_by_its_shape_and_check_digit(number: str, courier: str) -> None:
    assert courier in couriers_of(number)
    assert not is_mistyped(number)


@pytest.mark.parametrize(
    "number", ["1Z999AA10123456785", "1Z999AA1012345678", "9400111899563821705428", "RR123456786DE", "RR123456785XX"]
)
def test_a_number_whose_check_digit_is_wrong_was_mistyped(number: str) -> None:
    assert is_mistyped(number)
    with pytest.raises(ValueError, match="read it from the label"):
        require_well_typed(number)


@pytest.mark.parametrize("number", ["SW-1001", "", "123456789012", "e4a8ff00200b", "EZ1000000001", "²²²²²²²²²²²²"])
def test_a_number_of_a_carrier_that_nobody_listed_is_taken_as_it_is(number: str) -> None:
    assert not is_mistyped(number)
    assert require_well_typed(f" {number} ") == number


@pytest.mark.parametrize("courier", ["FedEx", " fedex ", "FEDEX"])
def test_a_courier_that_is_named_knows_its_own_check_digit(courier: str) -> None:
    assert is_mistyped("986578788854", courier)
    assert not is_mistyped("986578788855", courier)
    with pytest.raises(ValueError, match="check digit"):
        require_well_typed("986578788854", courier)


@pytest.mark.parametrize("courier", ["", "A Cyclist", "ups", "Canada Post"])
def test_bare_digits_of_any_other_courier_are_taken_as_they_are(courier: str) -> None:
    assert not is_mistyped("986578788854", courier)


@given(st.text(max_size=60))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert not (is_mistyped(text) and couriers_of(text))


@given(st.integers(2, 21), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_postal_number_is_always_seen(place: int, digit: str) -> None:
    number = "9400111899563821705427"
    typed = number[:place] + digit + number[place + 1 :]
    assert is_mistyped(typed) is (typed != number)


def test_an_operator_who_mistypes_a_number_is_told_at_once() -> None:
    decision = {"actor": "ada", "reason": "seen", "effect": "label:a/1/F1/P1#1", "happened": True}
    assert Retry.model_validate({**decision, "tracking_number": " 1Z999AA10123456784"})
    with pytest.raises(ValidationError, match="check digit is wrong"):
        Retry.model_validate({**decision, "tracking_number": "1Z999AA10123456785"})


@pytest.mark.vendor
def test_every_couriers_own_examples_are_told_right(capsys: pytest.CaptureFixture[str]) -> None:
    counts, wrong = Counter[str](), list[str]()
    paths = sorted(contracts("carriers/tracking_number_data/couriers").glob("*.json"))
    for path in paths:
        told = json.loads(path.read_text())
        for shape in told["tracking_numbers"]:
            for number in shape["test_numbers"].get("valid", []):
                counts["valid"] += 1
                if told["courier_code"] not in couriers_of(number) or is_mistyped(number):
                    wrong.append(f"{shape['name']}: {number} is valid")
            for number in shape["test_numbers"].get("invalid", []):
                counts["invalid"] += 1
                if told["courier_code"] in couriers_of(number):
                    wrong.append(f"{shape['name']}: {number} is not valid")
    with capsys.disabled():
        print(f"\ntracking numbers of {len(paths)} couriers: {dict(counts)}, wrong: {wrong}")  # noqa: T201  counts are what is asked for
    # Not one of its letter numbers, which the example is about, but a well-formed one of its other kind.
    assert wrong == ["Purolator (alpha + 9): 331426749957 is not valid"]
