"""The catalogue in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from domain.gtin import read_gtin
from domain.location import Location
from domain.ports.stores.catalog import Channel, connected_before
from domain.restriction import Nature
from domain.suggestion import KnownSku
from domain.waits import SOURCING_POLICY, location_cause
from tests.fakes.publication import FakePublicationStore
from tests.fakes.state import State
from tests.fakes.wait import FakeWaitStore


class FakeCatalogStore:
    """Channels, locations, SKUs and listings."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def channels(self) -> tuple[Channel, ...]:
        """Return all channels, by account."""
        return tuple(channel for _, channel in sorted(self._state.channels.items()))

    async def channel(self, account: str) -> Channel:
        """Return one."""
        if account not in self._state.channels:
            raise NotFound("no-channel", f"no channel {account}")
        return self._state.channels[account]

    async def save_channel(self, channel: Channel) -> None:
        """Add a channel, or change its adapter and settings."""
        if channel.remote_account and any(
            (known.adapter, known.remote_account) == (channel.adapter, channel.remote_account)
            and known.account != channel.account
            for known in self._state.channels.values()
        ):
            raise connected_before(channel)
        before = self._state.channels.get(channel.account)
        stays = ("paused", "watermark", "listed_at", "mode", "live_from")
        kept = {name: getattr(before, name) for name in stays} if before else {}
        self._state.channels[channel.account] = channel.model_copy(update=kept)

    async def pause_channel(self, account: str, *, paused: bool) -> None:
        """Pause or resume pulling."""
        await self._change(account, paused=paused)

    async def advance_watermark(self, account: str, watermark: datetime) -> None:
        """Move the watermark forward; it never goes back."""
        before = (await self.channel(account)).watermark
        await self._change(account, watermark=max(before, watermark) if before else watermark)

    async def note_listed(self, account: str, began: datetime) -> None:
        """Keep when the channel was listed."""
        await self._change(account, listed_at=began)

    async def locations(self) -> tuple[Location, ...]:
        """Return all locations, by code."""
        return tuple(location for _, location in sorted(self._state.locations.items()))

    async def save_location(self, location: Location) -> None:
        """Add or change a location."""
        self._state.locations[location.code] = location

    async def change_locations(
        self, change: Callable[[Mapping[str, Location]], Iterable[Location]], now: datetime
    ) -> int:
        """Change locations, wake who waits for what they were like, and let the channels be told anew."""
        known = dict(self._state.locations)
        changed = [place for place in change(known) if place != known.get(place.code)]
        self._state.locations.update({place.code: place for place in changed})
        if changed:
            causes = {SOURCING_POLICY, *(location_cause(place.code) for place in changed)}
            await FakeWaitStore(self._state).clear_barred(causes, now)
            await FakePublicationStore(self._state).want_sweep()
        return len(changed)

    async def save_sku(
        self,
        sku: str,
        title: str,
        weight_grams: int | None = None,
        *,
        brand: str | None = None,
        gtin: str | None = None,
    ) -> None:
        """Add or change a SKU."""
        known = self._state.known_skus.get(sku, KnownSku(sku=sku, title=title))
        changes = {
            "title": title,
            "brand": known.brand if brand is None else brand,
            "gtin": known.gtin if gtin is None else gtin and read_gtin(gtin),
        }
        self._state.weights[sku] = self._state.weights.get(sku, 0) if weight_grams is None else weight_grams
        self._state.known_skus[sku] = known.model_copy(update=changes)

    async def known_skus(self, skus: Iterable[str]) -> frozenset[str]:
        """Return which of these SKUs exist."""
        return frozenset(skus) & self._state.weights.keys()

    async def weight(self, skus: Iterable[str]) -> dict[str, int]:
        """Return grams per unit."""
        return {sku: self._state.weights[sku] for sku in await self.known_skus(skus)}

    async def natures(self, skus: Iterable[str]) -> dict[str, Nature]:
        """Return what is known of SKUs beside their stock."""
        return self._state.natures(skus)

    async def _change(self, account: str, **columns: Any) -> None:
        channel = await self.channel(account)
        self._state.channels[account] = channel.model_copy(update=columns)
