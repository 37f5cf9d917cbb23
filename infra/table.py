"""A table in a file: CSV or JSON Lines, read as a stream of rows; and the file of those that were refused."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, TextIO

from pydantic_core import from_json

from domain.errors import Refused
from domain.import_problem import RowProblem
from domain.imports import PROBLEM, ImportKind, ReadRow, check_columns, columns_of

STDIN = "-"
_DELIMITERS = (",", ";", "\t", "|")
_JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})
_LONGEST_LINE = 1_000_000
_CHUNK = 1 << 18


class _Fingerprinted(io.RawIOBase):
    """Reads on, and keeps a fingerprint of what was read."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - the protocol of io
        chunk = self._inner.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.digest.update(chunk)
        return len(chunk)


class Table:
    """A file that can be read several times.

    Attributes:
        size: bytes of the whole file.
        digest: the fingerprint of what was last read; of the whole file once all rows were.
    """

    def __init__(self, kind: ImportKind, source: IO[bytes], *, is_json: bool | None, encoding: str | None) -> None:
        self._kind = kind
        self._source = source
        self.size = source.seek(0, io.SEEK_END)
        source.seek(0)
        start = source.read(4096)
        self._encoding = encoding or _encoding_of(start)
        self.is_json = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" if is_json is None else is_json
        self.delimiter = ","
        self.header: list[str] = []
        self.digest = ""

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._source.tell()

    def rows(self) -> Iterator[ReadRow]:
        """Read from the beginning.

        Raises:
            Refused: this is no such table: no header, an unknown or missing column, a quote that is never closed.
        """
        self._source.seek(0)
        raw = _Fingerprinted(self._source)
        text = io.TextIOWrapper(
            io.BufferedReader(raw, _CHUNK),
            self._encoding,
            errors="surrogateescape",
            newline=None if self.is_json else "",
        )
        try:
            yield from self._json_rows(text) if self.is_json else self._csv_rows(text)
        except UnicodeError as error:
            raise Refused(
                "bad-encoding", f"this is not {self._encoding}; save it as UTF-8, or name its --encoding"
            ) from error
        finally:
            self.digest = raw.digest.hexdigest()
            text.detach()

    def _json_rows(self, text: TextIO) -> Iterator[ReadRow]:
        for number, line in enumerate(_lines(text), start=1):
            if line.strip():
                yield _json_row(number, line.rstrip("\n"))

    def _csv_rows(self, text: TextIO) -> Iterator[ReadRow]:
        lines = _lines(text)
        first = next(lines, "")
        if not first.strip():
            raise Refused("empty-file", f"the file has no header: begin it with {','.join(columns_of(self._kind))}")
        self.delimiter = _sniff(first, columns_of(self._kind))
        number = 1
        try:
            self.header = [_column(cell) for cell in next(csv.reader([first], delimiter=self.delimiter, strict=True))]
            check_columns(self._kind, self.header)
            for number, cells in enumerate(csv.reader(lines, delimiter=self.delimiter, strict=True), start=2):
                if cells:
                    yield self._csv_row(number, cells)
        except csv.Error as error:
            # What follows an open quote belongs to nobody knows which row; nothing of such a file is taken.
            where = f"behind row {number}"
            raise Refused("bad-quotes", f'{where}: {error}; close every quote, and write "" for one inside') from None

    def _csv_row(self, number: int, cells: list[str]) -> ReadRow:
        named = {name: cell for name, cell in zip(self.header, cells, strict=False) if cell and not cell.isspace()}
        named.pop(PROBLEM, None)
        if len(cells) > len(self.header) and any(cells[len(self.header) :]):
            wrong = f"it has {len(cells)} cells under {len(self.header)} columns"
            remedy = f"put cells that hold a {self.delimiter!r} into quotes"
            return ReadRow(number, cells, {}, RowProblem(row=number, field="", wrong=wrong, remedy=remedy))
        return ReadRow(number, cells, named)


