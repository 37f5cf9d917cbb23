"""How large a room may become before it wants a wall."""

from __future__ import annotations

from tests.architecture.sources import LAYERS, ROOT, functions, python_files

MAX_FILE = 300
MAX_FUNCTION = 40

# Files and functions (`file: function`) that are larger, and why they stay so. Keep this short.
ALLOWED: dict[str, str] = {}


def test_no_file_is_longer_than_300_lines() -> None:
    long = {name: lines for name, lines in _files().items() if lines > MAX_FILE and name not in ALLOWED}
    assert not long, f"split them; allowed to be longer are only {sorted(ALLOWED)}"


def test_no_function_is_longer_than_40_lines() -> None:
    long = {name: lines for name, lines in _functions().items() if lines > MAX_FUNCTION and name not in ALLOWED}
    assert not long, f"split them; allowed to be longer are only {sorted(ALLOWED)}"


def test_nothing_is_allowed_to_be_large_that_has_become_small() -> None:
    large = {name for name, lines in _files().items() if lines > MAX_FILE}
    large |= {name for name, lines in _functions().items() if lines > MAX_FUNCTION}
    assert ALLOWED.keys() <= large, f"take off the list: {sorted(ALLOWED.keys() - large)}"


def _files() -> dict[str, int]:
    """Lines per file."""
    return {str(file): len((ROOT / file).read_text().splitlines()) for file in python_files(*LAYERS, "tests")}


def _functions() -> dict[str, int]:
    """Lines per function, decorators not counted."""
    return {
        f"{file}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for file in python_files(*LAYERS, "tests")
        for function in functions(file)
    }
