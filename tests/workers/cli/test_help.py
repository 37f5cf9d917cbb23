from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from workers.cli.app import app


def _commands(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    inside: dict[str, object] = getattr(group, "commands", {})
    for name, command in inside.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name)


COMMANDS = list(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_teaches_itself_with_an_example(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*path, "--help"])
    assert result.exit_code == 0
    assert f"crossdock {' '.join(path)}" in result.stdout
    assert "Example:" in result.stdout
    assert "Exit codes:" in result.stdout


@pytest.mark.parametrize("path", [path for path in COMMANDS if path[0] not in {"worker", "gateway"}], ids=" ".join)
def test_every_command_speaks_json(path: tuple[str, ...]) -> None:
    assert "--json" in CliRunner().invoke(app, [*path, "--help"]).stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, workers.cli.app; "
        "print([name for name in ('temporalio', 'sqlalchemy', 'pydantic', 'rich.table') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - our own code
    assert done.stdout.strip() == "[]"


def test_an_unknown_command_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["fly"]).exit_code == 2