@contextmanager
def open_table(kind: ImportKind, name: str, stdin: IO[bytes], encoding: str | None) -> Generator[Table]:
    """Open a file, or standard input for a dash; what cannot be read twice is kept aside meanwhile.

    Raises:
        Refused: there is no such file, or no such encoding.
    """
    _require_encoding(encoding)
    is_json = True if Path(name).suffix.lower() in _JSON_SUFFIXES else None
    with ExitStack() as stack:
        try:
            source = stack.enter_context(_opened(name, stdin))
        except OSError as error:
            raise Refused("no-file", f"{name} cannot be read: {error.strerror}") from None
        yield Table(kind, source, is_json=is_json, encoding=encoding)


@contextmanager
def _opened(name: str, stdin: IO[bytes]) -> Generator[IO[bytes]]:
    with nullcontext(stdin) if name == STDIN else Path(name).open("rb") as source:
        if name != STDIN and stat.S_ISREG(Path(name).stat().st_mode):
            yield source
            return
        with tempfile.TemporaryFile() as aside:
            shutil.copyfileobj(source, aside)
            yield aside


class RefusedRows:
    """The file of refused rows: as they were written, with what is wrong with each in one more column or field."""

    def __init__(self, table: Table, target: TextIO) -> None:
        self._table = table
        self._target = target
        self._rows = table.rows()
        self._writer = csv.writer(target, delimiter=table.delimiter)
        self._columns = [name for name in table.header if name != PROBLEM]
        self._words: list[str] = []
        self._row = 0
        if not table.is_json:
            self._writer.writerow([*self._columns, PROBLEM])

    def add(self, problem: RowProblem) -> None:
        """Take what is wrong with a row; rows come in their order."""
        if problem.row != self._row:
            self.finish()
            self._row = problem.row
        self._words.append(f"{problem.field}: {problem.wrong}; {problem.remedy}".removeprefix(": "))

    def finish(self) -> None:
        """Write the row that was added last."""
        if self._words:
            self._write(next(row for row in self._rows if row.number == self._row), " / ".join(self._words))
            self._words = []

    def _write(self, row: ReadRow, words: str) -> None:
        if isinstance(row.written, str):
            known = json.dumps({**row.cells, PROBLEM: words}, ensure_ascii=False) if row.cells else row.written
            self._target.write(f"{known}\n")
            return
        header = self._table.header
        cells = [cell for name, cell in zip(header, row.written, strict=False) if name != PROBLEM]
        padding = [""] * (len(self._columns) - len(cells))
        self._writer.writerow([*cells, *padding, *row.written[len(header) :], words])


def _json_row(number: int, line: str) -> ReadRow:
    try:
        found = from_json(line.encode())
    except UnicodeEncodeError:
        return _bad_json(number, line, "it holds bytes that are not UTF-8")
    except ValueError as error:
        return _bad_json(number, line, f"this is no JSON ({str(error)[:80]})")
    if not isinstance(found, dict):
        return _bad_json(number, line, "this is no JSON object")
    cells = {str(name): cell for name, cell in found.items() if cell is not None and name != PROBLEM}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - parsed just now
    return ReadRow(number, line, cells)


def _bad_json(number: int, line: str, wrong: str) -> ReadRow:
    remedy = 'write one object a line, such as {"sku": "TEA-1"}'
    return ReadRow(number, line, {}, RowProblem(row=number, field="", wrong=wrong, remedy=remedy))


def _lines(text: TextIO) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise Refused("line-too-long", "a line is longer than a million characters: this is no table")
        yield line


def _column(cell: str) -> str:
    return cell.strip().lower().replace(" ", "_").replace("-", "_")


def _sniff(header: str, known: Sequence[str]) -> str:
    """Return the delimiter that makes the most known columns of a header."""
    return max(_DELIMITERS, key=lambda sign: sum(_column(cell.strip('" \r\n')) in known for cell in header.split(sign)))


def _encoding_of(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8-sig"


def _require_encoding(name: str | None) -> None:
    try:
        "".encode(name or "utf-8")
    except LookupError:
        raise Refused("no-encoding", f"there is no encoding {name!r}; try utf-8, cp1252 or latin-1") from None
