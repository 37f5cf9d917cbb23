"""Matching: which stock-kept goods each line of an order means; what was matched before stays."""

from __future__ import annotations

from domain.listing import Component, Matched, match_sku
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptLine, KeptOrder


async def match_lines(tx: Transaction, order: KeptOrder, lines: list[KeptLine]) -> dict[str, Matched | None]:
    """Match each line and keep what was found; return line id → what it means, None when nobody knows."""
    skus = await _match(tx, order, lines)
    return {
        line_id: None if sku is None else Matched(sku=sku, components=(Component(sku=sku, units=1),))
        for line_id, sku in skus.items()
    }


async def _match(tx: Transaction, order: KeptOrder, lines: list[KeptLine]) -> dict[str, str | None]:
    """Match each line to a SKU; what was matched before stays."""
    skus: dict[str, str | None] = {line.line_id: line.sku for line in lines}
    unmatched = [line for line in lines if line.sku is None]
    if unmatched:
        listings = await tx.catalog.listings(order.account, {line.listing_id for line in unmatched})
        written = {line.channel_sku for line in unmatched if line.listing_id not in listings} - {""}
        known = await tx.catalog.known_skus(written) if written else frozenset[str]()
        found = {
            line.line_id: sku
            for line in unmatched
            if (sku := match_sku(line.listing_id, line.channel_sku, listings, known)) is not None
        }
        if found:
            await tx.orders.match_lines(order.order_id, found)
        skus |= found
    return skus
