"""Lateness seen before it happens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fulfillment import Stage, left
from domain.lateness import AtRisk, Deed, Remedy, expect, first_at_risk, leaves_at, remedies, risk_of
from domain.location import Location
from domain.promise import Outlook, Pace, PromiseKind, sooner
from tests.builders import BERLIN, NOW, fulfillment, location

PACE = Pace(pick=timedelta(hours=2), label=timedelta(minutes=10), leave=timedelta(minutes=30))
WORK = timedelta(hours=2, minutes=40)
MARGIN, TRANSIT = timedelta(hours=2), timedelta(days=2)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ALWAYS_OPEN = location(time_zone="Europe/Berlin", hours="", cut_off="")


def risk(stage: Stage | None = Stage.RELEASED, **changes: object) -> AtRisk:
    fields: dict[str, object] = {
        "order_id": "shop/1", "subject": "shop/1/F1", "stage": stage, "delivery": "ship", "needs_hand": True,
        "location": BERLIN, "carrier": "swift", "speed": "", "ship_by": NOW + DAY, "deliver_by": None,
        "expected_hand_over": None, "expected_arrival": None, "since": NOW,
    }  # fmt: skip
    return AtRisk.model_validate(fields | changes)


def looked_at(seen: AtRisk, place: Location | None = ALWAYS_OPEN, now: datetime = NOW) -> Outlook:
    outlook = expect(seen, place, PACE, TRANSIT, now)
    assert outlook is not None
    return outlook


def test_goods_leave_when_the_work_that_is_left_is_done() -> None:
    assert looked_at(risk()).slack == DAY - WORK
    assert looked_at(risk(Stage.LABELLED)).slack == DAY - PACE.leave
    assert looked_at(risk(None), place=None).slack == DAY - WORK


def test_goods_leave_no_sooner_than_their_location_hands_over() -> None:
    # NOW is noon in UTC: one o'clock there, after the cut-off.
    early = location(time_zone="Europe/Berlin", hours="mon-fri 09:00-18:00", cut_off="12:00")
    outlook = looked_at(risk(), early)
    assert outlook.expected > NOW + WORK
    assert outlook.expected == leaves_at(risk(), early, PACE, NOW)


def test_what_was_in_front_of_it_when_it_was_planned_counts_until_it_is_picked() -> None:
    queued = {"expected_hand_over": NOW + 2 * DAY}
    assert looked_at(risk(Stage.RELEASED, **queued)).slack == -DAY
    assert looked_at(risk(Stage.PICKED, **queued)).slack > timedelta()


def test_arrival_is_as_late_as_hand_over_and_the_way_make_it() -> None:
    outlook = looked_at(risk(ship_by=None, deliver_by=NOW + TRANSIT + WORK))
    assert (outlook.kind, outlook.slack) == (PromiseKind.DELIVER_BY, timedelta())


def test_a_pickup_lies_ready_without_a_way() -> None:
    outlook = looked_at(risk(delivery="pickup", ship_by=None, deliver_by=NOW + DAY))
    assert outlook.slack == DAY - PACE.pick


def test_on_its_way_only_the_arrival_counts_and_it_is_never_expected_in_the_past() -> None:
    gone = {"ship_by": NOW - DAY, "deliver_by": NOW + DAY}
    assert looked_at(risk(Stage.IN_TRANSIT, expected_arrival=NOW + HOUR, **gone)).slack == DAY - HOUR
    assert looked_at(risk(Stage.IN_TRANSIT, expected_arrival=NOW - DAY, **gone)).expected == NOW
    assert expect(risk(Stage.IN_TRANSIT), ALWAYS_OPEN, PACE, TRANSIT, NOW) is None


@given(st.timedeltas(-DAY, 20 * DAY), st.sampled_from([None, Stage.PLANNED, Stage.RELEASED, Stage.PICKED]))
def test_nothing_is_at_risk_before_it_is_said_to_be(ahead: timedelta, stage: Stage | None) -> None:
    seen = risk(stage, ship_by=NOW + ahead)
    since = first_at_risk(seen, ALWAYS_OPEN, PACE, TRANSIT, MARGIN)
    assert since is not None
    assert looked_at(seen, now=since).slack <= MARGIN
    if since > NOW:
        assert looked_at(seen, now=sooner(since, timedelta(minutes=1))).slack > MARGIN


def test_what_would_miss_the_last_hand_over_before_its_deadline_is_at_risk_before_that() -> None:
    place = location(time_zone="UTC", hours="mon-fri 09:00-18:00", cut_off="16:00")
    midnight = NOW.replace(hour=23, minute=59) + DAY
    since = first_at_risk(risk(ship_by=midnight), place, PACE, TRANSIT, MARGIN)
    cut_off = NOW.replace(hour=16, minute=0) + DAY
    assert since == cut_off - WORK - MARGIN
    assert looked_at(risk(ship_by=midnight), place, cut_off + timedelta(minutes=1)).slack < timedelta()


def test_nothing_promised_is_never_at_risk() -> None:
    assert first_at_risk(risk(ship_by=None), ALWAYS_OPEN, PACE, TRANSIT, MARGIN) is None


@pytest.mark.parametrize(
    ("stage", "kind", "slack", "wanted"),
    [
        (Stage.PLANNED, PromiseKind.SHIP_BY, HOUR, (Remedy.REPLAN,)),
        (Stage.RELEASED, PromiseKind.DELIVER_BY, HOUR, (Remedy.REPLAN, Remedy.SPEED_UP)),
        (Stage.PICKED, PromiseKind.DELIVER_BY, -HOUR, (Remedy.SPEED_UP, Remedy.WORD)),
        (Stage.LABELLED, PromiseKind.DELIVER_BY, -HOUR, (Remedy.WORD,)),
        (Stage.IN_TRANSIT, PromiseKind.DELIVER_BY, -HOUR, (Remedy.WORD,)),
        (None, PromiseKind.SHIP_BY, HOUR, ()),
        (None, PromiseKind.SHIP_BY, -HOUR, (Remedy.WORD,)),
    ],
)
def test_what_may_still_help_depends_on_how_far_it_has_come(
    stage: Stage | None, kind: PromiseKind, slack: timedelta, wanted: tuple[Remedy, ...]
) -> None:
    outlook = Outlook(kind=kind, deadline=NOW, expected=NOW - slack)
    assert remedies(risk(stage), outlook) == wanted
    used = tuple(Deed(remedy=remedy, detail="", at=NOW) for remedy in wanted)
    assert remedies(risk(stage, deeds=used), outlook) == ()


def test_a_pickup_is_neither_taken_elsewhere_nor_sent_faster() -> None:
    outlook = Outlook(kind=PromiseKind.DELIVER_BY, deadline=NOW, expected=NOW + HOUR)
    assert remedies(risk(delivery="pickup"), outlook) == (Remedy.WORD,)


@given(st.timedeltas(-5 * DAY, 5 * DAY), st.timedeltas(-5 * DAY, 5 * DAY))
def test_goods_that_left_later_arrive_as_much_later(late: timedelta, room: timedelta) -> None:
    dates = {"expected_hand_over": NOW, "expected_arrival": NOW + TRANSIT, "deliver_by": NOW + TRANSIT + room}
    sent = left(fulfillment().model_copy(update=dates), NOW + late)
    assert sent.expected_arrival == NOW + TRANSIT + late
    assert sent.at_risk_from == (NOW + late if late > room else sent.deliver_by)
    assert risk_of(sent, NOW).subject == sent.fulfillment_id
