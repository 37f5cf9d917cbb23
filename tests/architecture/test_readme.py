"""The README draws what the code does, and its folders and links exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.fulfillment import NEXT, Stage
from tests.architecture.sources import LAYERS, ROOT, text_files

README = (ROOT / "README.md").read_text()
_EDGE = re.compile(r"^\s+(\w+) --> (\w+)", re.MULTILINE)
_FOLDER = re.compile(r"^(\w+)/ {2,}", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
_STAGES = {stage.value: stage for stage in Stage}


def test_every_stage_is_drawn() -> None:
    assert {name for edge in _EDGE.findall(README) for name in edge} >= set(_STAGES)


def test_no_way_is_drawn_that_the_state_machine_does_not_have() -> None:
    drawn = [edge for edge in _EDGE.findall(README) if set(edge) <= set(_STAGES)]
    assert drawn
    assert not [edge for edge in drawn if _STAGES[edge[1]] not in NEXT[_STAGES[edge[0]]]]


def test_the_map_shows_every_folder() -> None:
    assert set(_FOLDER.findall(README)) == {*LAYERS, "tests", "docs"}


def test_every_target_of_make_passes_its_arguments_on() -> None:
    rules = dict(re.findall(r"^(\w+): setup\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(rules) == {"demo", "dev", "test", "check", "bench"}
    assert all("$(ARGS)" in recipe for recipe in rules.values())


@pytest.mark.parametrize("file", [file for file in text_files() if file.suffix == ".md"], ids=str)
def test_every_link_leads_somewhere(file: Path) -> None:
    page = ROOT / file
    broken = [link for link in _LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not broken
