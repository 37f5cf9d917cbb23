"""The paths of a demo: what becomes of an order, in a few words, by the traits of its script."""

from __future__ import annotations

from infra.sandbox.scripts import SCRIPTS, Script

PATHS = (
    "shipped", "split over locations", "rejected by a location", "picked up at a store", "held and released",
    "cancelled on the way", "stuck until cleared", "lost or sent back", "returned", "handled on the channel by hand",
    "not ours to fulfill",
)  # fmt: skip
"""Every path, in the order in which a person reads them."""


def path_of(script_name: str) -> str:
    """Return the path of a script.

    >>> path_of("split_three")
    'split over locations'
    """
    script = SCRIPTS[script_name]
    traits = {
        "not ours to fulfill": script.test or script.external,
        "stuck until cleared": script.cause,
        "handled on the channel by hand": script.hand,
        "cancelled on the way": script.cancels,
        "picked up at a store": script.pickup,
        "held and released": script.hold,
        "returned": script.returns,
        "lost or sent back": script.fate != "delivered",
        "rejected by a location": script.rejects,
        "split over locations": _is_split(script),
    }
    return next((path for path, holds in traits.items() if holds), "shipped")


def _is_split(script: Script) -> bool:
    return len(set(script.shelves)) > 1
