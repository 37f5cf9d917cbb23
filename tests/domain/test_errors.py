"""The closed vocabulary of failures, and small rules without a file of their own."""

from __future__ import annotations

import pytest

from domain.errors import LEAVES, CrossdockError, Unavailable
from domain.policy import DEMO_POLICY, Policy
from domain.returns import MAX_WINDOW


def test_the_vocabulary_is_closed() -> None:
    assert set(LEAVES) == set(CrossdockError.__subclasses__())


@pytest.mark.parametrize("leaf", LEAVES)
def test_only_what_nobody_has_to_act_on_is_tried_again(leaf: type[CrossdockError]) -> None:
    assert leaf.retryable is (leaf.actor == "nobody")
    assert leaf.retryable is (leaf is Unavailable)


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_code_is_short_and_stands_for_missing_words(leaf: type[CrossdockError]) -> None:
    assert str(leaf("http-429")) == "http-429"
    assert str(leaf("http-429", "too many")) == "too many"
    assert len(leaf("x" * 500).code) == 120


def test_the_other_side_may_say_when_to_ask_again() -> None:
    assert Unavailable("http-429", retry_after=2.5).retry_after == 2.5
    assert Unavailable("http-503").retry_after is None


@pytest.mark.parametrize("policy", [Policy(), DEMO_POLICY])
def test_a_policy_reminds_before_it_expires_and_keeps_the_longest_window(policy: Policy) -> None:
    assert policy.pickup_reminder_after < policy.pickup_expires_after
    assert policy.return_window <= MAX_WINDOW
