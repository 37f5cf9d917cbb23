"""When a party counts as out, and when it is asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.http.client import TOTAL_SECONDS
from domain.errors import Unavailable
from domain.outage import OPENS_AFTER, PROBE_LASTS, WITHIN, Outage, after_failure, party_out, passes
from tests.builders import NOW

SECOND = timedelta(seconds=1)


def fail(times: int, known: Outage | None = None, *, apart: timedelta = SECOND, probing: bool = False) -> Outage:
    at = known.failed_at if known else NOW
    for _ in range(times):
        at += apart
        known = after_failure(known, "swift", at, probing=probing)
    assert known is not None
    return known


def test_failures_in_a_row_open_an_outage_and_fewer_do_not() -> None:
    assert fail(OPENS_AFTER - 1).opened_at is None
    assert fail(OPENS_AFTER).opened_at == NOW + OPENS_AFTER * SECOND


def test_failures_that_are_far_apart_are_not_one_outage() -> None:
    assert fail(3 * OPENS_AFTER, apart=WITHIN + SECOND).opened_at is None


def test_the_pause_before_the_next_probe_grows_up_to_a_minute() -> None:
    known, pauses = fail(OPENS_AFTER), list[float]()
    for _ in range(6):
        assert known.probe_at
        pauses.append((known.probe_at - known.failed_at).total_seconds())
        known = fail(1, known, probing=True)
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_a_late_failure_of_somebody_who_does_not_probe_pushes_nothing_on() -> None:
    known = fail(OPENS_AFTER)
    assert fail(3, known).probe_at == known.probe_at
    assert fail(3, known).opened_at == known.opened_at


def test_nobody_passes_before_the_probe_is_due() -> None:
    known = fail(OPENS_AFTER)
    assert known.probe_at
    assert not known.lets_through(known.probe_at - SECOND)
    assert known.lets_through(known.probe_at)
    assert fail(1).lets_through(NOW)


def test_a_refusal_names_the_party_and_says_when_to_come_back() -> None:
    known = fail(OPENS_AFTER)
    refusal = known.refusal(known.failed_at)
    assert isinstance(refusal, Unavailable)
    assert (party_out(refusal.code), refusal.retry_after) == ("swift", 5)


def test_a_probe_is_believed_for_longer_than_an_exchange_can_take() -> None:
    assert PROBE_LASTS.total_seconds() > TOTAL_SECONDS


@pytest.mark.parametrize(
    "code",
    ["outage:shop", "limit:list", "no-connection", "no-answer-in-time", "http-429", "http-500", "http-503"],
)
def test_what_passes_by_itself_is_asked_again(code: str) -> None:
    assert passes(code)


@pytest.mark.parametrize("code", ["http-501", "http-404", "no-lookup", "cannot-tell", ""])
def test_what_does_not_pass_needs_a_person(code: str) -> None:
    assert not passes(code)
