"""The verdict finds every broken promise, and none where all were kept."""

import pytest

from infra.database.invariants import Violation
from workers.demo.report import OrderCounts, WitnessCounts
from workers.demo.verdict import NEVER, find_violations

KEPT = OrderCounts(
    at_channel=5, recorded=5, delivered=3, collected=1, cancelled=1, returned=2, waiting=0, lost=0, duplicated=0
)
SEEN = WitnessCounts(
    labels_bought=5,
    labels_live=4,
    parcels_handed_over=4,
    parcels_with_two_live_labels=0,
    tracking_pushed=4,
    refunds=2,
    refunds_over_captured=0,
    units_oversold=0,
    silent_cancellations=0,
)


def test_a_demo_that_went_well_has_no_violation() -> None:
    assert find_violations(KEPT, SEEN, []) == ()


def test_a_broken_law_of_the_record_is_told_with_its_row() -> None:
    broken = Violation(view="inv_stock", row={"sku": "TEA", "on_hand": 1})
    assert find_violations(KEPT, SEEN, [broken]) == ('inv_stock: {"on_hand": 1, "sku": "TEA"}',)


@pytest.mark.parametrize("name", NEVER)
def test_what_may_never_be_seen_is_a_violation_once_seen(name: str) -> None:
    (violation,) = find_violations(KEPT, SEEN.model_copy(update={name: 1}), [])
    assert name.replace("_", " ") in violation


@pytest.mark.parametrize("name", ["labels_live", "tracking_pushed"])
def test_labels_and_tracking_must_match_the_parcels_handed_over(name: str) -> None:
    (violation,) = find_violations(KEPT, SEEN.model_copy(update={name: 3}), [])
    assert violation == f"4 parcels were handed over, but {name.replace('_', ' ')} is 3"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"waiting": 1, "delivered": 2}, "1 orders still wait"),
        ({"at_channel": 6, "lost": 1}, "6 orders at the channel, but 5 recorded"),
        ({"duplicated": 1}, "1 orders were recorded twice"),
        ({"delivered": 2}, "5 orders recorded, but 4 accounted for"),
    ],
)
def test_orders_that_wait_or_do_not_add_up_are_violations(changes: dict[str, int], words: str) -> None:
    assert words in find_violations(KEPT.model_copy(update=changes), SEEN, [])
