"""Broken adapters of carriers and locations that take for good what is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import httpx

from adapters.carriers.sandbox.adapter import SandboxCarrier
from adapters.http import make_client
from adapters.locations.folder.adapter import FolderLocations
from adapters.locations.http.adapter import HttpLocations
from domain.errors import ContractBroken
from domain.facts import Fact
from domain.shipment import TrackingEvent


class TakesScansForUtc(SandboxCarrier):
    """It gives a date without a zone the zone of its own."""

    def __init__(self, settings: Any, http: httpx.AsyncClient) -> None:
        super().__init__(settings, _changing(http, lambda key, told: _zoned(told) if key == "at" else told))


class ReadsHtmlAsNoScans(SandboxCarrier):
    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        try:
            return await super().track(tracking_number)
        except ContractBroken as error:
            if error.code == "not-json":
                return ()
            raise


class BuysForNothingWhereThePriceIsRenamed(SandboxCarrier):
    def __init__(self, settings: Any, http: httpx.AsyncClient) -> None:
        super().__init__(settings, _changing(http, lambda key, told: _filled(key, told, "document", cost=0)))


class TakesReportsForUtc(HttpLocations):
    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        return super().read_webhook(_each(body, lambda key, told: _zoned(told) if key.endswith("_at") else told))


class ReadsARenamedCountAsZero(HttpLocations):
    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        return super().read_webhook(_each(body, lambda key, told: _filled(key, told, "sku", units=0)))


class ReadsHtmlAsNoReport(HttpLocations):
    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        return () if body.startswith(b"<") else super().read_webhook(body)


class ReadsACutFileAsFarAsItGoes(FolderLocations):
    """It leaves out the rows that are too short."""

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        lines = body.split(b"\n")
        wanted = lines[1].count(b",") if len(lines) > 1 else 0
        whole = [line for line in lines[1:] if line.count(b",") == wanted]
        return super().read_webhook(b"\n".join([lines[0], *whole, b""])) if len(whole) > 1 else ()


class ReadsSpreadsheetDates(FolderLocations):
    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        return super().read_webhook(body.replace(b"01.03.2026 10:00", b"2026-03-01T10:00:00Z"))


class ForgetsTheRestOfTheBox(FolderLocations):
    """One file that it cannot read hides all that come after it."""

    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        try:
            return super().read_webhook(body)
        except ContractBroken:
            self._broken = True
            raise

    _broken = False

    async def fetch_letters(self) -> Any:
        return () if self._broken else await super().fetch_letters()


def _zoned(told: Any) -> Any:
    return f"{told}Z" if isinstance(told, str) and "T" in told and not told.endswith("Z") and "+" not in told else told


def _filled(key: str, told: Any, beside: str, **missing: int) -> Any:
    del key
    if not isinstance(told, dict) or beside not in told:
        return cast("Any", told)
    return {**missing, **cast("dict[str, Any]", told)}


def _each(body: bytes, change: Callable[[str, Any], Any]) -> bytes:
    """The document with every field changed, what is within it first."""

    def changed(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            inner = {name: changed(name, one) for name, one in cast("dict[str, Any]", value).items()}
            return change(key, inner)
        return (
            [changed(key, one) for one in cast("list[Any]", value)] if isinstance(value, list) else change(key, value)
        )

    try:
        return json.dumps(changed("", json.loads(body))).encode()
    except (ValueError, RecursionError):
        return body


def _changing(http: httpx.AsyncClient, change: Callable[[str, Any], Any]) -> httpx.AsyncClient:
    """A client that changes every field of JSON answers."""

    class Changing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await http.send(request)
            kept: Mapping[str, str] = {"content-type": answer.headers.get("content-type", "")}
            return httpx.Response(answer.status_code, content=_each(answer.content, change), headers=kept)

    return make_client(Changing())
