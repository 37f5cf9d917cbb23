"""The account's requests: where they go, and how they are let in."""

from __future__ import annotations

import httpx

from adapters.carriers.easypost import wire
from adapters.carriers.easypost.settings import EasyPostSettings
from adapters.http import fetch
from adapters.parcels.api import GatewayApi


class Api(GatewayApi):
    """One account's way to EasyPost."""

    def __init__(self, settings: EasyPostSettings, http: httpx.AsyncClient) -> None:
        headers = {"Authorization": f"Bearer {settings.api_key.get_secret_value()}"}
        super().__init__(http, str(settings.base_url), headers)
        self.settings = settings

    async def shipment(self, shipment_id: str) -> wire.Shipment:
        """Read how a shipment stands."""
        return await fetch(self.http, self.request("GET", "shipments", shipment_id), wire.Shipment)
