"""Files and our words: pure functions."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from pydantic import TypeAdapter

from adapters.lenient import reading
from adapters.locations.folder import wire
from adapters.locations.folder.folder import MAX_BYTES
from domain.errors import ContractBroken
from domain.facts import Fact
from domain.ports.location import ExpectReturn, RecallWork, ReleaseWork, WorkLine

_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)
_NAME = re.compile(rf"(?P<kind>{'|'.join(wire.SHEETS)})-[A-Za-z0-9._-]{{1,120}}\.csv")
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_ZONE = re.compile(r".+T.+(Z|[+-][0-9]{2}:?[0-9]{2})")


def file_name(kind: str, subject: str) -> str:
    """Return the one name of the file about a subject; its end keeps two subjects apart that read alike.

    >>> file_name("release", "shop-eu/1001/F1")
    'release-shop-eu-1001-F1-f70b2f1d3825.csv'
    """
    slug = re.sub(r"[^A-Za-z0-9]+", "-", subject)[:80].strip("-")
    return f"{kind}-{slug}-{sha256(subject.encode()).hexdigest()[:12]}.csv"


def to_work(write: ReleaseWork) -> bytes:
    """Return a fulfillment order, one row for each SKU to pick."""
    ship_by = write.ship_by.isoformat() if write.ship_by else ""
    head = (write.fulfillment_id, write.location, write.delivery, ship_by)
    return _write(wire.WORK, ((*head, *row) for row in _to_lines(write.lines)))


def to_recall(write: RecallWork) -> bytes:
    """Return the wish to stop."""
    return _write(wire.RECALL, [(write.fulfillment_id, write.location)])


def to_expected(write: ExpectReturn) -> bytes:
    """Return the announcement of goods that come back."""
    return _write(wire.EXPECTED, ((write.return_id, write.location, *row) for row in _to_lines(write.lines)))


def read_file(body: bytes) -> tuple[Fact, ...]:
    """Return the one fact of a file, whose name is the first line of the body.

    Raises:
        ContractBroken: it is not what the README says; the words name the row.
    """
    head, _, content = body.partition(b"\n")
    named = _NAME.fullmatch(head.decode("utf-8", "replace"))
    if named is None:
        words = f"expected a name that begins with one of {', '.join(wire.SHEETS)} and a dash, in letters and digits"
        raise ContractBroken("folder-unknown-kind", words)
    if len(content) > MAX_BYTES:
        raise ContractBroken("folder-too-large", f"a file may have {MAX_BYTES} bytes; send several")
    sheet = wire.SHEETS[named["kind"]]
    told = _fold(sheet, _rows(sheet, content))
    with reading("folder-bad-value"):
        return (_FACT.validate_python({**told, "kind": sheet.kind}),)


def _rows(sheet: wire.Sheet, content: bytes) -> list[dict[str, object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractBroken("folder-not-utf8", f"byte {error.start} is not UTF-8; save the file as UTF-8") from None
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise ContractBroken("folder-bad-csv", str(error)) from None
    columns = rows[0] if rows else []
    missing = {*sheet.shared, *sheet.columns} - {*columns, *sheet.optional}
    if missing or len(set(columns)) < len(columns) or len(rows) < 2:  # noqa: PLR2004 - columns and a row
        words = ", ".join((*sheet.shared, *sheet.columns))
        raise ContractBroken("folder-bad-columns", f"expected a first row with the columns {words}, and rows below it")
    if sheet.kind.startswith("stock-") and (unkept := sorted(wire.UNKEPT.intersection(columns))):
        raise ContractBroken("folder-bad-columns", f"{unkept[0]}: stock is kept by SKU only; leave such goods out")
    return [_row(sheet, columns, row, number) for number, row in enumerate(rows[1:], 2)]


def _row(sheet: wire.Sheet, columns: Sequence[str], row: Sequence[str], number: int) -> dict[str, object]:
    if len(row) != len(columns):
        raise ContractBroken("folder-bad-row", f"row {number} has {len(row)} cells: expected {len(columns)}")
    wanted = {*sheet.shared, *sheet.columns}
    return {name: _cell(name, cell.strip(), number) for name, cell in zip(columns, row, strict=True) if name in wanted}


def _cell(name: str, cell: str, number: int) -> object:
    if name in wire.NUMBERS:
        read, wish = int(cell) if _NUMBER.fullmatch(cell) else None, "a whole number"
    elif name in wire.MOMENTS:
        read, wish = cell if _ZONE.fullmatch(cell) else None, "a moment with a zone"
    elif name == "whole":
        read, wish = wire.YES_OR_NO.get(cell), "yes or no"
    else:
        return cell
    if read is None:
        raise ContractBroken("folder-bad-cell", f"row {number}: {name} is no such thing: expected {wish}")
    return read


def _fold(sheet: wire.Sheet, rows: list[dict[str, object]]) -> dict[str, object]:
    """Return one fact of all rows."""
    shared = {name: rows[0][name] for name in sheet.shared if name in rows[0]}
    for number, row in enumerate(rows, 2):
        if any(row.get(name) != told for name, told in shared.items()) or (number > 2 and not sheet.rows):  # noqa: PLR2004 - the second
            raise ContractBroken("folder-two-subjects", f"row {number} is about something else: send a file for each")
    if not sheet.rows:
        return shared
    return {**shared, sheet.rows: [{name: row[name] for name in sheet.columns if name in row} for row in rows]}


def _to_lines(lines: tuple[WorkLine, ...]) -> Iterable[tuple[object, ...]]:
    """Return what is picked from shelves, kits taken apart."""
    return ((line.line_id, own.sku, line.title, own.units * line.quantity) for line in lines for own in line.made_of)


def _write(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
