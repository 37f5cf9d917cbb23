"""A command: an asynchronous function with an example, whose failures are told plainly."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, ParamSpec

import typer
import uvloop
from typer.core import TyperCommand

from workers.cli import output
from workers.cli.errors import explain

P = ParamSpec("P")
_NEGATIVE = re.compile(r"-\d+")

EXIT_CODES = """\b
Exit codes: 0 done, 1 refused or failed, 2 wrong usage,
3 something is stuck or violated, 4 a part does not answer."""


class SignedCommand(TyperCommand):
    """A command in whose arguments ``-3`` is a number and no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - its type is private to the library
        """Let what cannot be an option pass, where there is a negative number among the arguments."""
        ctx.ignore_unknown_options |= any(_NEGATIVE.fullmatch(word) for word in args)
        return super().parse_args(ctx, args)


def add(
    app: typer.Typer, name: str, example: str
) -> Callable[[Callable[P, Coroutine[Any, Any, None]]], Callable[P, None]]:
    """Add a command to an application; its docstring is its help, `example` shows how it is used."""

    def register(step: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
        @functools.wraps(step)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            with told_plainly(as_json=bool(kwargs.get("as_json"))):
                uvloop.run(step(*args, **kwargs))

        app.command(name, cls=SignedCommand, help=explained(step, example), epilog=EXIT_CODES)(run)
        return run

    return register


def explained(step: Callable[..., object], example: str) -> str:
    """Return the help of a command: what it does, and how one calls it."""
    return f"{inspect.getdoc(step)}\n\n\b\nExample:\n  {example}"


@contextmanager
def told_plainly(*, as_json: bool) -> Generator[None]:
    """Turn an expected failure into its words and its exit code; what nobody expected stays a traceback."""
    try:
        yield
    except Exception as error:
        problem = explain(error)
        if problem is None:
            raise
        output.show_problem(problem, as_json=as_json)
        raise typer.Exit(problem.exit_code) from None
