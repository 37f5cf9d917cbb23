"""Transit: how many days a carrier takes, by speed and zone, and what a faster speed costs more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.values import MAX_AMOUNT, Model, Text

MAX_DAYS = 90


class Transit(Model):
    """One row of the operator's table; an empty word means any carrier, the ordinary speed, any zone.

    Attributes:
        speed: the carrier's own word for it, such as ``express``.
        zone: the country that the goods go to.
        days: from hand-over to arrival.
        surcharge: minor units above the ordinary speed, in the seller's currency.
    """

    carrier: Text = ""
    speed: Text = ""
    zone: Text = ""
    days: Annotated[int, Field(strict=True, ge=0, le=MAX_DAYS)]
    surcharge: Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT)] = 0

    @property
    def time(self) -> timedelta:
        """The days as a span of time."""
        return timedelta(days=self.days)

    def fits(self, carrier: str, zone: str) -> bool:
        """Tell whether the row speaks of this carrier and zone."""
        return self.carrier in {"", carrier} and self.zone in {"", zone}


def find_transit(table: Iterable[Transit], carrier: str, speed: str, zone: str, default_days: int) -> Transit:
    """Return the row that fits best: the carrier's own before the zone's own before any; else the default days."""
    fitting = [row for row in table if row.speed == speed and row.fits(carrier, zone)]
    unknown = Transit(carrier=carrier, speed=speed, zone=zone, days=default_days)
    return max(fitting, key=lambda row: (bool(row.carrier), bool(row.zone)), default=unknown)


def find_faster(
    table: Iterable[Transit], carrier: str, zone: str, speeds: Iterable[str], within: timedelta, cost_cap: int
) -> Transit | None:
    """Return the cheapest of the carrier's other `speeds` that arrives within the time; None when there is none.

    It costs no more than the cap, in minor units above the ordinary speed: with 0, nothing that costs more is bought.
    """
    rows = tuple(table)
    known = {row.speed for row in rows}
    offers = [find_transit(rows, carrier, speed, zone, MAX_DAYS) for speed in speeds if speed in known and speed]
    good = [offer for offer in offers if offer.time <= within and offer.surcharge <= cost_cap]
    return min(good, key=lambda offer: (offer.surcharge, offer.days, offer.speed), default=None)
