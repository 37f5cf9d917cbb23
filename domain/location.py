"""A location: a place that holds stock and can send or hand it over."""

from __future__ import annotations

from domain.values import LocationCode, Model


class Location(Model):
    """One place.

    Attributes:
        system: the adapter account that speaks for it.
        needs_hand: people there report pick and hand-over; otherwise a confirmed label means it leaves.
        rank: which place is asked first when several could do it; lower goes first.
        carrier: the carrier that collects there.
    """

    code: LocationCode
    name: str
    system: str
    needs_hand: bool
    ships: bool = True
    pickup: bool = False
    rank: int = 100
    carrier: str = ""
    open: bool = True
