"""How large a room may become before it wants a wall."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.sources import LAYERS, ROOT, functions, python_files

MAX_FILE = 300
MAX_FUNCTION = 40

# What is larger, and why it stays so. Keep this short.
ALLOWED: dict[str, str] = {
    "tests/adapters/marketplaces/vendure/test_writes.py": "one real shop, every write: its scenes share one story",
    "tests/stores/test_order.py": "the widest store",
    "tests/stores/test_returns.py": "every way a unit may come back",
}


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {str(file): _length(file) for file in python_files(*LAYERS, "tests")}
    long = {name: lines for name, lines in lengths.items() if lines > MAX_FILE and name not in ALLOWED}
    assert not long, f"split them; allowed to be longer are only {sorted(ALLOWED)}"


def test_no_function_is_longer_than_40_lines() -> None:
    long = {
        f"{file}:{function.lineno} {function.name}": lines
        for file in python_files(*LAYERS, "tests")
        for function in functions(file)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION
    }
    assert not long


def test_nothing_is_allowed_to_be_large_that_has_become_small() -> None:
    stale = {name for name in ALLOWED if not (ROOT / name).is_file() or _length(Path(name)) <= MAX_FILE}
    assert not stale, f"take them off the list: {sorted(stale)}"


def _length(file: Path) -> int:
    return len((ROOT / file).read_text().splitlines())
