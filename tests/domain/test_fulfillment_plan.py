"""A fulfillment plan says how sure it is."""

from __future__ import annotations

import pytest

from domain.fulfillment_plan import FulfillmentPlan


@pytest.mark.parametrize(
    ("gap", "perhaps_served", "words"),
    [
        (0, 0, "no plan is better"),
        (40, 0, "another may count up to 40 less"),
        (0, 2, "another may serve up to 2 more lines"),
    ],
)
def test_a_plan_says_how_much_better_another_may_be(gap: int, perhaps_served: int, words: str) -> None:
    plan = FulfillmentPlan(parts=(), gap=gap, perhaps_served=perhaps_served)
    assert plan.proof == words
    assert plan.exact is (words == "no plan is better")
