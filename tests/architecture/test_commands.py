"""The commands keep what they promise, and every text that names one names one that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from domain.waits import CauseKind, advise
from tests.architecture.sources import ROOT, text_files
from workers.cli.app import app

PROCESSES = frozenset({"worker", "gateway"})
"""What runs until it is stopped has no table to print."""

_SPAN = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_CALL = re.compile(r"(?:^|\s)crossdock ([a-z][^\n|#]*)", re.MULTILINE)


@cache
def _commands() -> dict[str, TyperCommand]:
    """Every command that does something, by its words."""
    return dict(_walk("", get_command(app)))


def _walk(words: str, command: object) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperCommand):
        yield words, command
    elif isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _walk(f"{words} {name}".strip(), inner)


def _options(command: TyperCommand) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def _named_calls() -> Iterator[tuple[str, str]]:
    """Yield where a command is named, and how."""
    for file in text_files():
        if file.suffix == ".md":
            for fence, span in _SPAN.findall((ROOT / file).read_text()):
                for call in _CALL.findall(fence or span):
                    yield str(file), call.strip()
    for kind in CauseKind:
        call = advise("shop/1", f"{kind.value}:shop:1").command
        yield f"advice for {kind.value}", call.removeprefix("crossdock ")


@pytest.mark.parametrize("words", sorted(set(_commands()) - PROCESSES))
def test_a_command_can_answer_in_json(words: str) -> None:
    assert "--json" in _options(_commands()[words])


@pytest.mark.parametrize("words", sorted(_commands()))
def test_a_command_says_what_it_does(words: str) -> None:
    assert _commands()[words].help


@pytest.mark.parametrize(("where", "call"), sorted(set(_named_calls())))
def test_a_command_that_is_named_exists(where: str, call: str) -> None:
    words = call.split()
    names = [" ".join(words[:length]) for length in (2, 1)]
    command = next((_commands()[name] for name in names if name in _commands()), None)
    assert command is not None, f"{where}: there is no command `crossdock {call}`"
    unknown = {word.partition("=")[0] for word in words if word.startswith("--")} - _options(command)
    assert not unknown, f"{where}: `crossdock {words[0]}` has no {sorted(unknown)}"
