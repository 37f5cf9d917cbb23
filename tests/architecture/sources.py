"""The project as text and as syntax trees: what the architecture tests look at."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "activities", "workflows", "adapters", "infra", "workers")
NOT_OURS = frozenset({"node_modules", "__pycache__", "build"})

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_TEXTS = frozenset({".py", ".md", ".toml", ".lock", ".json", ".js", ".csv", ".yml", ".yaml", ".ini", ".sql", ""})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str) -> list[Path]:
    """Return our Python files below these folders, relative to the project."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return sorted(file.relative_to(ROOT) for file in found if not NOT_OURS & set(file.parts))


@cache
def text_files() -> tuple[Path, ...]:
    """Return every text of the project, relative to it; hidden folders but `.ci` are not part of it."""
    found: list[Path] = []
    for folder, inner, names in os.walk(ROOT):
        inner[:] = sorted(name for name in inner if _is_ours(name))
        files = (Path(folder, name) for name in sorted(names))
        found += [file.relative_to(ROOT) for file in files if file.suffix in _TEXTS and not _is_hidden(file)]
    return tuple(found)


def _is_ours(folder: str) -> bool:
    hidden = folder.startswith(".") and folder != ".ci"
    return not hidden and folder not in NOT_OURS and not folder.endswith(".egg-info")


def _is_hidden(file: Path) -> bool:
    return file.name.startswith(".") and file.name != ".gitignore"


@cache
def tree(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse((ROOT / file).read_text(), filename=str(file))


def classes(file: Path) -> list[ast.ClassDef]:
    """Return every class of a file."""
    return [node for node in ast.walk(tree(file)) if isinstance(node, ast.ClassDef)]


def functions(file: Path) -> list[Function]:
    """Return every function and method of a file."""
    return [node for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def words(name: str) -> list[str]:
    """Split a name into its words, in lower case.

    >>> words("InventoryLevel_on_hand")
    ['inventory', 'level', 'on', 'hand']
    """
    return [word.lower() for word in _WORD.findall(name)]


def singular(word: str) -> str:
    """Return a word without the s of its plural."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def spoken(file: Path) -> Iterator[str]:
    """Yield every name that a file defines, reads or imports, and every text in it."""
    yield from file.with_suffix("").parts
    for node in ast.walk(tree(file)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Constant(value=str(text)):
                yield text
            case _:
                pass
