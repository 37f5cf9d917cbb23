"""The one place where failures of activities are translated for Temporal: only type and code cross."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, FailureError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.errors import CrossdockError, Unavailable

_log = logging.getLogger(__name__)

_MAX_DELAY = timedelta(minutes=5)


class FailureInterceptor(Interceptor):
    """Turns a CrossdockError into an ApplicationError of the same type, retryable or not, with its retry delay."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the library's name
        """See base class."""
        return _Translating(next)


class _Translating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401 - the library's signature
        try:
            return await super().execute_activity(input)
        except CrossdockError as error:
            # `from None`: the chain would carry texts of the other side into the history.
            raise translate(error) from None
        except FailureError:
            raise
        except Exception as error:  # noqa: BLE001 - it is told on, without its text
            _log.exception("%s is a defect", type(error).__name__)
            # Retried, as any failure of a step: but its text may quote what was sent, and a history is plain text.
            raise ApplicationError("defect", type=type(error).__name__) from None


def translate(error: CrossdockError) -> ApplicationError:
    """Return the failure as Temporal is to see it: the code as its message, nothing else."""
    delay = error.retry_after if isinstance(error, Unavailable) else None
    return ApplicationError(
        error.code,
        type=type(error).__name__,
        non_retryable=not error.retryable,
        next_retry_delay=min(timedelta(seconds=max(delay, 0.05)), _MAX_DELAY) if delay is not None else None,
        category=ApplicationErrorCategory.BENIGN if error.retryable else ApplicationErrorCategory.UNSPECIFIED,
    )
