"""The sandbox's locations as a world to be held against."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from adapters.conformance.worlds import KnownWork, LocationWorld, Vital
from adapters.locations.sandbox import MANIFEST
from tests.adapters.sandbox_inside import SandboxInside, told

_STOPPED = {"cancelled", "rejected"}


_WORK = Vital(texts=("fulfillment_id",), words=("type",))
REPORTS = (
    _WORK,
    _WORK,
    _WORK,
    Vital(texts=("fulfillment_id",), words=("type", "pin")),
    Vital(
        texts=("fulfillment_id", "lines.0.line_id", "lines.0.reason"), words=("type", "lines"),
        quantities=("lines.0.quantity",),
    ),
    Vital(texts=("return_id",), words=("type", "tracking_number")),
    Vital(
        texts=("return_id", "lines.0.line_id", "lines.0.disposition"), words=("type", "lines"),
        quantities=("lines.0.quantity",),
    ),
)  # fmt: skip


class SandboxLocationsWorld(SandboxInside, LocationWorld):
    manifest = MANIFEST
    location = "STORE-1"
    skus = ("NOTEBOOK", "CANDLE")
    reports = REPORTS

    @property
    def settings(self) -> Mapping[str, object]:
        return {**super().settings, "labels_itself": True}

    async def works(self, fulfillment_id: str) -> tuple[KnownWork, ...]:
        known: list[KnownWork] = []
        for work in self.world.works.values():
            if work.fulfillment_id == fulfillment_id:
                units = Counter[str]()
                for line in work.lines:
                    units[line.sku] += line.quantity
                known.append(KnownWork(stopped=work.status in _STOPPED, units=dict(units)))
        return tuple(known)

    async def expected(self, return_id: str) -> int:
        return sum(one.return_id == return_id for one in self.world.arrivals.values())

    async def hand_over(self, fulfillment_id: str) -> None:
        for work in self.world.works.values():
            if work.fulfillment_id == fulfillment_id:
                work.status = "handed_over"

    def own_label_report(self, fulfillment_id: str, tracking_number: str, carrier: str) -> bytes:
        own = {"fulfillment_id": fulfillment_id, "tracking_number": tracking_number, "carrier": carrier}
        return json.dumps(told(type="staff.handed_over", **own)).encode()

    def webhook_bodies(self) -> tuple[bytes, ...]:
        work = {"fulfillment_id": "shop-eu/1/F1", "location": "STORE-1", "order": "SX-1", "work_id": "W-1"}
        units = {"line_id": "L1", "sku": "CANDLE", "quantity": 1}
        back = {"return_id": "shop-eu/1/R1", "tracking_number": "", "location": "STORE-1", "order": "SX-1"}
        bodies: list[dict[str, Any]] = [
            told(type="staff.picked", **work, lines=[units]),
            told(type="staff.ready", **work, lines=[units]),
            told(type="staff.handed_over", **work, lines=[units], tracking_numbers=["SW1"]),
            told(type="staff.collected", **work, lines=[units], pin="0042"),
            told(type="staff.rejected", **work, lines=[{**units, "reason": "damaged"}]),
            told(type="staff.received", **back, lines=[{**units, "disposition": "RESTOCKED"}]),
            told(type="staff.inspected", **back, lines=[{**units, "disposition": "RESTOCKED"}]),
        ]
        return tuple(json.dumps(body).encode() for body in bodies)
