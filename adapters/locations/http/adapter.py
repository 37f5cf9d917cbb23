"""The port's methods: ask, parse, map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from adapters import signature
from adapters.http import fetch, send
from adapters.locations.http import mapping, wire
from adapters.locations.http.settings import HttpLocationsSettings
from adapters.unable import NoMailbox
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
    OutsideWrite,
    Rejected,
)  # fmt: skip
from domain.errors import CrossdockError
from domain.facts import Fact
from domain.ports.location import ExpectReturn, LocationCapability, LocationWrite, RecallWork, ReleaseWork

_KEYED = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))
_UNKNOWN_WORK = "unknown-work"
_STOPPED = frozenset({"stopped", "rejected"})


CAPABILITY = LocationCapability(
    needs_hand=True,
    labels_itself=True,
    pickup=True,
    dedupe={EffectKind.RELEASE: _KEYED, EffectKind.RECALL: _KEYED},
    tells_stock=True,
)


class HttpLocations(NoMailbox):
    """One system that speaks the contract."""

    def __init__(self, settings: HttpLocationsSettings, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        self._root = str(settings.base_url).rstrip("/")
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}

    @property
    def capability(self) -> LocationCapability:
        """What this system can do."""
        told = self._settings
        update = {"needs_hand": told.needs_hand, "labels_itself": told.labels_itself, "pickup": told.pickup}
        return CAPABILITY.model_copy(update=update)

    async def release(self, write: ReleaseWork) -> Outcome:
        """Hand the work over."""
        return await self._send("work", write, mapping.to_work(write))

    async def recall(self, write: RecallWork) -> Outcome:
        """Ask to stop; work that the system does not know counts as stopped."""
        outcome = await self._send("recalls", write, mapping.to_recall(write))
        unknown = isinstance(outcome, Rejected) and outcome.code == _UNKNOWN_WORK
        return Confirmed() if unknown else outcome

    async def expect_return(self, write: ExpectReturn) -> Outcome:
        """Announce goods that come back."""
        return await self._send("returns", write, mapping.to_expected(write))

    async def find(self, write: LocationWrite) -> Finding:
        """Look a write up by the fulfillment order or the return it is about."""
        try:
            match write:
                case ReleaseWork():
                    found = await self._known("work", {"fulfillment_id": write.fulfillment_id})
                case RecallWork():
                    works = await self._known("work", {"fulfillment_id": write.fulfillment_id})
                    stopped = all(work.status in _STOPPED for work in works)
                    return Found(confirmed=Confirmed()) if stopped else Absent()
                case ExpectReturn():
                    found = await self._known("returns", {"return_id": write.return_id})
        except CrossdockError as error:
            return CannotTell(code=error.code)
        return Found(confirmed=Confirmed(remote_id=found[0].id)) if found else Absent()

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature."""
        return signature.is_genuine(self._settings.webhook_secret.get_secret_value(), headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read a callback."""
        return mapping.read_callback(body)

    async def _send(self, path: str, write: OutsideWrite, body: Mapping[str, Any]) -> Outcome:
        request = self._http.build_request(
            "POST",
            f"{self._root}/{path}",
            headers={**self._headers, "Idempotency-Key": write.reference},
            json=dict(body),
            extensions={"operation": "write"},
        )
        done = await send(self._http, request, wire.Done, mapping.read_refusal)
        return Confirmed(remote_id=done.id) if isinstance(done, wire.Done) else done

    async def _known(self, path: str, params: Mapping[str, str]) -> list[wire.Done]:
        request = self._http.build_request(
            "GET", f"{self._root}/{path}", headers=self._headers, params=params, extensions={"operation": "read"}
        )
        return (await fetch(self._http, request, wire.Known)).found
