"""The port's methods: ask, parse, map."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx

from adapters import signature
from adapters.http import fetch, send
from adapters.locations.sandbox import mapping, wire
from adapters.locations.sandbox.settings import SandboxLocationsSettings
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
    Rejected,
)  # fmt: skip
from domain.errors import CrossdockError
from domain.facts import Fact
from domain.ports.location import ExpectReturn, LocationCapability, LocationWrite, RecallWork, ReleaseWork

_REPEATABLE = DedupeClass(dedupe=Dedupe.NATIVE, key_life=timedelta(days=365))
_NOT_KNOWN = "not-found"
_STOPPED = frozenset({"cancelled", "rejected"})


CAPABILITY = LocationCapability(
    needs_hand=True,
    labels_itself=True,
    pickup=True,
    dedupe={EffectKind.RELEASE: _REPEATABLE, EffectKind.RECALL: _REPEATABLE},
)


class SandboxLocations(NoMailbox):
    """One system, which speaks for one or several locations."""

    def __init__(self, settings: SandboxLocationsSettings, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        self._root = f"{str(settings.base_url).rstrip('/')}/locations"
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}

    @property
    def capability(self) -> LocationCapability:
        """What this system can do."""
        told = self._settings
        update = {"needs_hand": told.needs_hand, "labels_itself": told.labels_itself, "pickup": told.pickup}
        return CAPABILITY.model_copy(update=update)

    async def release(self, write: ReleaseWork) -> Outcome:
        """Hand the work over; a repeat finds the work that is there."""
        wish = {
            "reference": write.reference,
            "fulfillment_id": write.fulfillment_id,
            "kind": write.delivery,
            "lines": mapping.to_lines(write.lines),
        }
        request = self._request("POST", write.location, "work", json=wish)
        work = await send(self._http, request, wire.Work, mapping.read_refusal)
        return Confirmed(remote_id=work.id) if isinstance(work, wire.Work) else work

    async def recall(self, write: RecallWork) -> Outcome:
        """Ask to stop; work that the location does not know counts as stopped."""
        request = self._request("POST", write.location, "recalls", json={"fulfillment_id": write.fulfillment_id})
        work = await send(self._http, request, wire.Work, mapping.read_refusal)
        if isinstance(work, Rejected) and work.code == _NOT_KNOWN:
            return Confirmed()
        return Confirmed(remote_id=work.id) if isinstance(work, wire.Work) else work

    async def expect_return(self, write: ExpectReturn) -> Outcome:
        """Announce goods; a repeat finds the announcement that is there."""
        wish = {"return_id": write.return_id, "lines": mapping.to_lines(write.lines)}
        request = self._request("POST", write.location, "returns", json=wish)
        expected = await send(self._http, request, wire.Expected, mapping.read_refusal)
        return Confirmed(remote_id=expected.id) if isinstance(expected, wire.Expected) else expected

    async def find(self, write: LocationWrite) -> Finding:
        """Look a write up by the fulfillment order or the return it is about."""
        try:
            match write:
                case ReleaseWork():
                    found = [work.id for work in await self._works(write)]
                case RecallWork():
                    works = await self._works(write)
                    found = [work.id for work in works if work.status in _STOPPED] if works else [""]
                case ExpectReturn():
                    request = self._request("GET", write.location, "returns", params={"return_id": write.return_id})
                    found = [one.id for one in (await fetch(self._http, request, wire.ExpectedReturns)).returns]
        except CrossdockError as error:
            return CannotTell(code=error.code)
        return Found(confirmed=Confirmed(remote_id=found[0])) if found else Absent()

    def verify_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Check the signature."""
        return signature.is_genuine(self._settings.webhook_secret.get_secret_value(), headers, body, now)

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        """Read what staff report."""
        return mapping.read_event(body)

    async def _works(self, write: ReleaseWork | RecallWork) -> list[wire.Work]:
        request = self._request("GET", write.location, "work", params={"fulfillment_id": write.fulfillment_id})
        return (await fetch(self._http, request, wire.Works)).works

    def _request(self, method: str, location: str, what: str, **parts: object) -> httpx.Request:
        url = f"{self._root}/{quote(location, safe='')}/{what}"
        return self._http.build_request(method, url, headers=self._headers, **parts)  # pyright: ignore[reportArgumentType] - params or json
