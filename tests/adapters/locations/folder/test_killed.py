"""The shared folder and processes that are truly killed: each file lies in one place, and the same step mends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.locations.folder.folder import Folder
from tests.adapters.locations.folder.doomed_folder import CONTENT, NAME, REASON
from tests.adapters.locations.folder.test_folder import files
from tests.sandbox_world import ROOT

_WITHIN = 60


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each step was killed before each of its lines."""
    root = tmp_path_factory.mktemp("killed")
    program = [sys.executable, "-m", "tests.adapters.locations.folder.doomed_folder", str(root)]
    subprocess.run(program, cwd=ROOT, check=True, timeout=_WITHIN)  # noqa: S603 - our own program
    return root


def places_after(killed: Path, step: str) -> Iterator[Path]:
    *places, whole = sorted((killed / step).iterdir())
    assert len(places) > 10, "it is killed at many lines"
    assert files(whole), "at last it came to its end"
    yield from places


def reports_in(place: Path) -> list[str]:
    return [name for name in files(place) if name.endswith(".csv")]


def test_a_file_is_dropped_once(killed: Path) -> None:
    for place in places_after(killed, "drop"):
        assert files(place) in ({}, {f"out/{NAME}": CONTENT.decode()}), place
        Folder(place).drop(NAME, CONTENT)
        assert files(place) == {f"out/{NAME}": CONTENT.decode()}


@pytest.mark.parametrize(("step", "refusal"), [("archive", ""), ("reject", REASON)])
def test_a_report_is_answered_once(step: str, refusal: str, killed: Path) -> None:
    for place in places_after(killed, step):
        assert len(reports_in(place)) == 1, f"{place}: it lies in exactly one place"
        for letter in Folder(place).letters():
            Folder(place).answer(letter, refusal)
        (report,) = reports_in(place)
        assert report.startswith("rejected/" if refusal else "archive/")
        assert files(place).get(f"{report}.reason.txt") == (f"{refusal}\n" if refusal else None)


def test_a_file_is_taken_back_once(killed: Path) -> None:
    for place in places_after(killed, "withdraw"):
        assert len(reports_in(place)) == 1, f"{place}: it lies in exactly one place"
        Folder(place).withdraw(NAME)
        assert reports_in(place) == [f"withdrawn/{NAME}"]
