"""What may come back, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.returns import MAX_WINDOW, REFUNDED_DISPOSITIONS, Disposition, check_window, return_id
from tests.builders import NOW

MONTH = timedelta(days=30)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize("passed", [timedelta(0), MONTH - INSTANT, MONTH])
def test_within_the_window_a_return_is_allowed(passed: timedelta) -> None:
    check_window(NOW, NOW + passed, MONTH)


@pytest.mark.parametrize("passed", [MONTH + INSTANT, timedelta(days=400)])
def test_after_the_window_a_return_is_refused(passed: timedelta) -> None:
    with pytest.raises(Refused) as refused:
        check_window(NOW, NOW + passed, MONTH)
    assert refused.value.code == "window-closed"


def test_no_window_is_longer_than_a_hundred_days() -> None:
    check_window(NOW, NOW + MAX_WINDOW, timedelta(days=365))
    with pytest.raises(Refused):
        check_window(NOW, NOW + MAX_WINDOW + INSTANT, timedelta(days=365))


def test_what_was_not_delivered_is_cancelled_and_not_returned() -> None:
    with pytest.raises(Refused) as refused:
        check_window(None, NOW, MONTH)
    assert refused.value.code == "not-delivered"


def test_only_a_unit_that_never_came_is_not_paid_back() -> None:
    assert set(Disposition) - REFUNDED_DISPOSITIONS == {Disposition.MISSING}


def test_returns_are_numbered_below_their_order() -> None:
    assert return_id("shop/1001", 3) == "shop/1001/R3"
