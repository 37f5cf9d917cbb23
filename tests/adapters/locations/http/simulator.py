"""A small system of locations in memory that speaks the contract of the generic HTTP adapter."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from adapters.conformance.worlds import KnownWork, LocationWorld, Vital
from adapters.locations.http import MANIFEST

_SECRET, _TOKEN = "callback-secret-of-a-test", "token-of-a-test"
_STOPPED = {"stopped", "rejected"}


_LINES = {"words": ("id", "type", "lines"), "quantities": ("lines.0.quantity",)}
_WORK = Vital(texts=("fulfillment_id",), words=("id", "type"))
_RECEIPT = Vital(texts=("location", "receipt", "lines.0.line", "lines.0.sku"), moments=("occurred_at",), **_LINES)
REPORTS = (
    _WORK,
    _WORK,
    # Without lines all of them have left.
    Vital(texts=("fulfillment_id", "lines.0.line_id"), words=("id", "type"), quantities=("lines.0.quantity",)),
    Vital(texts=("fulfillment_id",), words=("id", "type", "pin")),
    Vital(texts=("fulfillment_id", "lines.0.line_id", "lines.0.reason"), **_LINES),
    Vital(texts=("return_id",), words=("id", "type")),
    Vital(texts=("tracking_number", "lines.0.line_id", "lines.0.disposition"), **_LINES),
    Vital(
        texts=("location", "rows.0.sku"), words=("id", "type", "rows", "whole"), quantities=("rows.0.units",),
        moments=("counted_at",),
    ),
    Vital(
        texts=("location", "changes.0.sku"), words=("id", "type", "changes", "changes.0.delta", "changes.0.reason"),
        quantities=("changes.0.sequence",), moments=("changes.0.occurred_at",),
    ),
    _RECEIPT,
    _RECEIPT,
)  # fmt: skip


class HttpLocationsWorld(LocationWorld):
    """Keys are honoured, and a second one for the same work is a second work."""

    manifest: ClassVar = MANIFEST
    location: ClassVar = "WH-1"
    skus: ClassVar = ("TEA", "MUG")

    reports: ClassVar = REPORTS

    def __init__(self) -> None:
        self.works_kept: list[dict[str, Any]] = []
        self.returns_kept: list[dict[str, Any]] = []
        self.answers: dict[str, tuple[int, Any]] = {}

    @property
    def settings(self) -> Mapping[str, object]:
        """The system's."""
        return {
            "base_url": "https://wms.test/crossdock/",
            "token": _TOKEN,
            "webhook_secret": _SECRET,
            "labels_itself": True,
        }

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """Straight to it."""
        return httpx.MockTransport(self._answer)

    @property
    def now(self) -> datetime:
        """Its present moment."""
        return datetime(2026, 3, 1, 10, tzinfo=UTC)

    async def works(self, fulfillment_id: str) -> tuple[KnownWork, ...]:
        """Return what was released."""
        return tuple(
            KnownWork(stopped=work["status"] in _STOPPED, units=_units(work["lines"]))
            for work in self._of(fulfillment_id)
        )

    async def expected(self, return_id: str) -> int:
        """Return how often a return was announced."""
        return sum(one["return_id"] == return_id for one in self.returns_kept)

    async def hand_over(self, fulfillment_id: str) -> None:
        """Let it leave."""
        for work in self._of(fulfillment_id):
            work["status"] = "shipped"

    def webhook_bodies(self) -> tuple[bytes, ...]:
        """Return one callback of each kind."""
        work = {"fulfillment_id": "shop-eu/1/F1"}
        line = {"line_id": "L1", "quantity": 1}
        place, moment = {"location": self.location}, "2026-03-01T09:59:00+01:00"
        change = {"sequence": 7, "sku": "TEA", "delta": -2, "reason": "broken", "occurred_at": moment}
        receipt = {
            **place,
            "receipt": "17",
            "occurred_at": moment,
            "lines": [{"line": "1", "sku": "TEA", "quantity": 1}],
        }
        told: list[dict[str, Any]] = [
            {"type": "work.picked", **work},
            {"type": "work.ready", **work},
            {"type": "work.shipped", **work, "lines": [line]},
            {"type": "work.collected", **work, "pin": "0042"},
            {"type": "work.rejected", **work, "lines": [{**line, "reason": "damaged"}]},
            {"type": "return.received", "return_id": "shop-eu/1/R1"},
            {"type": "return.inspected", "tracking_number": "SW1", "lines": [{**line, "disposition": "RESTOCKED"}]},
            {
                "type": "stock.counted",
                **place,
                "counted_at": moment,
                "whole": True,
                "rows": [{"sku": "TEA", "units": 4}],
            },
            {"type": "stock.changed", **place, "changes": [change]},
            {"type": "till.sold", **receipt},
            {"type": "till.returned", **receipt},
        ]
        return tuple(json.dumps({"id": f"cb-{number}", **one}).encode() for number, one in enumerate(told))

    def own_label_report(self, fulfillment_id: str, tracking_number: str, carrier: str) -> bytes:
        """Tell that a parcel left."""
        told = {"id": "cb-99", "type": "work.shipped", "fulfillment_id": fulfillment_id, "carrier": carrier}
        return json.dumps({**told, "tracking_number": tracking_number}).encode()

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        """Sign as the contract says."""
        timestamp = str(int(moment.timestamp()))
        shown = hmac.new(_SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"x-crossdock-timestamp": timestamp, "x-crossdock-signature": f"v1={shown}"}

    def _of(self, fulfillment_id: str) -> list[dict[str, Any]]:
        return [work for work in self.works_kept if work["fulfillment_id"] == fulfillment_id]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return httpx.Response(401, json={"error": {"code": "who-are-you"}})
        path = request.url.path.removeprefix("/crossdock")
        if request.method == "GET":
            return httpx.Response(200, json={"found": self._found(path, dict(request.url.params))})
        key = request.headers["Idempotency-Key"]
        if key not in self.answers:
            self.answers[key] = self._take(path, json.loads(request.content))
        status, body = self.answers[key]
        return httpx.Response(status, json=body)

    def _found(self, path: str, asked: dict[str, str]) -> list[dict[str, str]]:
        kept = self.works_kept if path == "/work" else self.returns_kept
        return [
            {"id": one["id"], "status": one.get("status", "")}
            for one in kept
            if all(one[name] == value for name, value in asked.items())
        ]

    def _take(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path == "/recalls":
            return self._recall(body)
        kept = self.works_kept if path == "/work" else self.returns_kept
        kept.append({**body, "id": f"{path[1].upper()}-{len(kept) + 1}", "status": "open"})
        return 201, {"id": kept[-1]["id"], "status": "open"}

    def _recall(self, body: dict[str, Any]) -> tuple[int, Any]:
        works = self._of(body["fulfillment_id"])
        if not works:
            return 404, {"error": {"code": "unknown-work"}}
        if any(work["status"] == "shipped" for work in works):
            return 409, {"error": {"code": "already-gone"}}
        for work in works:
            work["status"] = "stopped"
        return 200, {"id": works[0]["id"], "status": "stopped"}


def _units(lines: list[dict[str, Any]]) -> dict[str, int]:
    units = Counter[str]()
    for line in lines:
        units[line["sku"]] += line["quantity"]
    return dict(units)
