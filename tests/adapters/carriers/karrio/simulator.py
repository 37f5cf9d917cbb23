"""A small Karrio in memory: shipments that are drafted and purchased, trackers, and webhooks with their secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import httpx

from adapters.carriers.karrio import MANIFEST
from adapters.conformance.worlds import SoldLabel, Vital
from domain.shipment import TrackingStatus
from domain.values import Address
from tests.adapters.carriers.gateway import GatewayWorld, find_route

PAPER = b"^XA\n^FO30,60^FDA LABEL^FS\n^XZ"
_PRICES = {"fleet_ground": 7.25, "fleet_post": 5.9, "fleet_air": 19.0}


class KarrioWorld(GatewayWorld):
    """One server with one connection called fleet."""

    manifest: ClassVar = MANIFEST
    signs_moment: ClassVar = False
    signs_body: ClassVar = False
    sender: ClassVar = Address(name="Depot", street="Kai 1", city="Hamburg", postal_code="20457", country="DE")
    destination: ClassVar = Address(
        name="Ada Koch", street="Lindenweg 7", city="Bremen", postal_code="28195", country="DE", phone="+49 421 555"
    )
    nowhere: ClassVar = destination.model_copy(update={"postal_code": "00000"})
    words: ClassVar = {
        "pending": TrackingStatus.ANNOUNCED,
        "picked_up": TrackingStatus.ACCEPTED,
        "in_transit": TrackingStatus.IN_TRANSIT,
        "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
        "delivery_failed": TrackingStatus.ATTEMPTED,
        "ready_for_pickup": TrackingStatus.TO_BE_COLLECTED,
        "delivered": TrackingStatus.DELIVERED,
        "on_hold": TrackingStatus.EXCEPTION,
        "return_to_sender": TrackingStatus.RETURNING,
    }

    tracked: ClassVar = Vital(
        texts=("tracking_number",),
        words=("events",),
        moments=("events.0.timestamp",),
    )
    hooked: ClassVar = Vital(
        texts=("data.tracking_number",), words=("data.events", "event", "data"), moments=("data.events.0.timestamp",),
    )  # fmt: skip
    bought: ClassVar = Vital(
        texts=("id", "tracking_number", "selected_rate.currency"), words=("status", "rates", "selected_rate"),
        amounts=("selected_rate.total_charge",),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.shipments: dict[str, dict[str, Any]] = {}

    @property
    def settings(self) -> Mapping[str, object]:
        """The server's."""
        return {
            "base_url": "http://127.0.0.1:5002",
            "token": "key_of-a-test",
            "webhook_secret": "whsec_of-a-test",
            "test_mode": True,
            "label_format": "ZPL",
            "ordinary": ["fleet/fleet_ground", "fleet/fleet_post"],
            "speeds": {"express": ["fleet/fleet_air"]},
        }

    async def labels(self) -> tuple[SoldLabel, ...]:
        """Every shipment that was purchased."""
        return tuple(
            SoldLabel(
                reference=one["reference"],
                tracking_number=one["tracking_number"],
                cost=round(one["selected_rate"]["total_charge"] * 100),
                currency="EUR",
                voided=one["status"] == "cancelled",
            )
            for one in self.shipments.values()
            if one["tracking_number"]
        )

    async def scan(self, tracking_number: str, word: str, moment: datetime) -> None:
        """Let the carrier scan a parcel."""
        told = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event = {"date": "2026-03-01", "time": "12:00 PM", "timestamp": told, "status": word, "code": ""}
        self.scans.setdefault(tracking_number, []).append(event)

    async def hand_over(self, tracking_number: str) -> None:
        """Let the carrier have the parcel."""
        for one in self.shipments.values():
            one["status"] = "in_transit" if one["tracking_number"] == tracking_number else one["status"]

    def webhook_bodies(self) -> tuple[bytes, ...]:
        """A tracker that was made, and one that has changed."""
        event = {"date": "2026-03-01", "timestamp": "2026-03-01T11:58:02.000Z", "status": "in_transit", "code": "IT"}
        self.scans["F00000001"] = [event]
        return tuple(self._event(f"tracker_{what}", "F00000001") for what in ("created", "updated"))

    def scan_webhook(self, tracking_number: str, word: str, moment: datetime) -> bytes:
        """The tracker's whole history, as every webhook tells it."""
        del word, moment
        return self._event("tracker_updated", tracking_number)

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        """Send the secret along."""
        del body, moment
        return {"x-event-id": "whsec_of-a-test"}

    def _event(self, event: str, number: str) -> bytes:
        return json.dumps({"event": event, "data": self._tracker(number)}).encode()

    def _tracker(self, number: str) -> dict[str, Any]:
        scans = list(reversed(self.scans.get(number, [])))
        return {
            "id": f"trk_{number}", "object_type": "tracker", "carrier_name": "generic", "tracking_number": number,
            "status": scans[0]["status"] if scans else "pending", "events": scans, "delivered": False,
        }  # fmt: skip

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.headers.get("authorization") != "Token key_of-a-test":
            return _refuse(401, "not_authenticated")
        routes = {
            "POST proxy/rates": self._rates,
            "POST shipments": self._create,
            "GET shipments": self._search,
            "GET shipments/*": self._retrieve,
            "GET shipments/*/label.zpl": self._paper,
            "POST shipments/*/purchase": self._purchase,
            "POST shipments/*/cancel": self._cancel,
            "POST trackers": self._track,
        }
        return find_route(routes, request, "/v1") or _refuse(404, "not_found")

    def _rates(self, sent: dict[str, Any]) -> httpx.Response:
        return httpx.Response(200, json={"messages": [], "rates": self._offers(sent)})

    def _offers(self, sent: dict[str, Any]) -> list[dict[str, Any]]:
        served = "fleet" in sent["carrier_ids"] and sent["recipient"].get("postal_code") != "00000"
        return [
            {"id": f"rat_{len(self.shipments)}_{service}", "carrier_name": "generic", "carrier_id": "fleet",
             "service": service, "total_charge": price, "currency": "EUR", "transit_days": 2}
            for service, price in _PRICES.items() if served
        ]  # fmt: skip

    def _create(self, sent: dict[str, Any]) -> httpx.Response:
        if not sent["recipient"].get("country_code"):
            return _refuse(400, "validation")
        key = f"shp_{len(self.shipments) + 1}"
        self.shipments[key] = {
            "id": key, "object_type": "shipment", "status": "draft", "reference": sent["reference"],
            "rates": self._offers(sent), "label_type": sent["label_type"], "tracking_number": None,
            "carrier_name": None, "selected_rate": None, "label_url": None, "shipping_documents": [],
            "is_return": sent.get("is_return", False), "service": sent.get("service"), "test_mode": True,
        }  # fmt: skip
        return httpx.Response(201, json=self.shipments[key])

    def _purchase(self, key: str, sent: dict[str, Any]) -> httpx.Response:
        shipment = self.shipments[key]
        if shipment["status"] != "draft":
            return _refuse(409, "state_error")
        rate = next((one for one in shipment["rates"] if one["id"] == sent["selected_rate_id"]), None)
        if rate is None:
            return _refuse(400, "validation")
        number, url = f"F{len(self.shipments):08d}", f"/v1/shipments/{key}/label.zpl"
        paper = {"category": "label", "format": "ZPL", "url": url, "base64": None}
        shipment.update(
            status="created", tracking_number=number, carrier_name="generic", selected_rate=rate, label_url=url,
            shipping_documents=[paper],
        )  # fmt: skip
        told = {**paper, "base64": base64.b64encode(PAPER).decode()}
        return httpx.Response(200, json={**shipment, "shipping_documents": [told]})

    def _cancel(self, key: str, _: object) -> httpx.Response:
        shipment = self.shipments[key]
        if shipment["status"] == "in_transit":
            return _refuse(409, "state_error")
        again = shipment["status"] == "cancelled"
        shipment["status"] = "cancelled"
        return httpx.Response(202 if again else 200, json=shipment)

    def _search(self, asked: dict[str, str]) -> httpx.Response:
        # A filter that it does not know is passed over: everything is told.
        del asked
        return httpx.Response(200, json={"count": len(self.shipments), "results": list(self.shipments.values())})

    def _retrieve(self, key: str, _: object) -> httpx.Response:
        return httpx.Response(200, json=self.shipments[key])

    def _paper(self, key: str, _: object) -> httpx.Response:
        del key
        return httpx.Response(200, content=PAPER, headers={"Content-Type": "application/octet-stream"})

    def _track(self, sent: dict[str, Any]) -> httpx.Response:
        if sent["carrier_name"] != "generic":
            return _refuse(400, "validation")
        return httpx.Response(202, json=self._tracker(sent["tracking_number"]))


def _refuse(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"errors": [{"code": code, "level": "error", "message": "no"}]})
