"""The catalogue in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.errors import NotFound, Refused
from domain.gtin import read_gtin
from domain.listing import Listing
from domain.location import Location
from domain.ports.stores.catalog import Channel
from domain.restriction import Nature
from domain.suggestion import KnownSku
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

    async def save_sku(
        self, sku: str, title: str, weight_grams: int, *, brand: str | None = None, gtin: str | None = None
    ) -> None:
        """Add or change a SKU."""
        known = self._state.known_skus.get(sku, KnownSku(sku=sku, title=title))
        changes = {
            "title": title,
            "brand": known.brand if brand is None else brand,
            "gtin": known.gtin if gtin is None else gtin and read_gtin(gtin),
        }
        self._state.weights[sku] = weight_grams
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

    async def map_listing(self, account: str, listing_id: str, sku: str, author: str, now: datetime) -> None:
        """Map a listing to a SKU; author and time are not read back."""
        del author, now
        if sku not in self._state.weights:
            raise NotFound("no-sku", f"no SKU {sku}")
        if sku in self._state.retired_skus:
            raise Refused("retired-sku", f"{sku} is retired and cannot be sold any more")
        self._state.listings[account, listing_id] = Listing(listing_id=listing_id, sku=sku)

    async def _change(self, account: str, **columns: Any) -> None:
        channel = await self.channel(account)
        self._state.channels[account] = channel.model_copy(update=columns)
