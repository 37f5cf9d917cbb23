"""The account's requests: where they go, and how they are let in."""

from __future__ import annotations

import httpx

from adapters.carriers.shipengine import mapping, wire
from adapters.carriers.shipengine.settings import ShipEngineSettings
from adapters.http import fetch
from adapters.parcels.api import GatewayApi
from adapters.parcels.gateway import fetch_paper
from domain.effect import Confirmed
from domain.errors import ContractBroken


class Api(GatewayApi):
    """One account's way to ShipEngine."""

    def __init__(self, settings: ShipEngineSettings, http: httpx.AsyncClient) -> None:
        super().__init__(http, str(settings.base_url), {"API-Key": settings.api_key.get_secret_value()})
        self.settings = settings

    async def label(self, *path: str, **params: str) -> wire.Label:
        """Read how a label stands."""
        return await fetch(self.http, self.request("GET", "labels", *path, params=params), wire.Label)

    async def confirm(self, label: wire.Label) -> Confirmed:
        """Return a bought label with its paper, which is fetched where it was not sent along.

        Raises:
            ContractBroken: it lacks its number, its price or its paper.
        """
        if label.label_download is None:
            raise ContractBroken("shipengine-label-without-paper", "a label has no paper")
        told = label.label_download.href
        paper = mapping.inline_paper(told) or await fetch_paper(self.http, told, [self.settings.base_url])
        return mapping.from_label(label, paper)
