"""What is wrong with a row of a file, in words that say what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from domain.values import Model

_LONG = 40
_CORRECT = "correct it"

_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("it is empty", "fill it in"),
    "string_too_short": ("it is empty", "fill it in"),
    "string_too_long": ("it is too long", "give {max_length} characters at most"),
    "string_unicode": ("it holds bytes that are not UTF-8", "save the file as UTF-8, or name its --encoding"),
    "greater_than_equal": ("{shown} is less than {ge}", "give {ge} or more"),
    "less_than_equal": ("{shown} is more than {le}", "give {le} at most"),
    "int_parsing_size": ("the number is too long", "give a smaller one"),
    "bool_parsing": ("{shown} is neither yes nor no", "write yes or no"),
    "bool_type": ("{shown} is neither yes nor no", "write yes or no"),
    "enum": ("{shown} is not known", "give {expected}"),
    "value_error": ("{error}", _CORRECT),
    "extra_forbidden": ("there is no such field", "leave it out{closest}"),
    "string_pattern_mismatch": ("{shown} is not written as it has to be", "{written}"),
}
_WRITTEN = {
    "account": "give the channel's account: lower case, digits and dashes",
    "country": "give the two capital letters of the country, such as DE",
    "origin": "give the two capital letters of the country, such as DE",
    "hs_code": "give 6 to 10 digits",
}


class RowProblem(Model):
    """Why a row was refused: which field, what is wrong with it, and what to do."""

    row: int
    field: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        where = f"row {self.row}, {self.field}" if self.field else f"row {self.row}"
        return f"{where}: {self.wrong}; {self.remedy}"


def explain(row: int, error: ValidationError, known: Iterable[str]) -> list[RowProblem]:
    """Say in plain words everything that a model found wrong with a row of these known fields."""
    names = list(known)
    return [_explain(row, dict(one), names) for one in error.errors(include_url=False)]


def _explain(row: int, error: Mapping[str, Any], known: list[str]) -> RowProblem:
    field = ".".join(str(part) for part in error["loc"])[:60]
    field = field if field.isprintable() else repr(field)
    wrong, remedy = _WORDS.get(error["type"], ("{shown}: {message}", _CORRECT))
    words = {
        **error.get("ctx", {}),
        "message": error["msg"].lower(),
        "shown": _shown(error["input"]),
        "closest": closest(field, known),
        "written": _WRITTEN.get(field, "take out line breaks, tabs and the like"),
    }
    return RowProblem(row=row, field=field, wrong=wrong.format(**words), remedy=remedy.format(**words))


def closest(name: str, known: Iterable[str]) -> str:
    """Return how a list of known names goes on behind an unknown one: the closest, or all."""
    names = list(known)
    found = difflib.get_close_matches(name[:60], names, n=1)
    return f"; did you mean {found[0]!r}?" if found else f"; there are {', '.join(names)}"


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= _LONG else f"{text[:_LONG]}…")
