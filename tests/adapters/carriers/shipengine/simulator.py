"""A small ShipEngine in memory: labels by external id, rates, voids, pickups and signed webhooks."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from adapters.carriers.shipengine import MANIFEST
from adapters.conformance.worlds import SoldLabel, Vital
from domain.shipment import TrackingStatus
from domain.values import Address
from tests.adapters.carriers.gateway import GatewayWorld, find_route

PAPER = b"%PDF-1.4\n% a label\n"
_PRICES = {"usps_ground_advantage": 3.79, "usps_priority_mail": 7.4200, "usps_priority_mail_express": 31.15}


@cache
def private_key() -> rsa.RSAPrivateKey:
    """Return the key that this ShipEngine signs with."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _base64(number: int) -> str:
    told = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


class ShipEngineWorld(GatewayWorld):
    """One account with a carrier called se-1."""

    manifest: ClassVar = MANIFEST
    sender: ClassVar = Address(
        name="Store", street="2510 Commerce Way", city="Vista", postal_code="92081", region="CA", country="US",
        phone="760-555-0100",
    )  # fmt: skip
    destination: ClassVar = Address(
        name="Ada Koch", street="179 N Harbor Dr", city="Redondo Beach", postal_code="90277", region="CA", country="US"
    )
    nowhere: ClassVar = destination.model_copy(update={"postal_code": "00000"})
    words: ClassVar = {
        "NY": TrackingStatus.ANNOUNCED,
        "AC": TrackingStatus.ACCEPTED,
        "IT": TrackingStatus.IN_TRANSIT,
        "AT": TrackingStatus.ATTEMPTED,
        "SP": TrackingStatus.TO_BE_COLLECTED,
        "EX": TrackingStatus.EXCEPTION,
        "DE": TrackingStatus.DELIVERED,
    }

    tracked: ClassVar = Vital(texts=("tracking_number",), words=("events",), moments=("events.0.occurred_at",))
    hooked: ClassVar = Vital(
        texts=("data.tracking_number",), words=("resource_type", "data", "data.events"),
        moments=("data.events.0.occurred_at",),
    )  # fmt: skip
    bought: ClassVar = Vital(
        texts=("label_id", "status", "tracking_number", "shipment_cost.currency", "label_download.href"),
        words=("shipment_cost", "label_download"), amounts=("shipment_cost.amount",),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.sold: dict[str, dict[str, Any]] = {}
        self.pickups: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()

    @property
    def settings(self) -> Mapping[str, object]:
        """The account's."""
        public = private_key().public_key().public_numbers()
        return {
            "api_key": "TEST_of-a-test",
            "webhook_keys": [{"kid": "key-1", "n": _base64(public.n), "e": _base64(public.e)}],
            "ordinary": ["se-1/usps_priority_mail", "se-1/usps_ground_advantage"],
            "speeds": {"express": ["se-1/usps_priority_mail_express"]},
            "contact": {"name": "Store", "email": "store@example.org", "phone": "760-555-0100"},
        }

    async def labels(self) -> tuple[SoldLabel, ...]:
        """Every label that was bought, by the order id that our reference stands in."""
        return tuple(
            SoldLabel(
                reference=one["reference"],
                tracking_number=one["tracking_number"],
                cost=round(one["shipment_cost"]["amount"] * 100),
                currency="USD",
                voided=one["voided"],
            )
            for one in self.sold.values()
        )

    async def scan(self, tracking_number: str, word: str, moment: datetime) -> None:
        """Let USPS scan a parcel."""
        event = {
            "occurred_at": moment.isoformat().replace("+00:00", "Z"), "carrier_occurred_at": "2026-03-01T04:00:00",
            "status_code": word, "status_detail_code": None, "event_code": "", "carrier_status_code": "1",
        }  # fmt: skip
        self.scans.setdefault(tracking_number, []).append(event)

    async def hand_over(self, tracking_number: str) -> None:
        """Let USPS have the parcel."""
        self.gone.add(tracking_number)

    async def collections(self, remote_ids: tuple[str, ...]) -> int:
        """Every driver for these labels."""
        return sum(set(one["label_ids"]) == set(remote_ids) for one in self.pickups.values())

    def webhook_bodies(self) -> tuple[bytes, ...]:
        """A parcel that was scanned."""
        event = {"occurred_at": "2026-03-01T11:58:02Z", "status_code": "IT", "carrier_status_code": "10"}
        self.scans["9400111899563821705427"] = [event]
        return (self.scan_webhook("9400111899563821705427", "IT", self.now),)

    def scan_webhook(self, tracking_number: str, word: str, moment: datetime) -> bytes:
        """The parcel's whole history, as every webhook tells it."""
        del word, moment
        hook = {"resource_type": "API_TRACK", "resource_url": "https://api.shipengine.com/v1/tracking?x=1"}
        return json.dumps({**hook, "data": self._tracking(tracking_number)}).encode()

    def sign(self, body: bytes, moment: datetime) -> Mapping[str, str]:
        """Sign the moment and the body."""
        told = moment.isoformat().replace("+00:00", "Z")
        signature = private_key().sign(told.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
        return {
            "x-shipengine-timestamp": told,
            "x-shipengine-rsa-sha256-key-id": "key-1",
            "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode(),
        }

    def _tracking(self, number: str) -> dict[str, Any]:
        events = list(reversed(self.scans.get(number, [])))
        status = events[0]["status_code"] if events else "NY"
        return {"tracking_number": number, "carrier_code": "stamps_com", "status_code": status, "events": events}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.headers.get("api-key") != "TEST_of-a-test":
            return _refuse(401, "unauthorized")
        routes = {
            "POST rates": self._rates,
            "POST labels": self._buy,
            "GET labels": self._search,
            "GET labels/external_shipment_id/*": self._by_external_id,
            "GET labels/*": self._label,
            "GET labels/*/track": self._track,
            "PUT labels/*/void": self._void,
            "POST pickups": self._schedule,
            "GET pickups": self._pickups,
        }
        return find_route(routes, request, "/v1") or _refuse(404, "unspecified")

    def _rates(self, sent: dict[str, Any]) -> httpx.Response:
        nothing = {"currency": "usd", "amount": 0.0}
        served = sent["shipment"]["ship_to"]["postal_code"] != "00000"
        rates = [
            {"rate_id": f"se-{code}", "carrier_id": "se-1", "service_code": code, "delivery_days": 2,
             "shipping_amount": {"currency": "usd", "amount": price}, "insurance_amount": nothing,
             "confirmation_amount": nothing, "other_amount": nothing,
             "error_messages": [] if served else ["not served"]}
            for code, price in _PRICES.items() if code in sent["rate_options"]["service_codes"]
        ]  # fmt: skip
        return httpx.Response(200, json={"shipment_id": "se-9", "rate_response": {"rates": rates, "errors": []}})

    def _buy(self, sent: dict[str, Any]) -> httpx.Response:
        shipment = sent["shipment"]
        if "00000" in {shipment["ship_to"]["postal_code"], shipment["ship_from"]["postal_code"]}:
            return _refuse(400, "invalid_address")
        key = f"se-{len(self.sold) + 1}"
        paper = "data:application/pdf;base64," + base64.b64encode(PAPER).decode()
        nothing = {"currency": "usd", "amount": 0.0}
        self.sold[key] = {
            "label_id": key, "status": "completed", "external_shipment_id": shipment["external_shipment_id"],
            "shipment_cost": {"currency": "usd", "amount": _PRICES[shipment["service_code"]]},
            "insurance_cost": nothing,
            "tracking_number": f"94001118995638217{len(self.sold):05d}", "is_return_label": sent["is_return_label"],
            "carrier_id": shipment["carrier_id"], "service_code": shipment["service_code"], "voided": False,
            "carrier_code": "stamps_com", "label_download": {"href": paper}, "label_format": sent["label_format"],
            "reference": shipment["external_order_id"],
        }  # fmt: skip
        return httpx.Response(200, json=self.sold[key])

    def _search(self, asked: dict[str, str]) -> httpx.Response:
        found = [one for one in self.sold.values() if one["tracking_number"] == asked["tracking_number"]]
        return httpx.Response(200, json={"labels": found, "total": len(found), "page": 1, "pages": 1})

    def _by_external_id(self, key: str, _: object) -> httpx.Response:
        found = [one for one in self.sold.values() if one["external_shipment_id"] == key]
        return httpx.Response(200, json=found[0]) if found else _refuse(404, "unspecified")

    def _label(self, key: str, _: object) -> httpx.Response:
        return httpx.Response(200, json=self.sold[key])

    def _track(self, key: str, _: object) -> httpx.Response:
        return httpx.Response(200, json=self._tracking(self.sold[key]["tracking_number"]))

    def _void(self, key: str, _: object) -> httpx.Response:
        label = self.sold[key]
        gone, again = label["tracking_number"] in self.gone, label["voided"]
        reason = "label_already_used" if gone else "label_already_voided" if again else None
        label["voided"] = label["voided"] or not gone
        return httpx.Response(200, json={"approved": reason is None, "message": "told", "reason_code": reason})

    def _schedule(self, sent: dict[str, Any]) -> httpx.Response:
        key = f"pik_{len(self.pickups) + 1}"
        self.pickups[key] = {"pickup_id": key, "label_ids": sent["label_ids"], "cancelled_at": None}
        return httpx.Response(200, json=self.pickups[key])

    def _pickups(self, asked: dict[str, str]) -> httpx.Response:
        newest = list(reversed(self.pickups.values()))[: int(asked["page_size"])]
        return httpx.Response(200, json={"pickups": newest, "total": len(self.pickups), "page": 1})


def _refuse(status: int, code: str) -> httpx.Response:
    error = {"error_source": "shipengine", "error_type": "business_rules", "error_code": code, "message": "no"}
    return httpx.Response(status, json={"request_id": "00000000-0000-0000-0000-000000000000", "errors": [error]})
