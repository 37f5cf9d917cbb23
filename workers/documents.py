"""Documents that an operator writes: JSON, TOML or YAML, told apart by the name of the file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML, YAMLError

from domain.errors import Refused

_MOST_BYTES = 4_000_000


def read_file(path: Path, code: str) -> dict[str, Any]:
    """Read a file.

    Raises:
        Refused: with this code: it cannot be read, or is no object.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Refused(code, f"{path} is larger than {_MOST_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(code, f"{path} cannot be read: {type(error).__name__}") from None
    return read_document(text, code, str(path))


def read_document(text: str, code: str, name: str) -> dict[str, Any]:
    """Read what stands in a file of this name; where it has no ending that is known, JSON or TOML.

    Raises:
        Refused: with this code: it is no such document, or no object. Nothing of what it holds is said.
    """
    kind, load = _reader(Path(name).suffix.lower(), text)
    try:
        told = load(text)
    except (ValueError, RecursionError, YAMLError) as error:
        raise Refused(code, f"{name} is no {kind}{_place(error)}") from None
    if not isinstance(told, dict):
        raise Refused(code, f"{name} holds no fields: expected some such as {_EXAMPLES[kind]}")
    return cast("dict[str, Any]", told)


_EXAMPLES = {"JSON": '{"field": "value"}', "TOML": 'field = "value"', "YAML": "field: value"}


def _reader(ending: str, text: str) -> tuple[str, Callable[[str], Any]]:
    if ending in {".yaml", ".yml"}:
        return "YAML", _load_yaml
    if ending == ".json" or (ending != ".toml" and text.lstrip().startswith("{")):
        return "JSON", json.loads
    return "TOML", tomllib.loads


def _load_yaml(text: str) -> Any:  # noqa: ANN401 - whatever was written
    """Read YAML 1.2, where NO is a country and no word for false; a name that stands twice is an error."""
    return YAML(typ="safe", pure=True).load(StringIO(text))  # pyright: ignore[reportUnknownMemberType] - half typed


def _place(error: Exception) -> str:
    """Return where a document breaks off, without what stands there."""
    if isinstance(error, json.JSONDecodeError):
        return f": line {error.lineno}, column {error.colno}: {error.msg}"
    if isinstance(error, tomllib.TOMLDecodeError):
        return f": {error}"
    # Its own words quote what stands there.
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f": line {mark.line + 1}, column {mark.column + 1}"
