"""The port's methods: ask, parse, map."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime

import httpx

from adapters.carriers.karrio import mapping, scan, wire
from adapters.carriers.karrio.api import Api
from adapters.carriers.karrio.label import Labels
from adapters.carriers.karrio.settings import KarrioSettings
from adapters.http import fetch
from adapters.unable import UnableCarrier
from domain.effect import CannotTell, Dedupe, DedupeClass, EffectKind, Finding, Outcome
from domain.errors import CrossdockError, NotFound, Refused, Unavailable
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
_CARRIER_DOWN = "SHIPPING_SDK_INTERNAL_ERROR"
"""What the server says when it could not reach the carrier, with the status for what does not exist."""


CAPABILITY = CarrierCapability(
    voids=True,
    intercepts=False,
    return_labels=True,
    rates=True,
    dedupe={EffectKind.LABEL: _TWO_PHASE, EffectKind.RETURN_LABEL: _TWO_PHASE, EffectKind.VOID: _ASKED},
)


class Karrio(UnableCarrier):
    """One server."""

    def __init__(self, settings: KarrioSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._api = Api(settings, http)
        self._labels = Labels(self._api)

    @property
    def capability(self) -> CarrierCapability:
        """What Karrio can do with these settings."""
        pushes = bool(self._settings.webhook_secret.get_secret_value())
        return CAPABILITY.model_copy(update={"speeds": tuple(self._settings.speeds), "pushes": pushes})

    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        """Tell what the parcel would cost."""
        asked = mapping.to_shipment(self._settings, wish, "")
        request = self._api.request("POST", "proxy", "rates", json=asked)
        rates = (await fetch(self._api.http, request, wire.Rates)).rates
        return self._settings.rates(mapping.to_offers(rates, self._settings.levels))

    async def draft_label(self, write: BuyLabel) -> str:
        """Make a shipment and return its id."""
        return await self._labels.draft(write)

    async def buy_label(self, write: BuyLabel) -> Outcome:
        """Purchase the cheapest allowed service of the draft."""
        return await self._labels.buy(write)

    async def void_label(self, write: VoidLabel) -> Outcome:
        """Cancel the shipment."""
        return await self._labels.give_back(write)

    async def find(self, write: CarrierWrite) -> Finding:
        """Look a write up by how its shipment stands."""
        try:
            match write:
                case BuyLabel():
                    return await self._labels.find(write)
                case VoidLabel():
                    return await self._labels.find_void(write)
                case OrderCollection():
                    return CannotTell(code="no-lookup")
        except CrossdockError as error:
            return CannotTell(code=error.code)

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """Fetch every scan of a parcel whose label was bought there; its tracker is made where there is none."""
        request = self._api.request("GET", "shipments", params={"tracking_number": tracking_number})
        shipments = (await fetch(self._api.http, request, wire.Shipments)).results
        carrier = next((one.carrier_name for one in shipments if one.tracking_number == tracking_number), None)
        if carrier is None:
            raise NotFound("no-shipment", f"no shipment of this server has the number {tracking_number}")
        told = {"tracking_number": tracking_number, "carrier_name": carrier}
        request = self._api.request("POST", "trackers", json=told)
        tracker = await fetch(self._api.http, request, wire.Tracker, _read_refusal)
        return scan.to_scans(tracker.model_copy(update={"tracking_number": tracking_number}))

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Compare the secret that Karrio sends along. It signs nothing: whoever has seen one can forge others."""
        del body, now
        secret = self._settings.webhook_secret.get_secret_value()
        return bool(secret) and hmac.compare_digest(secret.encode(), headers.get("x-event-id", "").encode())

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read all scans of a tracker."""
        return scan.read_event(body)


def _read_refusal(status: int, body: bytes) -> CrossdockError:
    """Return why a parcel is not tracked: not now, or not at all."""
    code = mapping.read_refusal(status, body).code
    if code == _CARRIER_DOWN:
        return Unavailable(code, "the server does not reach the carrier now")
    return Refused(code, "Karrio does not track this number")
