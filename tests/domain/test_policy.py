"""Policy: waiting times an operator sets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain.policy import Policy
from domain.returns import MAX_WINDOW


def test_a_channel_may_have_a_return_window_of_its_own() -> None:
    policy = Policy(return_window=timedelta(days=30), return_windows={"shop-eu": timedelta(days=100)})
    assert policy.return_window_of("shop-eu") == timedelta(days=100)
    assert policy.return_window_of("shop-us") == timedelta(days=30)


def test_no_window_is_longer_than_a_hundred_days() -> None:
    policy = Policy(return_windows={"shop-eu": timedelta(days=400)})
    assert policy.return_window_of("shop-eu") == MAX_WINDOW


def test_a_policy_that_means_nothing_is_refused() -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({"lost_parcels": "shrug"})
