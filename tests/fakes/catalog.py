"""The catalogue in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from domain.location import Location
from domain.ports.stores.catalog import Channel
from tests.fakes.state import State


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
        before = self._state.channels.get(channel.account)
        kept = {"paused": before.paused, "watermark": before.watermark} if before else {}
        self._state.channels[channel.account] = channel.model_copy(update=kept)

    async def pause_channel(self, account: str, *, paused: bool) -> None:
        """Pause or resume pulling."""
        await self._change(account, paused=paused)

    async def advance_watermark(self, account: str, watermark: datetime) -> None:
        """Move the watermark forward; it never goes back."""
        before = (await self.channel(account)).watermark
        await self._change(account, watermark=max(before, watermark) if before else watermark)

    async def locations(self) -> tuple[Location, ...]:
        """Return all locations, by code."""
        return tuple(location for _, location in sorted(self._state.locations.items()))

    async def save_location(self, location: Location) -> None:
        """Add or change a location."""
        self._state.locations[location.code] = location

    async def save_sku(self, sku: str, title: str, weight_grams: int) -> None:
        """Add or change a SKU; its title is not read back."""
        del title
        self._state.weights[sku] = weight_grams

    async def known_skus(self, skus: Iterable[str]) -> frozenset[str]:
        """Return which of these SKUs exist."""
        return frozenset(skus) & self._state.weights.keys()

    async def weight(self, skus: Iterable[str]) -> dict[str, int]:
        """Return grams per unit."""
        return {sku: self._state.weights[sku] for sku in await self.known_skus(skus)}

    async def listings(self, account: str, listing_ids: Iterable[str]) -> dict[str, str]:
        """Return the SKU of each listing that is mapped."""
        mapped = {listing: self._state.listings.get((account, listing)) for listing in listing_ids}
        return {listing: sku for listing, sku in mapped.items() if sku is not None}

    async def map_listing(self, account: str, listing_id: str, sku: str, author: str, now: datetime) -> None:
        """Map a listing to a SKU; author and time are not read back."""
        del author, now
        if sku not in self._state.weights:
            raise NotFound("no-sku", f"no SKU {sku}")
        self._state.listings[account, listing_id] = sku

    async def _change(self, account: str, **columns: Any) -> None:
        channel = await self.channel(account)
        self._state.channels[account] = channel.model_copy(update=columns)
