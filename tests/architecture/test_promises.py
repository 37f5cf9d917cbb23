"""What the files around the code promise: locked, without a trace of one machine, and guarded."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, text_files

REQUIREMENT = re.compile(r"^[a-z0-9][a-z0-9._\-\[\]]*==[^\s]+( ;.+)? \\$")
MACHINE_PATH = re.compile(r"""(?:^|[\s"'`(=:])/(?:home|Users|mnt|work|root/(?!\.crossdock))[/\w]""")
BANNED = ("datetime.datetime.now", "datetime.datetime.utcnow", "time.time", "uuid.uuid4")
VIEW = re.compile(r"\binv_[a-z_]+\b")


def test_every_requirement_is_pinned_and_hashed() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins
    assert all(REQUIREMENT.match(pin) for pin in pins), [pin for pin in pins if not REQUIREMENT.match(pin)]
    assert all(lines[lines.index(pin) + 1].strip().startswith("--hash=sha256:") for pin in pins)


@pytest.mark.parametrize("lock", [file for file in text_files() if file.name == "package-lock.json"], ids=str)
def test_an_npm_lock_names_hashes_and_no_registry(lock: Path) -> None:
    parts = json.loads((ROOT / lock).read_text())["packages"]
    assert not [name for name, part in parts.items() if "resolved" in part]
    assert not [name for name, part in parts.items() if name and not part.get("link") and "integrity" not in part]


def test_no_lock_names_a_host() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_no_text_knows_a_path_of_one_machine() -> None:
    found = [f"{file}:{number}: {line}" for file, number, line in _lines() if MACHINE_PATH.search(line)]
    assert not found


def test_the_clock_and_chance_are_banned_away_from_the_edge() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert set(BANNED) <= set(lint["flake8-tidy-imports"]["banned-api"])
    assert "ALL" in lint["select"]
    assert not [rule for rule in lint["ignore"] if rule.startswith("TID")]


def test_every_invariant_has_a_test_that_plants_its_violation() -> None:
    versions = python_files("infra/database/migrations/versions")
    views = {name for file in versions for name in VIEW.findall((ROOT / file).read_text())}
    tests = "\n".join((ROOT / file).read_text() for file in python_files("tests/infra/database"))
    assert views
    assert views <= set(VIEW.findall(tests))


def _lines() -> Iterator[tuple[str, int, str]]:
    for file in text_files():
        for number, line in enumerate((ROOT / file).read_text(errors="replace").splitlines(), start=1):
            yield str(file), number, line
