"""The port's methods: ask, parse, map. One class for both carriers; what they can do differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx

from adapters import signature
from adapters.carriers.sandbox import mapping, wire
from adapters.carriers.sandbox.settings import SandboxCarrierSettings
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
from domain.errors import CrossdockError
from domain.facts import Fact
from domain.ports.carrier import (
    BuyLabel,
    CarrierCapability,
    CarrierWrite,
    InterceptParcel,
    OrderCollection,
    ParcelWish,
    Rate,
    VoidLabel,
)
from domain.shipment import TrackingEvent

_REPEATABLE = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))


def _capability(*, asked_by_reference: bool, intercepts: bool, collects: bool) -> CarrierCapability:
    bought = DedupeClass(dedupe=Dedupe.REFERENCE if asked_by_reference else Dedupe.NONE)
    return CarrierCapability(
        voids=True,
        intercepts=intercepts,
        return_labels=True,
        speeds=("express",),
        rates=True,
        collects=collects,
        dedupe={
            EffectKind.LABEL: bought,
            EffectKind.RETURN_LABEL: bought,
            EffectKind.VOID: _REPEATABLE,
            EffectKind.INTERCEPT: _REPEATABLE,
            EffectKind.COLLECTION: bought,
        },
    )


CAPABILITIES = {
    "sandbox-swift": _capability(asked_by_reference=True, intercepts=True, collects=True),
    "sandbox-blind": _capability(asked_by_reference=False, intercepts=False, collects=False),
}


class SandboxCarrier(UnableCarrier):
    """One carrier of the sandbox."""

    def __init__(self, settings: SandboxCarrierSettings, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        self._root = f"{str(settings.base_url).rstrip('/')}/carriers/{settings.carrier}"
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}

    @property
    def capability(self) -> CarrierCapability:
        """What this carrier can do."""
        return CAPABILITIES[self._settings.carrier]

    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        """Tell what the parcel would cost at each speed."""
        asked = {"country": wish.destination.country, "weight_grams": wish.weight_grams}
        told = await fetch(self._http, self._request("POST", "/rates", json=asked), wire.Rates)
        return mapping.from_rates(told)

    async def buy_label(self, write: BuyLabel) -> Outcome:
        """Buy a label."""
        request = self._request("POST", "/labels", json=mapping.to_label(write))
        label = await send(self._http, request, wire.Label, mapping.read_refusal)
        return mapping.from_label(label) if isinstance(label, wire.Label) else label

    async def void_label(self, write: VoidLabel) -> Outcome:
        """Give a label back; a repeat changes nothing there."""
        return await self._change(write, "void")

    async def intercept(self, write: InterceptParcel) -> Outcome:
        """Turn a parcel round; a repeat changes nothing there."""
        if not self.capability.intercepts:
            return Rejected(code="no-intercept")
        return await self._change(write, "intercept")

    async def order_collection(self, write: OrderCollection) -> Outcome:
        """Order a driver."""
        if not self.capability.collects:
            return await super().order_collection(write)
        request = self._request("POST", "/drivers", json=mapping.to_driver(write))
        driver = await send(self._http, request, wire.Driver, mapping.read_refusal)
        return mapping.from_driver(driver) if isinstance(driver, wire.Driver) else driver

    async def find(self, write: CarrierWrite) -> Finding:
        """Look a write up: labels by reference where the carrier can, the others by how the parcel stands."""
        try:
            match write:
                case BuyLabel():
                    return await self._find_label(write)
                case InterceptParcel():
                    done = (await self._parcel(write.tracking_number)).intercepted
                case VoidLabel():
                    done = (await self._parcel(write.tracking_number)).status == "voided"
                case OrderCollection():
                    return await self._find_driver(write)
        except CrossdockError as error:
            return CannotTell(code=error.code)
        return Found(confirmed=Confirmed(remote_id=write.tracking_number)) if done else Absent()

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """Fetch every scan."""
        parcel = await self._parcel(tracking_number)
        return tuple(mapping.to_event(parcel.tracking_number, scan) for scan in parcel.scans)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature."""
        return signature.is_genuine(self._settings.webhook_secret.get_secret_value(), headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read a scan."""
        return mapping.read_event(body)

    async def _change(self, write: VoidLabel, what: str) -> Outcome:
        request = self._request("POST", f"/labels/{quote(write.tracking_number, safe='')}/{what}")
        parcel = await send(self._http, request, wire.Parcel, mapping.read_refusal)
        return Confirmed(remote_id=parcel.tracking_number) if isinstance(parcel, wire.Parcel) else parcel

    async def _find_label(self, write: BuyLabel) -> Finding:
        if self.capability.dedupe[EffectKind.LABEL].dedupe is Dedupe.NONE:
            return CannotTell(code="no-lookup")
        request = self._request("GET", "/labels", params={"reference": write.reference})
        labels = (await fetch(self._http, request, wire.Labels)).labels
        if not labels:
            return Absent()
        void = (await self._parcel(labels[0].tracking_number)).status == "voided"
        return Rejected(code="label-void") if void else Found(confirmed=mapping.from_label(labels[0]))

    async def _find_driver(self, write: OrderCollection) -> Finding:
        if not self.capability.collects:
            return CannotTell(code="no-lookup")
        request = self._request("GET", "/drivers", params={"reference": write.reference})
        drivers = (await fetch(self._http, request, wire.Drivers)).drivers
        return Found(confirmed=mapping.from_driver(drivers[0])) if drivers else Absent()

    async def _parcel(self, tracking_number: str) -> wire.Parcel:
        request = self._request("GET", f"/labels/{quote(tracking_number, safe='')}")
        return await fetch(self._http, request, wire.Parcel)

    def _request(self, method: str, path: str, **parts: object) -> httpx.Request:
        return self._http.build_request(method, self._root + path, headers=self._headers, **parts)  # pyright: ignore[reportArgumentType] - params or json
