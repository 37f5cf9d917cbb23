"""How channels, products, SKUs, listings and locations are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from domain.location import Location
from domain.restriction import Nature
from domain.values import Model, Moment


class Channel(Model):
    """One account on one marketplace.

    Attributes:
        adapter: the marketplace's adapter.
        settings: what the adapter needs, as JSON; sealed in the record.
        watermark: up to which moment of the channel everything was pulled.
    """

    account: str
    adapter: str
    settings: str
    paused: bool = False
    watermark: Moment | None = None


class CatalogStore(Protocol):
    """What we sell, where we sell it, and where it lies."""

    async def channels(self) -> tuple[Channel, ...]:
        """Return all channels, by account."""
        ...

    async def channel(self, account: str) -> Channel:
        """Return one. Raises NotFound."""
        ...

    async def save_channel(self, channel: Channel) -> None:
        """Add a channel, or change its adapter and settings; pause and watermark stay."""
        ...

    async def pause_channel(self, account: str, *, paused: bool) -> None:
        """Pause or resume pulling."""
        ...

    async def advance_watermark(self, account: str, watermark: datetime) -> None:
        """Move the watermark forward; it never goes back."""
        ...

    async def locations(self) -> tuple[Location, ...]:
        """Return all locations, by code."""
        ...

    async def save_location(self, location: Location) -> None:
        """Add or change a location."""
        ...

    async def save_sku(
        self, sku: str, title: str, weight_grams: int, *, brand: str | None = None, gtin: str | None = None
    ) -> None:
        """Add or change a SKU and its product; None leaves brand or GTIN as it was. Raises Refused: not a GTIN."""
        ...

    async def known_skus(self, skus: Iterable[str]) -> frozenset[str]:
        """Return which of these SKUs exist."""
        ...

    async def weight(self, skus: Iterable[str]) -> dict[str, int]:
        """Return grams per unit."""
        ...

    async def natures(self, skus: Iterable[str]) -> dict[str, Nature]:
        """Return what is known of these SKUs beside their stock; those that do not exist are left out."""
        ...

    async def map_listing(self, account: str, listing_id: str, sku: str, author: str, now: datetime) -> None:
        """Map a listing to a SKU, in place of what it meant. Raises NotFound (no such SKU), Refused (retired)."""
        ...
