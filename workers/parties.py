"""The parties of this installation: channels from the record, all others from the configuration."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from adapters.catalog import load_manifest
from adapters.http import Gates, PartyLine, complaints, make_party_client, reach_of
from adapters.manifest import Party
from domain.errors import NotFound, Refused
from domain.ports.carrier import Carrier
from domain.ports.location import LocationSystem
from domain.ports.marketplace import Marketplace, MarketplaceCapability, SellsLabels
from domain.ports.notifier import Notifier
from domain.ports.parties import Carriers
from domain.ports.stores import Record
from domain.ports.stores.catalog import Channel
from domain.ports.webhook import WebhookReader
from workers.lines import Lines

NO_LABELS = "no-labels-to-sell"
FRESH = timedelta(seconds=15)
"""How long the settings of a channel are believed before they are read again."""


class PartyEntry(BaseModel):
    """One party: its adapter, what that adapter's settings need, and whether it may be on a private address."""

    adapter: str
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])
    allow_private: bool = False


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
            words = complaints(error) if isinstance(error, ValidationError) else str(error)
            raise Refused("bad-parties-file", f"{path}: {words}") from None


@dataclass
class ConfiguredParties:
    """Makes adapters on first use and keeps them, each with a client of its own; `network` replaces it in tests.

    An adapter that was replaced, or only tried out, takes its client along when nobody uses it any more.
    """

    record: Record
    file: PartiesFile
    now: Callable[[], datetime]
    network: httpx.AsyncBaseTransport | None = None
    _made: dict[str, object] = field(default_factory=dict[str, object])
    _entries: dict[str, PartyEntry] = field(default_factory=dict[str, PartyEntry])
    _read_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _lines: Lines = field(default_factory=Lines)

    def __post_init__(self) -> None:
        self.gates = Gates(self.record, self.now)

    async def aclose(self) -> None:
        """Close every client."""
        await self._lines.aclose()

    async def marketplace(self, account: str) -> Marketplace:
        """Return the adapter of a channel account; settings that were rotated are used within `FRESH`."""
        known = self._made.get(f"marketplace:{account}")
        if known is None or self.now() - self._read_at[account] >= FRESH:
            async with self.record.begin() as tx:
                entry = _entry_of(await tx.catalog.channel(account))
            self._read_at[account] = self.now()
            if known is None or entry != self._entries[account]:
                known = self._make("marketplace", account, entry)
                self._entries[account] = entry
        return known  # pyright: ignore[reportReturnType] - a manifest's factory makes its party's port

    def try_out(self, account: str, entry: PartyEntry) -> Marketplace:
        """Make an adapter of settings that are not kept yet."""
        return self._made_of("marketplace", account, entry)  # pyright: ignore[reportReturnType]

    def carrier(self, name: str) -> Carrier:
        """Return a carrier."""
        return self._configured("carrier", name, self.file.carriers)  # pyright: ignore[reportReturnType]

    async def carriers(self, account: str) -> Carriers:
        """Return who sells labels for a channel's orders; a carrier of ours goes before a channel of its name."""
        marketplace = await self.marketplace(account)
        if not isinstance(marketplace, SellsLabels) or account in self.file.carriers:
            return self.carrier
        own = marketplace.labels
        return lambda name: own if name == account else self.carrier(name)

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
        return self._make(party, name, entries[name])

    def _make(self, party: Party, name: str, entry: PartyEntry) -> object:
        made = self._made[f"{party}:{name}"] = self._made_of(party, name, entry)
        return made

    def _made_of(self, party: Party, name: str, entry: PartyEntry) -> object:
        manifest = load_manifest(party, entry.adapter)
        try:
            settings = manifest.settings.model_validate(entry.settings)
        except ValidationError as error:
            # What was given may be a secret in the wrong place.
            raise Refused("bad-settings", f"the settings of {name}: {complaints(error)}") from None
        reach = reach_of(settings, manifest.hosts, allow_private=entry.allow_private)
        client = make_party_client(PartyLine(name, reach, manifest.limits), self.gates, self.network)
        self._lines.keep(client)
        made = manifest.factory(settings, client)
        _require_labels(name, entry.adapter, made)
        return made


def _require_labels(name: str, adapter: str, made: object) -> None:
    """Refuse a channel of which labels are to be bought, and that has none to sell."""
    capability = getattr(made, "capability", None)
    if isinstance(capability, MarketplaceCapability) and capability.sells_labels and not isinstance(made, SellsLabels):
        words = f"{name}: its adapter {adapter!r} says that the channel sells labels, and offers none to be bought"
        raise Refused(NO_LABELS, f"{words}: correct its settings, or take another adapter")


def _entry_of(channel: Channel) -> PartyEntry:
    return PartyEntry(
        adapter=channel.adapter, settings=json.loads(channel.settings), allow_private=channel.allow_private
    )
