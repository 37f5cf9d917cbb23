"""A small partner on the other side of a shared folder: takes files, refuses what has left, and leaves reports."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import httpx

from adapters.conformance.worlds import KnownWork, LocationWorld, Vital
from adapters.locations.folder import MANIFEST

REPORTS = {
    "picked-1.csv": "fulfillment_id\nshop-eu/1/F1\n",
    "ready-1.csv": "fulfillment_id\nshop-eu/1/F1\n",
    "shipped-1.csv": "fulfillment_id,line_id,quantity\nshop-eu/1/F1,L1,2\nshop-eu/1/F1,L2,1\n",
    "collected-1.csv": "fulfillment_id,pin\nshop-eu/1/F1,0042\n",
    "rejected-1.csv": "fulfillment_id,line_id,quantity,reason\nshop-eu/1/F1,L1,2,not_found\n",
    "return-received-1.csv": "return_id\nshop-eu/1/R1\n",
    "return-inspected-1.csv": "tracking_number,line_id,quantity,disposition\nSW1,L1,1,RESTOCKED\n",
    "stock-counted-1.csv": "location,counted_at,whole,sku,units\nWH-1,2026-03-01T10:00:00Z,no,TEA,4\n",
    "stock-changed-1.csv": "location,sequence,sku,delta,reason,occurred_at\nWH-1,7,TEA,-2,used,2026-03-01T10:00:00Z\n",
    "till-sold-1.csv": "location,receipt,occurred_at,line,sku,quantity\nWH-1,17,2026-03-01T10:00:00Z,1,TEA,2\n",
    "till-returned-1.csv": "location,receipt,occurred_at,line,sku,quantity\nWH-1,18,2026-03-01T10:00:00Z,1,TEA,1\n",
}


_WORK = Vital(texts=("fulfillment_id",))
_RECEIPT = Vital(texts=("location", "receipt", "line", "sku"), quantities=("quantity",), moments=("occurred_at",))
VITAL = (
    _WORK,
    _WORK,
    Vital(texts=("fulfillment_id", "line_id"), quantities=("quantity",)),
    Vital(texts=("fulfillment_id",), words=("pin",)),
    Vital(texts=("fulfillment_id", "line_id", "reason"), quantities=("quantity",)),
    Vital(texts=("return_id",)),
    Vital(texts=("tracking_number", "line_id", "disposition"), quantities=("quantity",)),
    Vital(texts=("location", "sku"), words=("whole",), quantities=("units",), moments=("counted_at",)),
    Vital(texts=("location", "sku"), words=("delta", "reason"), quantities=("sequence",), moments=("occurred_at",)),
    _RECEIPT,
    _RECEIPT,
)
"""Of each report, in the same order."""


class FolderWorld(LocationWorld):
    """It takes what lies there whenever time passes."""

    manifest: ClassVar = MANIFEST
    location: ClassVar = "WH-1"
    skus: ClassVar = ("TEA", "MUG")
    reports: ClassVar = VITAL

    def __init__(self, root: Path) -> None:
        self.root = root
        self.left: set[str] = set()
        self._letters = 0

    @property
    def settings(self) -> Mapping[str, object]:
        """The folder."""
        return {"directory": self.root, "labels_itself": True}

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """Nobody is asked."""
        return httpx.MockTransport(lambda _: httpx.Response(500))

    @property
    def now(self) -> datetime:
        """Its present moment."""
        return datetime(2026, 3, 1, 10, tzinfo=UTC)

    async def works(self, fulfillment_id: str) -> tuple[KnownWork, ...]:
        """Return the work that lies anywhere."""
        stopped = any(part == "taken" for part, _ in self._about("recall", fulfillment_id))
        return tuple(
            KnownWork(stopped=stopped or part == "withdrawn", units=_units(rows))
            for part, rows in self._about("release", fulfillment_id)
        )

    async def expected(self, return_id: str) -> int:
        """Return how many announcements lie anywhere."""
        return len(list(self._about("return", return_id)))

    async def hand_over(self, fulfillment_id: str) -> None:
        """Take the work and let it leave."""
        await self.finish_jobs()
        self.left.add(fulfillment_id)

    async def finish_jobs(self) -> None:
        """Take what lies there, and refuse to stop what has left."""
        for file in sorted((self.root / "out").glob("*.csv")):
            gone = file.name.startswith("recall-") and _rows(file)[0]["fulfillment_id"] in self.left
            self.move(file, "refused" if gone else "taken")

    def move(self, file: Path, to: str) -> None:
        """Move a file to another part."""
        (self.root / to).mkdir(exist_ok=True)
        file.rename(self.root / to / file.name)

    async def leave_letter(self, body: bytes) -> None:
        """Leave a report, always under a new name."""
        name, _, content = body.partition(b"\n")
        self._letters += 1
        self.leave(f"{name.decode().rpartition('-')[0]}-{self._letters}.csv", content)

    def leave(self, name: str, content: bytes) -> Path:
        """Leave a file, whole at once."""
        (self.root / "in").mkdir(exist_ok=True)
        unfinished = self.root / "in" / f".{name}"
        unfinished.write_bytes(content)
        return unfinished.rename(self.root / "in" / name)

    def webhook_bodies(self) -> tuple[bytes, ...]:
        """Return one report of each kind."""
        return tuple(f"{name}\n{content}".encode() for name, content in REPORTS.items())

    def own_label_report(self, fulfillment_id: str, tracking_number: str, carrier: str) -> bytes:
        """Tell that a parcel left, with one unit of one line."""
        columns = "fulfillment_id,tracking_number,carrier,line_id,quantity"
        return f"shipped-9.csv\n{columns}\n{fulfillment_id},{tracking_number},{carrier},L1,1\n".encode()

    def _about(self, kind: str, subject: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
        for part in ("out", "taken", "refused", "withdrawn"):
            for file in sorted((self.root / part).glob(f"{kind}-*.csv")):
                rows = _rows(file)
                if subject in {rows[0].get("fulfillment_id"), rows[0].get("return_id")}:
                    yield part, rows


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def _units(rows: list[dict[str, str]]) -> dict[str, int]:
    units = Counter[str]()
    for row in rows:
        units[row["sku"]] += int(row["quantity"])
    return dict(units)
