"""The parties of this installation: channels from the record, all others from the configuration."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from adapters.catalog import load_manifest
from adapters.manifest import Party
from domain.errors import NotFound, Refused
from domain.ports.carrier import Carrier
from domain.ports.location import LocationSystem
from domain.ports.marketplace import Marketplace
from domain.ports.notifier import Notifier
from domain.ports.stores import Record
from domain.ports.webhook import WebhookReader


class PartyEntry(BaseModel):
    """One party: its adapter, and what that adapter's settings need."""

    adapter: str
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])


class PartiesFile(BaseModel):
    """The parties that are not channels, by name, as an operator writes them in TOML."""

    carriers: dict[str, PartyEntry] = Field(default_factory=dict[str, PartyEntry])
    locations: dict[str, PartyEntry] = Field(default_factory=dict[str, PartyEntry])
    notifier: PartyEntry | None = None

    @classmethod
    def read(cls, path: Path) -> PartiesFile:
        """Read a file. Raises Refused with the reason."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text()))
        except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise Refused("bad-parties-file", f"{path}: {error}") from error


@dataclass
class ConfiguredParties:
    """Makes adapters on first use and keeps them."""

    record: Record
    file: PartiesFile
    client: httpx.AsyncClient
    _made: dict[str, object] = field(default_factory=dict[str, object])

    async def marketplace(self, account: str) -> Marketplace:
        """Return the adapter of a channel account."""
        known = self._made.get(f"marketplace:{account}")
        if known is None:
            async with self.record.begin() as tx:
                channel = await tx.catalog.channel(account)
            known = self._make("marketplace", account, channel.adapter, json.loads(channel.settings))
        return known  # pyright: ignore[reportReturnType] - a manifest's factory makes its party's port

    def carrier(self, name: str) -> Carrier:
        """Return a carrier."""
        return self._configured("carrier", name, self.file.carriers)  # pyright: ignore[reportReturnType]

    def location(self, system: str) -> LocationSystem:
        """Return the system that speaks for locations."""
        return self._configured("location", system, self.file.locations)  # pyright: ignore[reportReturnType]

    def notifier(self) -> Notifier:
        """Return the way to reach buyers."""
        entries = {"notifier": self.file.notifier} if self.file.notifier else {}
        return self._configured("notifier", "notifier", entries)  # pyright: ignore[reportReturnType]

    async def webhooks(self, party: str) -> WebhookReader:
        """Return who can verify and read the messages of this party."""
        if party in self.file.carriers:
            return self.carrier(party)
        if party in self.file.locations:
            return self.location(party)
        return await self.marketplace(party)

    def _configured(self, party: Party, name: str, entries: Mapping[str, PartyEntry]) -> object:
        known = self._made.get(f"{party}:{name}")
        if known is not None:
            return known
        if name not in entries:
            raise NotFound(f"no-{party}", f"no {party} {name!r} is configured; there are: {', '.join(entries)}")
        return self._make(party, name, entries[name].adapter, entries[name].settings)

    def _make(self, party: Party, name: str, adapter: str, settings: dict[str, Any]) -> object:
        manifest = load_manifest(party, adapter)
        made = manifest.factory(manifest.settings.model_validate(settings), self.client)
        self._made[f"{party}:{name}"] = made
        return made
