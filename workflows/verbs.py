"""Verbs that every workflow of an order understands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow

from activities.operator import OperatorActivities
from activities.steps import VerbResult
from domain.messages import Answer, Retry, Verb
from workflows.desk import Desk
from workflows.options import RECORD_RETRY, RECORD_TIMEOUT

VerbStep = Callable[[Any, Any, Any], Awaitable[VerbResult]]


async def carry_out_verb(desk: Desk, step: VerbStep, verb: Verb) -> VerbResult:
    """Let the record decide a verb, and go on with what it ended."""
    result = await workflow.execute_activity_method(
        step,
        args=[desk.order_id, verb],
        start_to_close_timeout=RECORD_TIMEOUT,
        retry_policy=RECORD_RETRY,
        summary=f"{verb.actor}: {verb.reason}"[:200],
    )
    desk.wake(result.ticket)
    return result


async def retry_by(desk: Desk, verb: Retry) -> Answer:
    """Try again what the order waits for."""
    result = await carry_out_verb(desk, OperatorActivities.retry, verb)
    return Answer(done=result.done, words=result.words)


def check_retry(verb: Retry) -> None:
    """Refuse a decision about an effect that does not say whether it happened."""
    if verb.effect and verb.happened is None:
        raise ValueError("say whether the effect happened: happened = true or false")
