"""Words that say nothing, or say it twice: the glossary has a better one for each."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.sources import LAYERS, classes, functions, python_files, singular, words

NOT_USED = frozenset(
    {"allocation", "item", "package", "warehouse", "customer", "qty", "data", "info"}
    | {"manager", "helper", "util", "service", "handler", "process"}
)
ALLOWED: dict[str, str] = {
    "tests/sandbox_world.py: Handler": "the standard library's word for what answers a request",
}


def test_no_name_is_made_of_a_word_that_is_not_used() -> None:
    bad = {
        f"{file}: {name}"
        for file in python_files(*LAYERS, "tests")
        for name in _names(file)
        if NOT_USED & {singular(word) for word in words(name)}
    }
    assert bad <= ALLOWED.keys(), f"allowed are only {sorted(ALLOWED)}"


def _names(file: Path) -> list[str]:
    """Modules, classes and functions; a wire module speaks its vendor's words, and a test's name is a sentence."""
    if file.name == "wire.py":
        return [file.stem]
    return [
        file.stem,
        *(found.name for found in classes(file)),
        *(found.name for found in functions(file) if not found.name.startswith("test_")),
    ]
