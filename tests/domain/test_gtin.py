"""GTINs in all the forms in which they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.gtin import check_digit, find_gtin, read_gtin


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("042100005264", "00042100005264"),
        ("04252614", "00042100005264"),
        ("96385074", "00000096385074"),
        ("4006381333931", "04006381333931"),
        (" 4006 3813-33931 ", "04006381333931"),
        ("0-306-40615-2", "09780306406157"),
        ("080442957X", "09780804429573"),
        ("080442957x", "09780804429573"),
        ("978-0-306-40615-7", "09780306406157"),
        ("14006381333938", "14006381333938"),
    ],
)
def test_every_form_becomes_one(written: str, code: str) -> None:
    assert read_gtin(written) == code
    assert read_gtin(code) == code


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("4006381333932", "check digit is 2, expected 1"),
        ("0306406153", "check digit is 3, expected 2"),
        ("X306406152", "an ISBN-10 is nine digits"),
        ("00000000000000", "zeros only"),
        ("123", "3 digits"),
        ("", "may only hold digits"),
        ("40063813339a1", "may only hold digits"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "may only hold digits"),
    ],
)
def test_what_is_no_gtin_says_why(written: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read_gtin(written)
    assert find_gtin(written) == ""


@pytest.mark.parametrize("last", range(10))
def test_a_upc_e_is_the_upc_a_that_its_last_digit_says(last: int) -> None:
    short = f"012345{last}"
    wide = _expand(short)
    assert read_gtin(short + check_digit(wide)) == f"00{wide}{check_digit(wide)}"


def _expand(short: str) -> str:
    """Expand seven digits by the table of the GS1 General Specifications."""
    system, m, last = short[0], short[1:6], short[6]
    if last in "012":
        return f"{system}{m[0]}{m[1]}{last}0000{m[2]}{m[3]}{m[4]}"
    if last == "3":
        return f"{system}{m[0]}{m[1]}{m[2]}00000{m[3]}{m[4]}"
    if last == "4":
        return f"{system}{m[0]}{m[1]}{m[2]}{m[3]}00000{m[4]}"
    return f"{system}{m}0000{last}"


@given(st.text(st.sampled_from("0123456789"), min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(body: str, place: int, shift: int) -> None:
    code = body + check_digit(body)
    if not code.strip("0"):
        return
    assert read_gtin(code) == f"0{code}"
    wrong = str((int(code[place]) + shift) % 10)
    with pytest.raises(Refused):
        read_gtin(code[:place] + wrong + code[place + 1 :])


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading(text: str) -> None:
    code = find_gtin(text)
    assert code == "" or (len(code) == 14 and read_gtin(code) == code)
