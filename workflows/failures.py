"""Reading failures back: workflows match the type of an error, never its message."""

from __future__ import annotations

from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

from domain.values import Model


class Failure(Model):
    """What an activity failed with: the name of the error's class and its code."""

    type: str
    code: str


def read_failure(error: ActivityError) -> Failure:
    """Return what the activity failed with; a time-out counts as Unavailable."""
    cause = error.cause
    if isinstance(cause, ActivityTimeoutError):
        return Failure(type="Unavailable", code="activity-timeout")
    if isinstance(cause, ApplicationError):
        return Failure(type=cause.type or "Bug", code=cause.message[:120])
    return Failure(type="Bug", code=type(cause).__name__)
