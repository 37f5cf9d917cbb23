"""The port's methods: ask, parse, map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx

from adapters.carriers.shipengine import mapping, scan, webhook, wire
from adapters.carriers.shipengine.api import Api
from adapters.carriers.shipengine.label import Labels
from adapters.carriers.shipengine.settings import ShipEngineSettings
from adapters.http import fetch, send
from adapters.unable import UnableCarrier
from domain.effect import (
    Absent,
    CannotTell,
    Confirmed,
    Dedupe,
    DedupeClass,
    EffectKind,
    Finding,
    Found,
    Outcome,
    Rejected,
)  # fmt: skip
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

# How soon a label can be asked for by our key is not published.
_ASKED = DedupeClass(dedupe=Dedupe.REFERENCE, visibility_lag=timedelta(seconds=30))
_NEWEST = 100


CAPABILITY = CarrierCapability(
    voids=True,
    intercepts=False,
    return_labels=True,
    rates=True,
    collects=True,
    dedupe=dict.fromkeys((EffectKind.LABEL, EffectKind.RETURN_LABEL, EffectKind.VOID, EffectKind.COLLECTION), _ASKED),
)


class ShipEngine(UnableCarrier):
    """One account."""

    def __init__(self, settings: ShipEngineSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._api = Api(settings, http)
        self._labels = Labels(self._api)

    @property
    def capability(self) -> CarrierCapability:
        """What ShipEngine can do with these settings."""
        settings = self._settings
        told = {"speeds": tuple(settings.speeds), "collects": settings.contact is not None}
        return CAPABILITY.model_copy(update={**told, "pushes": bool(settings.webhook_keys)})

    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        """Tell what the parcel would cost."""
        levels = self._settings.levels
        request = self._api.request("POST", "rates", json=mapping.to_question(self._settings, wish, levels))
        answer = await fetch(self._api.http, request, wire.RateAnswer)
        return self._settings.rates(mapping.to_offers(answer.rate_response.rates, levels))

    async def buy_label(self, write: BuyLabel) -> Outcome:
        """Buy the cheapest allowed service."""
        return await self._labels.buy(write)

    async def void_label(self, write: VoidLabel) -> Outcome:
        """Give a label back."""
        return await self._labels.give_back(write)

    async def order_collection(self, write: OrderCollection) -> Outcome:
        """Order a driver for the labels, which are of one carrier."""
        if self._settings.contact is None:
            return Rejected(code="cannot-order-collection")
        request = self._api.request("POST", "pickups", json=mapping.to_pickup(self._settings, write))
        pickup = await send(self._api.http, request, wire.Pickup, mapping.read_refusal)
        return Confirmed(remote_id=pickup.pickup_id) if isinstance(pickup, wire.Pickup) else pickup

    async def find(self, write: CarrierWrite) -> Finding:
        """Look a label up by our key, a void by how it stands, a driver by the labels that he comes for."""
        try:
            match write:
                case BuyLabel():
                    return await self._labels.find(write)
                case OrderCollection():
                    return await self._find_driver(write)
                case VoidLabel():
                    return await self._labels.find_void(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """Fetch every scan of a parcel whose label was bought here."""
        request = self._api.request("GET", "labels", params={"tracking_number": tracking_number})
        labels = (await fetch(self._api.http, request, wire.Labels)).labels
        label = next((one for one in labels if one.tracking_number == tracking_number), None)
        if label is None:
            raise NotFound("no-label", f"no label of this account has the number {tracking_number}")
        request = self._api.request("GET", "labels", label.label_id, "track")
        tracking = await fetch(self._api.http, request, wire.Tracking)
        return scan.to_scans(tracking.model_copy(update={"tracking_number": tracking_number}))

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature with the keys of the settings."""
        return webhook.is_genuine(self._settings.webhook_keys, headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read all scans of a parcel."""
        return scan.read_event(body)

    async def _find_driver(self, write: OrderCollection) -> Finding:
        request = self._api.request("GET", "pickups", params={"page_size": _NEWEST})
        pickups = (await fetch(self._api.http, request, wire.Pickups)).pickups
        standing = (one for one in pickups if set(one.label_ids) == set(write.remote_ids) and not one.cancelled_at)
        found = next(standing, None)
        if found is not None:
            return Found(confirmed=Confirmed(remote_id=found.pickup_id))
        return CannotTell(code="too-many-pickups") if len(pickups) == _NEWEST else Absent()
