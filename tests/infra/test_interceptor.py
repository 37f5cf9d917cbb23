"""Failures on their way to Temporal: type and code cross, nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from domain.errors import LEAVES, CrossdockError, Unavailable
from infra.interceptor import FailureInterceptor, translate


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_failure_keeps_its_name_and_whether_it_can_be_retried(leaf: type[CrossdockError]) -> None:
    translated = translate(leaf("some-code", "words with Ada Lovelace, Main Street 1"))
    assert (translated.type, translated.message) == (leaf.__name__, "some-code")
    assert translated.non_retryable is not leaf.retryable
    assert "Ada" not in repr(translated)


def test_a_pause_that_the_other_side_asked_for_is_kept() -> None:
    assert translate(Unavailable("http-429", retry_after=7)).next_retry_delay == timedelta(seconds=7)
    assert translate(Unavailable("http-429")).next_retry_delay is None


def test_an_absurd_pause_is_bounded() -> None:
    assert translate(Unavailable("http-429", retry_after=1e9)).next_retry_delay == timedelta(minutes=5)
    assert translate(Unavailable("http-429", retry_after=-3)).next_retry_delay == timedelta(seconds=0.05)


async def test_the_text_of_a_defect_stays_here() -> None:
    class Stumbling(ActivityInboundInterceptor):
        async def execute_activity(self, input: ExecuteActivityInput) -> object:  # noqa: A002 - the library's
            del input
            raise ValueError("hunter2")

    taken = FailureInterceptor().intercept_activity(Stumbling(cast("ActivityInboundInterceptor", None)))
    with pytest.raises(ApplicationError) as caught:
        await taken.execute_activity(cast("ExecuteActivityInput", None))
    assert (caught.value.type, caught.value.message, caught.value.non_retryable) == ("ValueError", "defect", False)
    assert caught.value.__suppress_context__
