"""The server's requests: where they go, and how they are let in."""

from __future__ import annotations

from urllib.parse import quote, urljoin

import httpx

from adapters.carriers.karrio import wire
from adapters.carriers.karrio.settings import KarrioSettings
from adapters.http import fetch
from adapters.parcels.gateway import decode_paper, fetch_paper
from domain.values import Document


class Api:
    """The way to one server."""

    def __init__(self, settings: KarrioSettings, http: httpx.AsyncClient) -> None:
        self.settings, self.http = settings, http
        self._root = str(settings.base_url).rstrip("/")
        self._headers = {"Authorization": f"Token {settings.token.get_secret_value()}"}
        if settings.test_mode:
            self._headers["x-test-mode"] = "true"

    def request(self, method: str, *path: str, **parts: object) -> httpx.Request:
        """Build a request to what the steps of the path name."""
        url = "/".join((self._root, "v1", *(quote(step, safe="") for step in path)))
        return self.http.build_request(method, url, headers=self._headers, extensions={"operation": "any"}, **parts)  # pyright: ignore[reportArgumentType] - params or json

    async def shipment(self, shipment_id: str) -> wire.Shipment:
        """Read how a shipment stands."""
        return await fetch(self.http, self.request("GET", "shipments", shipment_id), wire.Shipment)

    async def paper(self, shipment: wire.Shipment) -> Document:
        """Return the label of a bought shipment: as it was told with it, or fetched from the server.

        Raises:
            ContractBroken: there is none.
        """
        told = next((one for one in shipment.shipping_documents if one.category == "label"), None)
        if told is not None and told.base64:
            return decode_paper(told.base64)
        url = urljoin(f"{self._root}/", (told.url if told else None) or shipment.label_url or "")
        return await fetch_paper(self.http, url, [self.settings.base_url], self._headers)
