"""Bad files, made from a location's own good ones: cut, in another form, or with cells that say nothing.

A file is its name, a line feed, and rows with commas between their cells, as a mailbox hands it over.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from itertools import chain

from adapters.conformance.vital import Vital

_HUGE, _SHORTEST = 10_000_000, 12
"""Bytes: of a file that is too large, and of a row at least."""
_LONG = "x" * 100_000
_PAGE = b"<!doctype html><html><body>Please stand by</body></html>"

_AS_TEXT = {"empty": "", "with a NUL byte": "a\x00b", "too long": _LONG}
_AS_QUANTITY = {
    "empty": "", "no number": "many", "negative": "-2", "a fraction": "1.5", "a fraction with a comma": "1,5",
    "beyond counting": f"{10**30}", "with an exponent": "1e3", "in other digits": "\u0663", "not a number": "NaN",
}  # fmt: skip
_AS_MOMENT = {
    "empty": "", "no date": "yesterday", "without a zone": "2026-03-01T10:00:00", "only a day": "2026-03-01",
    "as a spreadsheet writes it": "01.03.2026 10:00", "a number": "1772359200", "a day of a spreadsheet": "46082.41",
    "no day of any year": "2026-02-30T10:00:00Z", "beyond the calendar": "99999-01-01T00:00:00Z",
}  # fmt: skip


def bad(file: bytes, vital: Vital) -> Iterator[tuple[str, bytes]]:
    """Yield files of the same name none of which may be read, with what is wrong."""
    name, _, content = file.partition(b"\n")
    table = list(csv.reader(io.StringIO(content.decode(), newline="")))
    cells = (("texts", _AS_TEXT), ("quantities", _AS_QUANTITY), ("moments", _AS_MOMENT))
    told = chain(
        _of_another_kind(content),
        _misshapen(table),
        *(_without(table, column) for column in chain(*(getattr(vital, field) for field in Vital.model_fields))),
        *(_saying(table, column, values) for field, values in cells for column in getattr(vital, field)),
    )
    for words, spoilt in told:
        yield words, name + b"\n" + spoilt


def misnamed(file: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the same rows under names that tell of no kind."""
    name, _, content = file.partition(b"\n")
    for other in (b"", b".csv", b"../" + name, b"/" + name, name + b".txt", b"no-such-kind-1.csv", b"\xff\xfe.csv"):
        yield f"named {other!r}", other + b"\n" + content


def _of_another_kind(content: bytes) -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "blank rows", b"\n\n\n"
    yield "HTML", _PAGE
    yield "JSON", b'{"rows": []}'
    yield "compressed, and unfolding", gzip.compress(b" " * _HUGE, compresslevel=1)
    yield "in UTF-16", content.decode().encode("utf-16")
    yield "in Latin-1", content + "\xe4".encode("latin-1")
    yield "NUL bytes", b"\x00" * 64
    yield "more than 10 MB", content + content.splitlines(keepends=True)[-1] * (_HUGE // _SHORTEST)
    yield "with semicolons", content.replace(b",", b";") + b"a;b\n"
    yield "with tabs", content.replace(b",", b"\t") + b"a\tb\n"
    yield "with a quote that is not closed", b'"' + content
    yield "cut within its first row", content[: content.index(b"\n") - 1]
    yield "cut after its first row", content[: content.index(b"\n") + 1]


def _misshapen(table: list[list[str]]) -> Iterator[tuple[str, bytes]]:
    first, *rows = table
    yield "without its first row", _written(rows)
    yield "its first row twice", _written([first, first, *rows])
    yield "a column twice", _written([[row[0], *row] for row in table])
    yield "a cell too many", _written([first, *rows[:-1], [*rows[-1], "1"]])
    yield "a row of one long cell", _written([first, [_LONG * 2]])
    if len(first) > 1:
        yield "a cell too few, as where it was cut", _written([first, *rows[:-1], rows[-1][:-1]])


def _without(table: list[list[str]], column: str) -> Iterator[tuple[str, bytes]]:
    first, at = table[0], table[0].index(column)
    yield f"{column} is missing", _written([row[:at] + row[at + 1 :] for row in table])
    for words, name in (("renamed", f"{column}_v2"), ("in capitals", column.upper()), ("nameless", "")):
        yield f"{column} is {words}", _written([[*first[:at], name, *first[at + 1 :]], *table[1:]])


def _saying(table: list[list[str]], column: str, values: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    at = table[0].index(column)
    for words, value in values.items():
        changed = [[*row[:at], value, *row[at + 1 :]] for row in table[1:]]
        yield f"{column} is {words}", _written([table[0], *changed])


def _written(table: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue().encode()
