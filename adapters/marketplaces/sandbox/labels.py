"""The carrier that the marketplace is for its own orders: the methods of that port."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx

from adapters import signature
from adapters.http import fetch, send
from adapters.marketplaces.sandbox import mapping, parcels
from adapters.marketplaces.sandbox.settings import SandboxMarketplaceSettings
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
from domain.ports.carrier import BuyLabel, CarrierCapability, CarrierWrite, VoidLabel
from domain.shipment import TrackingEvent

_BY_REFERENCE = DedupeClass(dedupe=Dedupe.REFERENCE)
CAPABILITY = CarrierCapability(
    voids=True,
    intercepts=False,
    return_labels=True,
    speeds=("express",),
    dedupe={
        EffectKind.LABEL: _BY_REFERENCE,
        EffectKind.RETURN_LABEL: _BY_REFERENCE,
        EffectKind.VOID: DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365)),
    },
)


class SandboxLabels(UnableCarrier):
    """Labels of one account; its scans come with the account's webhooks."""

    capability = CAPABILITY

    def __init__(self, settings: SandboxMarketplaceSettings, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        account = quote(settings.account, safe="")
        self._root = f"{str(settings.base_url).rstrip('/')}/marketplace/{account}/labels"
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}

    async def buy_label(self, write: BuyLabel) -> Outcome:
        """Buy a label for an order of the account."""
        request = self._request("POST", "", json=parcels.to_label(write))
        label = await send(self._http, request, parcels.Label, parcels.read_refusal)
        return parcels.from_label(label) if isinstance(label, parcels.Label) else label

    async def void_label(self, write: VoidLabel) -> Outcome:
        """Give a label back; a repeat changes nothing there."""
        request = self._request("POST", f"/{quote(write.tracking_number, safe='')}/void")
        parcel = await send(self._http, request, parcels.Parcel, parcels.read_refusal)
        return Confirmed(remote_id=parcel.tracking_number) if isinstance(parcel, parcels.Parcel) else parcel

    async def find(self, write: CarrierWrite) -> Finding:
        """Look a write up: labels by reference, the others by how the parcel stands."""
        try:
            match write:
                case BuyLabel():
                    return await self._find_label(write)
                case VoidLabel():
                    done = (await self._parcel(write.tracking_number)).status == "voided"
                    return Found(confirmed=Confirmed(remote_id=write.tracking_number)) if done else Absent()
                case _:
                    return CannotTell(code="no-lookup")
        except CrossdockError as error:
            return CannotTell(code=error.code)

    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """Fetch every scan."""
        parcel = await self._parcel(tracking_number)
        return tuple(parcels.to_event(parcel.tracking_number, scan) for scan in parcel.scans)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature, which is the account's."""
        return signature.is_genuine(self._settings.webhook_secret.get_secret_value(), headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read what happened to a parcel, or to an order."""
        return mapping.read_event(body)

    async def _find_label(self, write: BuyLabel) -> Finding:
        request = self._request("GET", "", params={"reference": write.reference})
        labels = (await fetch(self._http, request, parcels.Labels)).labels
        if not labels:
            return Absent()
        void = (await self._parcel(labels[0].tracking_number)).status == "voided"
        return Rejected(code="label-void") if void else Found(confirmed=parcels.from_label(labels[0]))

    async def _parcel(self, tracking_number: str) -> parcels.Parcel:
        return await fetch(self._http, self._request("GET", f"/{quote(tracking_number, safe='')}"), parcels.Parcel)

    def _request(self, method: str, path: str, **parts: object) -> httpx.Request:
        return self._http.build_request(method, self._root + path, headers=self._headers, **parts)  # pyright: ignore[reportArgumentType] - params or json
