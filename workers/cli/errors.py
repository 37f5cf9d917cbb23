"""Failures as an operator reads them: one line that says what is wrong, one that says what to do, and an exit code."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from typing import cast


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    STUCK = 3
    UNREACHABLE = 4


class Problem(Exception):
    """A command cannot do what was asked.

    Attributes:
        exit_code: with which the command ends.
        code: a slug that scripts may compare.
        remedy: what to do next; empty when the message says it.
    """

    def __init__(self, message: str, *, code: str, remedy: str = "", exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code
        self.remedy = remedy


def misused(message: str, remedy: str = "") -> Problem:
    """Return the problem of arguments that cannot be meant."""
    return Problem(message, code="usage", remedy=remedy, exit_code=ExitCode.USAGE)


def unreachable(message: str, remedy: str) -> Problem:
    """Return the problem of a part that does not answer."""
    return Problem(message, code="unreachable", remedy=remedy, exit_code=ExitCode.UNREACHABLE)


@contextmanager
def checking_input() -> Generator[None]:
    """Turn what a model refuses in its body into wrong usage; the values themselves are not repeated."""
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, one['loc'])) or 'input'}: {one['msg']}" for one in error.errors()[:5])
        raise misused("; ".join(wrong)) from None


def explain(error: BaseException) -> Problem | None:
    """Return an expected failure in an operator's words; None for what nobody expected."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, BaseExceptionGroup):
        causes = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return next((problem for cause in causes if (problem := explain(cause))), None)
    return _explain_ours(error) or _explain_record(error) or _explain_others(error)


def _explain_ours(error: BaseException) -> Problem | None:
    from domain.errors import CrossdockError, Unavailable
    from infra.settings import SettingsError
    from infra.stack import StackError
    from infra.temporal import TemporalError

    problem = None
    match error:
        case Unavailable() if error.code.startswith("record-"):
            problem = _no_database()
        case Unavailable():
            remedy = "see whether `crossdock dev` runs, then repeat"
            problem = unreachable(f"no answer ({error.code}): {error}", remedy)
        case CrossdockError():
            problem = Problem(str(error), code=error.code)
        case TemporalError():
            problem = unreachable(str(error), "")
        case StackError():
            problem = Problem(str(error), code="stack")
        case SettingsError():
            problem = Problem(str(error), code="settings", exit_code=ExitCode.USAGE)
        case _:
            pass
    return problem


def _explain_record(error: BaseException) -> Problem | None:
    from psycopg import DataError, InterfaceError, OperationalError
    from psycopg.errors import UndefinedFunction, UndefinedTable
    from sqlalchemy.exc import DBAPIError

    from infra.database.cipher import CannotOpen

    # The record asks the driver itself, and reports ask by way of SQLAlchemy.
    match error.orig if isinstance(error, DBAPIError) else error:
        case OperationalError() | InterfaceError():
            return _no_database()
        case UndefinedTable() | UndefinedFunction():
            return Problem(
                "the database has no tables of this version", code="not-migrated", remedy="crossdock migrate"
            )
        case DataError():
            return misused("the record cannot hold such a value")
        case CannotOpen():
            remedy = "set CROSSDOCK_VAULT_KEY (or CROSSDOCK_DATA_DIR) to that of the installation"
            return Problem("the vault key is not the one of this record", code="vault-key", remedy=remedy)
        case _:
            return None


def _explain_others(error: BaseException) -> Problem | None:
    import httpx
    from temporalio.service import RPCError, RPCStatusCode

    match error:
        case RPCError() if error.status in {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED}:
            return unreachable("Temporal does not answer", "start `crossdock dev`, or check TEMPORAL_ADDRESS")
        case RPCError():
            return Problem(f"Temporal refused: {error.message}", code=f"temporal-{error.status.name.lower()}")
        case httpx.HTTPError():
            return unreachable(
                f"a part does not answer over HTTP ({type(error).__name__})", "see the logs of the stack"
            )
        case _:
            return None


def _no_database() -> Problem:
    return unreachable("the database does not answer", "start `crossdock dev`, or check CROSSDOCK_DATABASE_URL")
