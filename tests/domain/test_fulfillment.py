"""The stages of a fulfillment order: where they lead, what they are called, and what a cancellation finds."""

from __future__ import annotations

import pytest

from domain.fulfillment import (
    GONE,
    HOLDS_RESERVATION,
    NEXT,
    TERMINAL,
    CancelVerdict,
    Stage,
    Status,
    came_before,
    cancel_verdict,
    fulfillment_id,
    may_follow,
    status_of,
)

VERDICTS = {
    Stage.PLANNED: CancelVerdict.CANCELS,
    Stage.RELEASED: CancelVerdict.WAITS,
    Stage.PICKED: CancelVerdict.WAITS,
    Stage.LABELLING: CancelVerdict.WAITS,
    Stage.LABELLED: CancelVerdict.WAITS,
    Stage.READY: CancelVerdict.WAITS,
    Stage.CANCELLING: CancelVerdict.WAITS,
} | dict.fromkeys(GONE | TERMINAL, CancelVerdict.TOO_LATE)

STATUSES = {
    Stage.PLANNED: Status.OPEN,
    Stage.RELEASED: Status.IN_PROGRESS,
    Stage.PICKED: Status.IN_PROGRESS,
    Stage.LABELLING: Status.IN_PROGRESS,
    Stage.LABELLED: Status.IN_PROGRESS,
    Stage.CANCELLING: Status.IN_PROGRESS,
    Stage.READY: Status.IN_PROGRESS,
    Stage.HANDED_OVER: Status.CLOSED,
    Stage.IN_TRANSIT: Status.CLOSED,
    Stage.DELIVERED: Status.CLOSED,
    Stage.LOST: Status.CLOSED,
    Stage.SENT_BACK: Status.CLOSED,
    Stage.COLLECTED: Status.CLOSED,
    Stage.EXPIRED: Status.CANCELLED,
    Stage.REJECTED: Status.INCOMPLETE,
    Stage.REPLANNED: Status.CANCELLED,
    Stage.CANCELLED: Status.CANCELLED,
}


@pytest.mark.parametrize("stage", Stage)
def test_a_cancellation_finds_at_each_stage_what_can_still_be_done(stage: Stage) -> None:
    assert cancel_verdict(stage) is VERDICTS[stage]


@pytest.mark.parametrize("stage", Stage)
def test_a_cancellation_that_is_not_too_late_can_be_carried_out(stage: Stage) -> None:
    way = {
        CancelVerdict.CANCELS: Stage.CANCELLED in NEXT[stage],
        CancelVerdict.WAITS: stage is Stage.CANCELLING or Stage.CANCELLING in NEXT[stage],
        CancelVerdict.TOO_LATE: not NEXT[stage] & {Stage.CANCELLING, Stage.CANCELLED},
    }
    assert way[cancel_verdict(stage)]


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_has_its_status(stage: Stage) -> None:
    assert status_of(stage) is STATUSES[stage]


@pytest.mark.parametrize("stage", Stage)
def test_a_hold_shows_on_what_has_not_left_us(stage: Stage) -> None:
    wanted = Status.ON_HOLD if stage in HOLDS_RESERVATION else STATUSES[stage]
    assert status_of(stage, held=True) is wanted


@pytest.mark.parametrize("before", Stage)
def test_the_machine_is_read_the_same_in_both_directions(before: Stage) -> None:
    for after in Stage:
        assert may_follow(before, after) is (after in NEXT[before])
        assert (before in came_before(after)) is may_follow(before, after)


@pytest.mark.parametrize("stage", sorted(GONE))
def test_what_has_left_us_never_comes_back_on_the_shelf_by_itself(stage: Stage) -> None:
    assert not NEXT[stage] & HOLDS_RESERVATION


def test_fulfillment_orders_are_numbered_below_their_order() -> None:
    assert fulfillment_id("shop/1001", 12) == "shop/1001/F12"
