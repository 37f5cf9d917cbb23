"""Bad bodies, made from a vendor's own good ones: what is broken, of another type, out of range or just strange."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta, timezone
from typing import Any, cast

from pydantic import JsonValue

from adapters.conformance.vital import Vital

Change = Callable[[Any, Any], None]
"""Changes one entry, named by its key or number, of the object or list that holds it."""

_ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_FAR = 10**30
_LONG = "x" * 100_000

ELSEWHERE = timezone(timedelta(hours=5, minutes=30))
"""A zone that no vendor's servers stand in by default."""

STRANGE: tuple[JsonValue, ...] = (None, {}, [], [None], True, -1, 1.5, _FAR, "", "x", "a\x00b", "\ud800", _LONG)
"""Values that may stand anywhere in what comes from outside."""


def broken(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield bodies that are not even JSON of the right kind, with what is wrong."""
    yield "nothing", b""
    yield "a blank", b" "
    yield "null", b"null"
    yield "a list", b"[]"
    yield "a list of it", b"[" + body + b"]"
    yield "text", b'"order"'
    yield "a number", b"17"
    yield "an empty object", b"{}"
    yield "HTML", b"<!doctype html><html><body>Please stand by</body></html>"
    for share in (4, 2):
        yield f"truncated to 1/{share}", body[: len(body) // share]
    yield "without its last byte", body.rstrip()[:-1]
    yield "twice", body + body
    yield "no UTF-8", b'{"id": "\xff\xfe"}'
    yield "NUL bytes", b"\x00" * 64
    yield "nested without end", b'{"id":' * 50_000 + b"1" + b"}" * 50_000


def bad(body: bytes, vital: Vital) -> Iterator[tuple[str, bytes]]:
    """Yield bodies none of which may be read as what they were made of, with what is wrong."""
    yield from broken(body)
    document: JsonValue = json.loads(body)
    kinds: tuple[tuple[tuple[str, ...], Callable[[JsonValue], dict[str, Change]]], ...] = (
        (vital.texts, _in_text), (vital.words, _in_word), (vital.amounts, _in_amount),
        (vital.quantities, _in_quantity), (vital.moments, _in_moment), (vital.rows, _in_rows),
    )  # fmt: skip
    for paths, changes in kinds:
        for path in paths:
            for words, change in (_ANYWHERE | changes(at(document, path))).items():
                yield f"{path}: {words}", _changed(document, path, change)


def strange(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the body with each of its values replaced by each strange one; a body that is no JSON has none."""
    try:
        document: JsonValue = json.loads(body)
    except ValueError:
        return
    for path in _paths(document):
        for value in STRANGE:
            yield f"{path} is {str(value)[:20]!a}", _changed(document, path, _setting(value))


def at(document: JsonValue, path: str) -> JsonValue:
    """Return what stands at a path such as "lines.0.quantity"."""
    found = cast("Any", document)
    for step in path.split("."):
        found = cast("Any", found[int(step)] if isinstance(found, list) else found[step])
    return cast("JsonValue", found)


def grown(value: JsonValue) -> JsonValue:
    """Return the value with a field that nobody knows in each of its objects."""
    if isinstance(value, dict):
        return {"x-not-known-yet": {"since": [1, None]}, **{key: grown(inner) for key, inner in value.items()}}
    return [grown(inner) for inner in value] if isinstance(value, list) else value


def _paths(value: JsonValue, before: str = "") -> Iterator[str]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        path = f"{before}.{step}" if before else str(step)
        if "." not in str(step):
            yield path
            yield from _paths(inner, path)


def _changed(document: JsonValue, path: str, change: Change) -> bytes:
    copy = deepcopy(document)
    parent, _, last = path.rpartition(".")
    holder = at(copy, parent) if parent else copy
    change(holder, int(last) if isinstance(holder, list) else last)
    return json.dumps(copy).encode()


def _setting(value: JsonValue) -> Change:
    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  JSON, as it came
        holder[key] = value

    return change


def _remove(holder: Any, key: Any) -> None:  # noqa: ANN401  JSON, as it came
    del holder[key]


def _rename(holder: Any, key: Any) -> None:  # noqa: ANN401  JSON, as it came
    value = holder.pop(key)
    if isinstance(holder, dict):
        holder[f"{key}_v2"] = value


_ANYWHERE: dict[str, Change] = {
    "missing": _remove,
    "renamed": _rename,
    "null": _setting(None),
    "an object": _setting({"value": "1"}),
    "a list": _setting(["1", "2"]),
}


def _in_word(value: JsonValue) -> dict[str, Change]:
    del value
    return {}


def _in_text(value: JsonValue) -> dict[str, Change]:
    del value
    return {"empty": _setting(""), "a NUL byte": _setting("a\x00b"), "too long": _setting(_LONG)}


def _in_amount(value: JsonValue) -> dict[str, Change]:
    as_text = isinstance(value, str)
    number = value if isinstance(value, int | float) else 1
    longer = f"{value}{'' if '.' in value else '.'}00001" if isinstance(value, str) else number + 0.00001
    return {
        "no number": _setting("many"),
        "too many decimals": _setting(longer),
        "not a number": _setting("NaN"),
        "negative": _setting("-5" if as_text else -5),
        "beyond counting": _setting(str(_FAR) if as_text else _FAR),
        "an endless exponent": _setting("1e999999999"),
    }


def _in_quantity(value: JsonValue) -> dict[str, Change]:
    def like(number: float) -> JsonValue:
        return str(number) if isinstance(value, str) else number

    return {
        "no number": _setting("many"),
        "negative": _setting(like(-2)),
        "beyond counting": _setting(like(_FAR)),
        "a fraction": _setting(like(1.5)),
    }


def _in_moment(value: JsonValue) -> dict[str, Change]:
    changes: dict[str, Change] = {
        "no date": _setting("yesterday"),
        "no day of any year": _setting("2026-02-30T10:00:00Z"),
        "beyond the calendar": _setting("99999-01-01T00:00:00Z"),
        "empty": _setting(""),
    }
    if isinstance(value, str) and _ZONE.search(value) and "T" in value:
        changes |= {"without a zone": _setting(_ZONE.sub("", value)), "only a day": _setting(value.partition("T")[0])}
    return changes


def _in_rows(value: JsonValue) -> dict[str, Change]:
    rows = value if isinstance(value, list) else [value]
    return {
        "empty": _setting([]),
        "rows of nothing": _setting([None]),
        "rows of rows": _setting([[]]),
        "rows of text": _setting(["L1"]),
        "one row twice": _setting([*rows, rows[0]]),
    }
