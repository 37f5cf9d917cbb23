"""A listing: one SKU as offered on one channel, and how a line finds its SKU."""

from __future__ import annotations

from domain.values import Model


class Listing(Model):
    """A channel's listing id, or the seller's own SKU under that account, and the SKU it means."""

    listing_id: str
    sku: str


class Component(Model):
    """Stock-kept goods that one unit of an order line is made of: a SKU and how many units of it."""

    sku: str
    units: int


class Matched(Model):
    """What a line means: the SKU it was sold as, and the stock-kept goods that one unit of the line is made of."""

    sku: str
    components: tuple[Component, ...]


def match_sku(listing_id: str, channel_sku: str, listings: dict[str, str], skus: frozenset[str]) -> str | None:
    """Return the SKU a line means: by the channel's listing id first, then by the seller's own SKU.

    Args:
        listing_id: the channel's id of what was bought.
        channel_sku: the seller's SKU as written on the channel; may be empty.
        listings: the account's mapping from listing id to SKU.
        skus: the SKUs that exist.
    """
    mapped = listings.get(listing_id)
    if mapped is not None:
        return mapped
    return channel_sku if channel_sku in skus else None
