"""How is kept what channels were told that they may sell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.publication import Publication
from domain.values import Model, Moment


class ListingOffer(Model):
    """A listing that may have to be told anew.

    Attributes:
        sku: what it means; empty when it means nothing any more, or something that is not sold any more.
        units: how many of the SKU one of it is.
        told: what the channel was told last, if ever.
    """

    listing_id: str
    sku: str
    units: int
    told: Publication | None = None


class Progress(Model):
    """How far an account is published.

    Attributes:
        since: changes up to here were looked at; opaque, empty before the first run.
        until: the same as of now, to be kept when the run has ended well.
        swept_at: when all listings were looked at last.
        wanted: grows when something has changed that no movement tells of.
        swept: which of those was swept.
    """

    since: str
    until: str
    swept_at: Moment | None
    wanted: int
    swept: int


class PublicationStore(Protocol):
    """What channels were told, by account and listing."""

    async def progress(self, account: str) -> Progress:
        """Return how far an account is published."""
        ...

    async def advance(self, account: str, progress: Progress) -> None:
        """Keep how far an account is published: `until` becomes `since`."""
        ...

    async def want_sweep(self) -> None:
        """Let the next run of every account look at all its listings."""
        ...

    async def offers(self, account: str, since: str | None, after: str, limit: int) -> tuple[ListingOffer, ...]:
        """Return a page of listings, by id: all of them, or (`since`) those whose stock or meaning has changed.

        Those that the channel has not taken are always among them, and so are those that mean nothing any more while
        the channel still offers them. The account's pages are locked until the transaction ends: of two runs the one
        that gives the greater version has read the stock later.
        """
        ...

    async def begin(self, account: str, quantities: Mapping[str, int], now: datetime) -> dict[str, int]:
        """Note that these quantities are being told; return a new, greater version by listing id."""
        ...

    async def settle(self, account: str, versions: Mapping[str, int], codes: Mapping[str, str], now: datetime) -> None:
        """Note what became of them, unless a greater version was begun since; no code means that it was taken."""
        ...
