"""The glossary and the code speak of the same things."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.architecture.sources import LAYERS, ROOT, classes, python_files, singular, spoken, words

_ROW = re.compile(r"^\| (?P<names>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE)


def _rows() -> list[tuple[list[str], str]]:
    text = (ROOT / "domain" / "README.md").read_text()
    rows = [(row["names"], row["meaning"].strip()) for row in _ROW.finditer(text)]
    return [([name.strip() for name in names.split(",")], meaning) for names, meaning in rows if names != "Word"]


TERMS = sorted({name for names, _ in _rows() for name in names})


@cache
def _said() -> frozenset[str]:
    """Every word that some name or text in the code is made of."""
    return frozenset(singular(word) for file in python_files(*LAYERS) for text in spoken(file) for word in words(text))


@pytest.mark.parametrize("term", TERMS)
def test_a_word_of_the_glossary_is_used_in_the_code(term: str) -> None:
    unused = {word for word in words(term) if singular(word) not in _said()}
    assert not unused, f"{term}: nothing says {sorted(unused)}"


def test_every_public_class_of_the_domain_is_in_the_glossary() -> None:
    public = {
        found.name for file in python_files("domain") for found in classes(file) if not found.name.startswith("_")
    }
    assert not public - set(TERMS)


def test_a_word_stands_in_the_glossary_once() -> None:
    names = [name for row, _ in _rows() for name in row]
    assert len(names) == len(set(names))


def test_every_word_has_a_meaning_of_one_line() -> None:
    assert all(meaning for _, meaning in _rows())
