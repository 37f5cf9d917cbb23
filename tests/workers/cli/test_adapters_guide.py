"""The worked example of the guide to adapters, carried out word for word in a copy of the project."""

import re
from pathlib import Path

import pytest

from tests.workers.cli.project_copy import ROOT, copy_project, run

_BLOCK = re.compile(r"```(console|diff)\n(.*?)```", re.DOTALL)


def _example() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "adapters.md").read_text()
    _, _, chapter = text.partition("\n## A worked example\n")
    return _BLOCK.findall(chapter.partition("\n## ")[0])


def _change(root: Path, block: str) -> None:
    """Replace the lines with a minus by those with a plus, as a reader would."""
    heading, *lines = block.splitlines()
    file = root / heading.removeprefix("# ")
    old, new = ("\n".join(line[1:] for line in lines if line.startswith(sign)) for sign in "-+")
    text = file.read_text()
    assert text.count(old) == 1, f"{file}: {old!r} stands there {text.count(old)} times"
    file.write_text(text.replace(old, new))


def _call(root: Path, block: str) -> None:
    """Run the command, and look for each line in what it printed."""
    command, *expected = block.splitlines()
    ran = run(root, *command.removeprefix("$ crossdock ").split())
    printed = " ".join((ran.stdout + ran.stderr).split())
    for line in expected:
        assert line in printed, f"{command}: {line!r} is not in {printed}"


@pytest.mark.timeout(600)
def test_the_worked_example_works(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    blocks = _example()
    assert {kind for kind, _ in blocks} == {"console", "diff"}
    for kind, block in blocks:
        (_call if kind == "console" else _change)(root, block)
