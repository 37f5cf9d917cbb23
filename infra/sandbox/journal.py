"""The world's own journal: what was done in it, by whom, one JSON line each, and enough to rebuild the world."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, Field, JsonValue

from infra.sandbox.records import By, Units

_SILENT = "world.turned"


class Entry(BaseModel):
    """One thing that happened.

    Attributes:
        kind: what, such as ``label.bought``.
        subject: the id of what it happened to.
        order_id: the marketplace's order it belongs to, if any.
        units: the goods concerned.
        counter: the last number that went into an id.
        puts: table → id → the record as it is afterwards, or None when it is gone.
    """

    seq: int
    at: datetime
    kind: str
    by: By
    subject: str = ""
    order_id: str = ""
    reference: str = ""
    parcel: str = ""
    location: str = ""
    carrier: str = ""
    tracking_number: str = ""
    status: str = ""
    detail: str = ""
    amount: int = 0
    currency: str = ""
    units: list[Units] = Field(default_factory=list[Units])
    puts: dict[str, dict[str, JsonValue]] = Field(default_factory=dict[str, dict[str, JsonValue]])
    counter: int = 0

    @classmethod
    def silent(cls, seq: int, at: datetime, puts: dict[str, dict[str, JsonValue]], counter: int) -> Entry:
        """Return an entry that only keeps records and tells nothing."""
        return cls(seq=seq, at=at, kind=_SILENT, by="director", puts=puts, counter=counter)

    def public(self) -> dict[str, JsonValue]:
        """Return the entry as `GET /journal` tells it."""
        return self.model_dump(mode="json", exclude={"puts", "counter"}, exclude_defaults=True)


class Journal:
    """An append-only file of entries; a line that a crash cut off is dropped when it is read again."""

    def __init__(self, path: Path | None) -> None:
        self.entries: list[Entry] = []
        self.next_seq = 1
        self._path = path
        self._unwritten: list[str] = []
        self._file: int | None = None

    def load(self) -> Iterator[Entry]:
        """Yield what an earlier run wrote, then open the file for more."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._path.read_bytes() if self._path.exists() else b""
        whole, _, _torn = written.rpartition(b"\n")
        for line in whole.splitlines():
            entry = Entry.model_validate_json(line)
            yield entry
            self._keep(entry)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        end = len(whole) + 1 if whole else 0
        os.truncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)

    def append(self, entry: Entry) -> None:
        """Add an entry; it reaches the file with the next `flush`."""
        if self._file is not None:
            self._unwritten.append(entry.model_dump_json(exclude_defaults=True))
        self._keep(entry)

    def flush(self) -> None:
        """Write everything appended since the last time at once, so that a SIGKILL keeps all of it or nothing."""
        if self._unwritten and self._file is not None:
            os.write(self._file, ("\n".join(self._unwritten) + "\n").encode())
        self._unwritten.clear()

    def clear(self) -> None:
        """Begin with an empty journal."""
        self.entries.clear()
        self._unwritten.clear()
        self.next_seq = 1
        if self._file is not None:
            os.truncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)

    def close(self) -> None:
        """Write what is left and close the file."""
        self.flush()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _keep(self, entry: Entry) -> None:
        self.next_seq = entry.seq + 1
        # The records are in the world's tables already: keeping every version of them as well would grow for ever.
        if entry.kind != _SILENT:
            self.entries.append(entry.model_copy(update={"puts": {}}))
