"""How channels, products, SKUs, listings and locations are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.errors import Refused
from domain.location import Location
from domain.restriction import Nature
from domain.values import Model, Moment


class Mode(StrEnum):
    """How much of a channel is ours: OBSERVE records, matches and plans, and touches nothing."""

    OBSERVE = "observe"
    LIVE = "live"


class Channel(Model):
    """One account on one marketplace.

    Attributes:
        adapter: the marketplace's adapter.
        settings: what the adapter needs, as JSON; sealed in the record.
        watermark: up to which moment of the channel everything was pulled.
        listed_at: when a list of it that came to its end was begun last, by our own clock.
        mode: whether its orders are carried, or only watched.
        live_from: orders placed before this moment are somebody else's to fulfill.
        remote_account: the account's own id at the marketplace, by which it is connected once only.
        allow_private: an operator lets it be on a private address, and without TLS.
        carriers: the only ones of our carriers that it takes, as its adapter said when it was tried; none: any.
        sells_labels: the labels of its orders are bought from itself, likewise.
    """

    account: str
    adapter: str
    settings: str
    paused: bool = False
    watermark: Moment | None = None
    listed_at: Moment | None = None
    mode: Mode = Mode.LIVE
    live_from: Moment | None = None
    allow_private: bool = False
    remote_account: str = ""
    carriers: tuple[str, ...] = ()
    sells_labels: bool = False


def connected_before(channel: Channel) -> Refused:
    """Return what is said of a channel whose remote account is connected under another name."""
    words = f"{channel.remote_account} is connected under another name: see crossdock channels list"
    return Refused("connected-before", words)


class CatalogStore(Protocol):
    """What we sell, where we sell it, and where it lies."""

    async def channels(self) -> tuple[Channel, ...]:
        """Return all channels, by account."""
        ...

    async def channel(self, account: str) -> Channel:
        """Return one. Raises NotFound."""
        ...

    async def save_channel(self, channel: Channel) -> None:
        """Add a channel, or change its adapter and settings; pause, watermark and mode stay.

        Raises:
            Refused: its remote account is connected under another name.
        """
        ...

    async def pause_channel(self, account: str, *, paused: bool) -> None:
        """Pause or resume pulling."""
        ...

    async def advance_watermark(self, account: str, watermark: datetime) -> None:
        """Move the watermark forward; it never goes back."""
        ...

    async def note_listed(self, account: str, began: datetime) -> None:
        """Keep when the list that has just come to its end was begun."""
        ...

    async def locations(self) -> tuple[Location, ...]:
        """Return all locations, by code."""
        ...

    async def save_location(self, location: Location) -> None:
        """Add or change a location of which nobody knows yet."""
        ...

    async def change_locations(
        self, change: Callable[[Mapping[str, Location]], Iterable[Location]], now: datetime
    ) -> int:
        """Replace locations by what `change` makes of those that are there, by code; return how many became others.

        The causes are locked first. Who waits for such a location, for the sourcing policy or because no place could
        handle its goods is woken, and what lies there is offered anew.
        """
        ...

    async def save_sku(
        self,
        sku: str,
        title: str,
        weight_grams: int | None = None,
        *,
        brand: str | None = None,
        gtin: str | None = None,
    ) -> None:
        """Add or change a SKU and its product; None leaves weight, brand or GTIN as it was, a new SKU without it.

        Raises:
            Refused: not a GTIN.
        """
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
