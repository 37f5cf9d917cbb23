"""The account's requests: where they go, and how they are let in."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from adapters.carriers.easypost import wire
from adapters.carriers.easypost.settings import EasyPostSettings
from adapters.http import fetch


class Api:
    """One account's way to EasyPost."""

    def __init__(self, settings: EasyPostSettings, http: httpx.AsyncClient) -> None:
        self.settings, self.http = settings, http
        self._root = str(settings.base_url).rstrip("/")
        self._headers = {"Authorization": f"Bearer {settings.api_key.get_secret_value()}"}

    def request(self, method: str, *path: str, operation: str = "any", **parts: object) -> httpx.Request:
        """Build a request to what the steps of the path name."""
        url = "/".join((self._root, *(quote(step, safe="") for step in path)))
        extensions = {"operation": operation}
        return self.http.build_request(method, url, headers=self._headers, extensions=extensions, **parts)  # pyright: ignore[reportArgumentType] - params or json

    async def shipment(self, shipment_id: str) -> wire.Shipment:
        """Read how a shipment stands."""
        return await fetch(self.http, self.request("GET", "shipments", shipment_id), wire.Shipment)
