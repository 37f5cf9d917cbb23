"""The stories of a real shop: what is bought there, what befalls it, and what the seller calls the goods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle, islice

GOODS: Mapping[str, str] = {
    "MUG-ENA": "MUG-BLUE",
    "SLT-200": "CAP-LINEN",
    "MTC-STM": "GLOVES",
    "CMP-BRS": "RADIO-RARE",
}
"""The shop's SKU → ours: one from the automated warehouse, two from a store, and one that nobody has."""

MISSING = "CMP-BRS"


@dataclass(frozen=True)
class Story:
    """What is to befall an order.

    Attributes:
        basket: the shop's SKU → units.
        script: whose path it goes, for the picture that one watches.
    """

    name: str
    basket: Mapping[str, int]
    script: str


STORIES = (
    Story("shipped", {"MUG-ENA": 2}, "ship"),
    Story("split over two places", {"MUG-ENA": 1, "SLT-200": 2}, "split"),
    Story("one line cancelled", {"MUG-ENA": 1, MISSING: 1}, "short_stock"),
    Story("one of two given back", {"MTC-STM": 2}, "return_in_store"),
    Story("cancelled", {MISSING: 1}, "cancel_early"),
    Story("refunded by hand, then cancelled", {MISSING: 1}, "hand_refund"),
)


def tell_stories(orders: int) -> list[Story]:
    """Return so many stories, each in its turn."""
    return list(islice(cycle(STORIES), orders))
