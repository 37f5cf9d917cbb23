"""The port's methods: ask, parse, map."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from unicodedata import normalize

import httpx

from adapters.carriers.easypost import mapping, scan, wire
from adapters.carriers.easypost.api import Api
from adapters.carriers.easypost.collection import find_driver, order_driver
from adapters.carriers.easypost.label import Labels
from adapters.carriers.easypost.settings import EasyPostSettings
from adapters.http import fetch
from adapters.unable import UnableCarrier
from domain.effect import CannotTell, Dedupe, DedupeClass, EffectKind, Finding, Outcome
from domain.errors import CrossdockError, NotFound
from domain.facts import Fact
from domain.ports.carrier import (
    BuyLabel,
    CarrierCapability,
    CarrierWrite,
    OrderCollection,
    ParcelWish,
    Rate,
    VoidLabel,
)  # fmt: skip
from domain.shipment import TrackingEvent

_TWO_PHASE, _ASKED = DedupeClass(dedupe=Dedupe.TWO_PHASE), DedupeClass(dedupe=Dedupe.REFERENCE)


CAPABILITY = CarrierCapability(
    voids=True,
    intercepts=False,
    return_labels=True,
    rates=True,
    collects=True,
    dedupe={
        EffectKind.LABEL: _TWO_PHASE,
        EffectKind.RETURN_LABEL: _TWO_PHASE,
        EffectKind.VOID: _ASKED,
        EffectKind.COLLECTION: _ASKED,
    },
)


class EasyPost(UnableCarrier):
    """One account."""

    def __init__(self, settings: EasyPostSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._api = Api(settings, http)
        self._labels = Labels(self._api)

    @property
    def capability(self) -> CarrierCapability:
        """What EasyPost can do with these settings."""
        pushes = bool(self._settings.webhook_secret.get_secret_value())
        return CAPABILITY.model_copy(update={"speeds": tuple(self._settings.speeds), "pushes": pushes})

    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        """Tell what the parcel would cost, by a draft that is never bought."""
        request = self._api.request("POST", "shipments", json=mapping.to_shipment(self._settings, wish, ""))
        shipment = await fetch(self._api.http, request, wire.Shipment)
        return self._settings.rates(mapping.to_offers(shipment.rates or (), self._settings.levels))

    async def draft_label(self, write: BuyLabel) -> str:
        """Make a shipment and return its id."""
        return await self._labels.draft(write)

    async def buy_label(self, write: BuyLabel) -> Outcome:
        """Buy the cheapest allowed service of the draft."""
        return await self._labels.buy(write)

    async def void_label(self, write: VoidLabel) -> Outcome:
        """Ask for the money back; the label counts as void once EasyPost has taken the request."""
        return await self._labels.give_back(write)

    async def order_collection(self, write: OrderCollection) -> Outcome:
        """Order a driver; several labels go into a batch first."""
        return await order_driver(self._api, write)

    async def find(self, write: CarrierWrite) -> Finding:
        """Look a write up by how its shipment stands; a driver by our reference."""
        try:
            match write:
                case BuyLabel():
                    return await self._labels.find(write)
                case OrderCollection():
                    return await find_driver(self._api, write)
                case VoidLabel():
                    return await self._labels.find_refund(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """Fetch every scan; EasyPost tracks what it sold by itself."""
        params = {"tracking_code": tracking_number}
        request = self._api.request("GET", "trackers", operation="list", params=params)
        found = (await fetch(self._api.http, request, wire.Trackers)).trackers
        tracker = next((one for one in found if one.tracking_code == tracking_number), None)
        if tracker is None:
            raise NotFound("no-tracker", f"EasyPost does not track {tracking_number}")
        return scan.to_scans(tracker)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature over the raw body; it has no moment, so that a repeat cannot be told from a replay."""
        del now
        secret = normalize("NFKD", self._settings.webhook_secret.get_secret_value())
        expected = "hmac-sha256-hex=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return bool(secret) and hmac.compare_digest(expected.encode(), headers.get("x-hmac-signature", "").encode())

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read all scans of a tracker."""
        return scan.read_event(body)
