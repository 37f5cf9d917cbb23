"""Words of the domain as SQL, so that schema and code cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


def listed(words: Iterable[StrEnum | str]) -> str:
    """Return words as a list of SQL literals, sorted.

    >>> listed(["b", "a"])
    "'a', 'b'"
    """
    return ", ".join(f"'{word!s}'" for word in sorted(str(word) for word in words))


def one_of(column: str, words: Iterable[StrEnum | str]) -> str:
    """Return the CHECK that a column holds one of these words."""
    return f"CHECK ({column} IN ({listed(words)}))"
