"""A small EasyPost in memory: shipments, trackers, refunds, pickups and signed events, as its documentation says."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from unicodedata import normalize

import httpx

from adapters.carriers.easypost import MANIFEST
from adapters.conformance.worlds import SoldLabel, Vital
from domain.shipment import TrackingStatus
from domain.values import Address
from tests.adapters.carriers.gateway import GatewayWorld, find_route

FILES = "easypost-files.s3.us-west-2.amazonaws.com"
PAPER = b"%PDF-1.4\n% a label\n"
_PRICES = {"GroundAdvantage": "6.07", "Priority": "7.42", "Express": "31.15"}


class EasyPostWorld(GatewayWorld):
    """One account with a carrier called USPS."""

    manifest: ClassVar = MANIFEST
    signs_moment: ClassVar = False
    pause: ClassVar = None
    sender: ClassVar = Address(
        name="Store", street="388 Townsend St", city="San Francisco", postal_code="94107", region="CA", country="US"
    )
    destination: ClassVar = Address(
        name="Ada Koch", street="179 N Harbor Dr", city="Redondo Beach", postal_code="90277", region="CA", country="US"
    )
    nowhere: ClassVar = destination.model_copy(update={"postal_code": "00000"})
    words: ClassVar = {
        "pre_transit": TrackingStatus.ANNOUNCED,
        "in_transit": TrackingStatus.IN_TRANSIT,
        "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
        "available_for_pickup": TrackingStatus.TO_BE_COLLECTED,
        "delivered": TrackingStatus.DELIVERED,
        "failure": TrackingStatus.EXCEPTION,
        "return_to_sender": TrackingStatus.RETURNING,
        "cancelled": TrackingStatus.CANCELLED,
    }

    tracked: ClassVar = Vital(
        texts=("trackers.0.tracking_code",),
        words=("trackers", "trackers.0.tracking_details", "trackers.0.tracking_details.0.status"),
        moments=("trackers.0.tracking_details.0.datetime",),
    )  # fmt: skip
    hooked: ClassVar = Vital(
        texts=("result.tracking_code",),
        words=("description", "result", "result.tracking_details", "result.tracking_details.0.status"),
        moments=("result.tracking_details.0.datetime",),
    )  # fmt: skip
    bought: ClassVar = Vital(
        texts=("id", "tracking_code", "selected_rate.currency", "postage_label.label_url"),
        words=("selected_rate", "postage_label"), amounts=("selected_rate.rate",),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.shipments: dict[str, dict[str, Any]] = {}
        self.pickups: dict[str, dict[str, Any]] = {}
        self.batches: dict[str, dict[str, Any]] = {}

    @property
    def settings(self) -> Mapping[str, object]:
        """The account's."""
        return {
            "api_key": "EZTK-of-a-test",
            "webhook_secret": "sécret",
            "ordinary": ["USPS/Priority", "USPS/GroundAdvantage"],
            "speeds": {"express": ["USPS/Express"]},
        }

    async def labels(self) -> tuple[SoldLabel, ...]:
        """Every shipment that was bought."""
        return tuple(
            SoldLabel(
                reference=one["reference"],
                tracking_number=one["tracking_code"],
                cost=round(float(one["selected_rate"]["rate"]) * 100),
                currency="USD",
                voided=one["refund_status"] is not None,
            )
            for one in self.shipments.values()
            if one["postage_label"]
        )

    async def scan(self, tracking_number: str, word: str, moment: datetime) -> None:
        """Let USPS scan a parcel."""
        detail = {
            "object": "TrackingDetail", "message": word, "status": word, "status_detail": "status_update",
            "datetime": moment.isoformat().replace("+00:00", "Z"), "source": "USPS", "carrier_code": "",
        }  # fmt: skip
        self.scans.setdefault(tracking_number, []).append(detail)

    async def hand_over(self, tracking_number: str) -> None:
        """Let USPS have the parcel."""
        await self.scan(tracking_number, "in_transit", self.now)

    async def collections(self, remote_ids: tuple[str, ...]) -> int:
        """Every driver that was paid for."""
        bought = (one["for"] for one in self.pickups.values() if one["status"] == "scheduled")
        return sum(not set(remote_ids).isdisjoint(labels) for labels in bought)

    def webhook_bodies(self) -> tuple[bytes, ...]:
        """A tracker that was created, and one that has changed."""
        self.scans["9400111899563821705427"] = []
        detail = {"status": "in_transit", "datetime": "2026-03-01T11:58:02Z", "source": "USPS", "carrier_code": ""}
        self.scans["9400111899563821705427"].append(detail)
        return tuple(self._event(f"tracker.{what}", "9400111899563821705427") for what in ("created", "updated"))

    def scan_webhook(self, tracking_number: str, word: str, moment: datetime) -> bytes:
        """The tracker's whole history, as every event tells it."""
        del word, moment
        return self._event("tracker.updated", tracking_number)

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        """Sign as EasyPost does: without a moment."""
        del moment
        secret = normalize("NFKD", "sécret").encode()
        return {"x-hmac-signature": "hmac-sha256-hex=" + hmac.new(secret, body, hashlib.sha256).hexdigest()}

    def _event(self, description: str, number: str) -> bytes:
        event = {"id": "evt_1", "object": "Event", "description": description, "mode": "test"}
        return json.dumps({**event, "previous_attributes": {}, "result": self._tracker(number)}).encode()

    def _tracker(self, number: str) -> dict[str, Any]:
        scans = self.scans.get(number, [])
        return {
            "id": f"trk_{number}", "object": "Tracker", "tracking_code": number, "carrier": "USPS",
            "status": scans[-1]["status"] if scans else "unknown", "tracking_details": list(reversed(scans)),
        }  # fmt: skip

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.host == FILES:
            told = "authorization" in request.headers
            return httpx.Response(400 if told else 200, content=PAPER, headers={"Content-Type": "application/pdf"})
        if request.headers.get("authorization") != "Bearer EZTK-of-a-test":
            return _refuse(401, "APIKEY.INACTIVE")
        routes = {
            "POST shipments": self._create,
            "GET shipments/*": self._retrieve,
            "POST shipments/*/buy": self._buy,
            "POST shipments/*/refund": self._refund,
            "GET trackers": self._trackers,
            "POST pickups": self._draft_pickup,
            "POST pickups/*/buy": self._schedule,
            "GET pickups": self._newest_pickups,
            "POST batches": self._gather,
            "GET batches": self._newest_batches,
        }
        return find_route(routes, request, "/v2") or _refuse(404, "NOT_FOUND")

    def _create(self, sent: dict[str, Any]) -> httpx.Response:
        wish = sent["shipment"]
        if not wish["to_address"]["street1"] or not wish["parcel"]["weight"]:
            return _refuse(422, "PARAMETER.REQUIRED")
        key = f"shp_{len(self.shipments) + 1}"
        served = wish["to_address"]["zip"] != "00000"
        rates = [
            {"id": f"rate_{key}_{service}", "carrier": "USPS", "service": service, "rate": price, "currency": "USD",
             "delivery_days": 3, "list_rate": "9.99", "shipment_id": key}
            for service, price in _PRICES.items() if served
        ]  # fmt: skip
        messages = [] if served else [{"carrier": "USPS", "type": "rate_error", "message": "no service"}]
        self.shipments[key] = {
            "id": key, "object": "Shipment", "mode": "test", "reference": wish["reference"], "rates": rates,
            "is_return": wish["is_return"], "to_address": wish["to_address"], "from_address": wish["from_address"],
            "parcel": wish["parcel"], "messages": messages, "status": "unknown", "tracking_code": None,
            "postage_label": None, "selected_rate": None, "refund_status": None, "tracker": None, "fees": [],
        }  # fmt: skip
        return httpx.Response(201, json=self._told(key))

    def _buy(self, key: str, sent: dict[str, Any]) -> httpx.Response:
        shipment = self.shipments[key]
        if shipment["postage_label"]:
            return _refuse(422, "SHIPMENT.POSTAGE.EXISTS")
        rate = next((one for one in shipment["rates"] if one["id"] == sent["rate"]["id"]), None)
        if rate is None:
            return _refuse(422, "SHIPMENT.POSTAGE.FAILURE")
        number = f"94001118995638217{len(self.shipments):05d}"
        paper = {
            "object": "PostageLabel",
            "label_file_type": "application/pdf",
            "label_url": f"https://{FILES}/{key}.pdf",
        }
        shipment.update(selected_rate=rate, tracking_code=number, postage_label=paper)
        self.scans[number] = []
        return httpx.Response(200, json=self._told(key))

    def _refund(self, key: str, _: object) -> httpx.Response:
        shipment = self.shipments[key]
        if not shipment["postage_label"] or shipment["refund_status"]:
            return _refuse(422, "SHIPMENT.REFUND.UNAVAILABLE")
        shipment["refund_status"] = "submitted"
        return httpx.Response(200, json=self._told(key))

    def _retrieve(self, key: str, _: object) -> httpx.Response:
        return httpx.Response(200, json=self._told(key))

    def _told(self, key: str) -> dict[str, Any]:
        shipment = self.shipments[key]
        number = shipment["tracking_code"]
        return {**shipment, "tracker": self._tracker(number) if number else None}

    def _trackers(self, asked: dict[str, str]) -> httpx.Response:
        number = asked["tracking_code"]
        found = [self._tracker(number)] if number in self.scans else []
        return httpx.Response(200, json={"trackers": found, "has_more": False})

    def _draft_pickup(self, sent: dict[str, Any]) -> httpx.Response:
        wish = sent["pickup"]
        key = f"pickup_{len(self.pickups) + 1}"
        rates = [
            {"id": f"pickuprate_{price}", "carrier": "USPS", "service": service, "rate": price, "currency": "USD"}
            for service, price in (("SameDay", "4.50"), ("NextDay", "0.00"))
        ]
        batch = self.batches.get(wish.get("batch", {}).get("id"))
        if "batch" in wish and (batch is None or batch["state"] != "created"):
            return _refuse(422, "BATCH.INVALID")
        goods = batch["shipments"] if batch else [wish["shipment"]]
        self.pickups[key] = {
            "id": key, "object": "Pickup", "status": "unknown", "reference": wish["reference"],
            "for": [one["id"] for one in goods],
            "min_datetime": wish["min_datetime"], "max_datetime": wish["max_datetime"], "pickup_rates": rates,
        }  # fmt: skip
        return httpx.Response(200, json=self.pickups[key])

    def _schedule(self, key: str, sent: dict[str, str]) -> httpx.Response:
        if sent["service"] not in {rate["service"] for rate in self.pickups[key]["pickup_rates"]}:
            return _refuse(422, "PICKUP.RATE.UNAVAILABLE")
        self.pickups[key]["status"] = "scheduled"
        return httpx.Response(200, json=self.pickups[key])

    def _newest_pickups(self, asked: dict[str, str]) -> httpx.Response:
        newest = list(reversed(self.pickups.values()))[: int(asked["page_size"])]
        return httpx.Response(200, json={"pickups": newest, "has_more": len(newest) < len(self.pickups)})

    def _gather(self, sent: dict[str, Any]) -> httpx.Response:
        wish = sent["batch"]
        key = f"batch_{len(self.batches) + 1}"
        known = all(one["id"] in self.shipments for one in wish["shipments"])
        self.batches[key] = {"id": key, "object": "Batch", "reference": wish["reference"], **wish}
        # What it becomes is shown by the next look at it.
        self.batches[key]["state"] = "created" if known else "creation_failed"
        return httpx.Response(201, json={**self.batches[key], "state": "creating", "shipments": []})

    def _newest_batches(self, asked: dict[str, str]) -> httpx.Response:
        newest = list(reversed(self.batches.values()))[: int(asked["page_size"])]
        return httpx.Response(200, json={"batches": newest, "has_more": len(newest) < len(self.batches)})


def _refuse(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "no", "errors": []}})
