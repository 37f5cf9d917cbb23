"""Promises, slack and urgency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fulfillment import Stage
from domain.promise import (
    LATE,
    ORDINARY,
    UNPROMISED,
    Pace,
    Promise,
    PromiseKind,
    foresee,
    look_ahead,
    promises_of,
    slack_of,
    sooner,
    tightest,
    urgency,
)
from tests.builders import NOW, channel_line, channel_order

PACE = Pace(pick=timedelta(hours=2), label=timedelta(minutes=10), leave=timedelta(minutes=30))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING = Promise()

SPANS = st.timedeltas(timedelta(), timedelta(days=30))
MARGINS = st.timedeltas(timedelta(), timedelta(hours=7))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - they get one
PROMISES = st.builds(Promise, ship_by=st.none() | MOMENTS, deliver_by=st.none() | MOMENTS)


@given(PROMISES, SPANS)
def test_goods_that_leave_in_time_keep_both_dates_and_later_ones_do_not(promise: Promise, transit: timedelta) -> None:
    latest = promise.hand_over_by(transit)
    if latest is None:
        assert promise == NOTHING
        return
    tick = timedelta(microseconds=1)
    assert _keeps(promise, latest, transit)
    assert not _keeps(promise, latest + tick, transit)


@given(PROMISES, PROMISES)
def test_a_line_follows_its_order_where_it_is_silent_itself(line: Promise, order: Promise) -> None:
    filled = Promise.of(line, order)
    assert Promise.of(line) == line
    assert filled.ship_by == (line.ship_by if line.ship_by is not None else order.ship_by)
    assert filled.deliver_by == (line.deliver_by if line.deliver_by is not None else order.deliver_by)


@given(st.lists(PROMISES, max_size=5), SPANS)
def test_what_keeps_the_tightest_promise_keeps_each(promises: list[Promise], transit: timedelta) -> None:
    latest = tightest(promises).hand_over_by(transit)
    if latest is None:
        assert all(promise == NOTHING for promise in promises)
    else:
        assert all(_keeps(promise, latest, transit) for promise in promises)


@given(PROMISES, SPANS, SPANS, MOMENTS)
def test_slack_is_the_deadline_less_now_and_the_work_that_is_left(
    promise: Promise, transit: timedelta, work: timedelta, now: datetime
) -> None:
    slack, latest = slack_of(promise, transit, work, now), promise.hand_over_by(transit)
    assert (slack is None) == (latest is None)
    if slack is not None:
        assert now + work + slack == latest


@given(delivery=st.sampled_from(["ship", "pickup"]), needs_hand=st.booleans())
def test_work_grows_less_from_stage_to_stage_and_ends(*, delivery: str, needs_hand: bool) -> None:
    way = (None, Stage.PLANNED, Stage.RELEASED, Stage.PICKED, Stage.LABELLING, Stage.LABELLED, Stage.HANDED_OVER)
    left = [PACE.work_left(stage, delivery, needs_hand=needs_hand) for stage in way]  # pyright: ignore[reportArgumentType] - both are deliveries
    assert left == sorted(left, reverse=True)
    assert left[-1] == timedelta()


def test_where_no_hand_is_needed_only_the_label_is_left() -> None:
    assert PACE.work_left(Stage.RELEASED, "ship", needs_hand=False) == PACE.label
    assert PACE.work_left(Stage.RELEASED, "ship") == PACE.pick + PACE.label + PACE.leave
    assert PACE.work_left(Stage.RELEASED, "pickup") == PACE.pick
    assert PACE.work_left(Stage.PICKED, "pickup") == timedelta()


@pytest.mark.parametrize(
    ("slack", "level"),
    [
        (None, ORDINARY), (-HOUR, LATE), (timedelta(), 1), (HOUR, 1), (2 * HOUR, 2), (8 * HOUR, ORDINARY), (DAY, 4),
        (3 * DAY, 5),
    ],
)  # fmt: skip
def test_the_less_slack_the_more_urgent_and_what_is_late_comes_behind_what_can_be_kept(
    slack: timedelta | None, level: int
) -> None:
    assert urgency(slack, 2 * HOUR) == level


@given(st.timedeltas(timedelta(), timedelta(days=60)), st.timedeltas(timedelta(), timedelta(days=60)), MARGINS)
def test_among_orders_that_can_be_kept_less_slack_is_never_less_urgent(
    one: timedelta, other: timedelta, margin: timedelta
) -> None:
    assert urgency(min(one, other), margin) <= urgency(max(one, other), margin)


@given(PROMISES, SPANS, SPANS, MARGINS, MOMENTS)
def test_an_order_is_at_risk_from_when_its_slack_falls_below_the_margin(
    promise: Promise, transit: timedelta, work: timedelta, margin: timedelta, now: datetime
) -> None:
    seen = foresee(promise, transit, work, margin, now)
    if seen.at_risk_from is None:
        assert seen == UNPROMISED
    else:
        assert slack_of(promise, transit, work, seen.at_risk_from) == margin


def test_the_date_with_the_least_slack_is_the_one_to_watch() -> None:
    promise = Promise(ship_by=NOW + DAY, deliver_by=NOW + 3 * DAY)
    outlook = look_ahead(promise, NOW + HOUR, NOW + 4 * DAY)
    assert outlook is not None
    assert (outlook.kind, outlook.slack) == (PromiseKind.DELIVER_BY, -DAY)
    on_its_way = look_ahead(promise, None, NOW + 2 * DAY)
    assert on_its_way is not None
    assert (on_its_way.kind, on_its_way.slack) == (PromiseKind.DELIVER_BY, DAY)
    assert look_ahead(NOTHING, NOW, NOW) is None


def test_a_line_that_is_cancelled_promises_nothing() -> None:
    gone = channel_line("2", cancelled=1, ship_by=NOW)
    order = channel_order(channel_line(deliver_by=NOW + DAY), gone, ship_by=NOW + HOUR)
    assert promises_of(order) == (Promise(ship_by=NOW + HOUR, deliver_by=NOW + DAY),)


def test_a_date_at_the_edge_of_the_calendar_is_no_failure() -> None:
    first = datetime.min.replace(tzinfo=UTC)
    assert sooner(first, DAY) == first
    assert Promise(deliver_by=first).hand_over_by(DAY) == first


def _keeps(promise: Promise, hand_over: datetime, transit: timedelta) -> bool:
    leaves = promise.ship_by is None or hand_over <= promise.ship_by
    return leaves and (promise.deliver_by is None or hand_over + transit <= promise.deliver_by)
