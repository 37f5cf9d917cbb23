"""The server's requests: where they go, and how they are let in."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx

from adapters.carriers.karrio import wire
from adapters.carriers.karrio.settings import KarrioSettings
from adapters.http import fetch
from adapters.parcels.api import GatewayApi
from adapters.parcels.gateway import decode_paper, fetch_paper
from domain.values import Document


class Api(GatewayApi):
    """The way to one server."""

    def __init__(self, settings: KarrioSettings, http: httpx.AsyncClient) -> None:
        self._server = str(settings.base_url).rstrip("/")
        headers = {"Authorization": f"Token {settings.token.get_secret_value()}"}
        if settings.test_mode:
            headers["x-test-mode"] = "true"
        super().__init__(http, f"{self._server}/v1", headers)
        self.settings = settings

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
        url = urljoin(f"{self._server}/", (told.url if told else None) or shipment.label_url or "")
        return await fetch_paper(self.http, url, [self.settings.base_url], self._headers)
