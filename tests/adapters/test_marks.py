"""Our reference in a text that a channel keeps."""

import pytest

from adapters.marks import mark, reference_in

REFERENCE = "refund:shop/1/R1:1"


@pytest.mark.parametrize("reason", ["", "too late", "(crossdock x) (crossdock y)"])
def test_a_mark_is_read_back_whatever_stands_before_it(reason: str) -> None:
    assert reference_in(mark(reason, REFERENCE)) == REFERENCE


@pytest.mark.parametrize("limit", [1, 30, 40, 255])
def test_a_reason_is_cut_and_the_reference_never(limit: int) -> None:
    told = mark("late " * 100, REFERENCE, limit)
    assert reference_in(told) == REFERENCE
    assert len(told) <= max(limit, len(f"(crossdock {REFERENCE})"))


def test_what_a_person_wrote_holds_no_reference() -> None:
    assert reference_in("sorry (crossdock)") == ""
