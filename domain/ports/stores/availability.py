"""How is kept what may be promised: set-asides, incoming goods, oversell ceilings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from domain.availability import Availability, IncomingGoods, SetAside, Shelf


class AvailabilityStore(Protocol):
    """What may be promised of each SKU, to which channel."""

    async def of_channel(
        self, account: str, skus: Iterable[str], now: datetime, until: datetime
    ) -> tuple[Availability, ...]:
        """Read what may be promised to a channel.

        Goods expected after `until` come too late for it; of those that should be here by `now` nobody knows when.
        """
        ...

    async def set_aside(self, sku: str, account: str, units: Mapping[str, int]) -> None:
        """Set exactly these units aside for a channel, by location, and none elsewhere; its orders use them up.

        The levels are locked; what its orders have reserved out of an earlier set-aside stays reserved.
        """
        ...

    async def set_asides(self, sku: str | None = None) -> tuple[SetAside, ...]:
        """Return what is set aside now, of one SKU or of all."""
        ...

    async def announce(self, goods: IncomingGoods) -> None:
        """Announce goods, or change what was announced under the reference; what was received stays."""
        ...

    async def incoming(self, sku: str | None = None) -> tuple[IncomingGoods, ...]:
        """Return goods that are still to come, the earliest first."""
        ...

    async def cap_oversell(self, sku: str, account: str, units: int) -> None:
        """Let a channel sell so many units beyond what there is and will be; 0 ends it."""
        ...

    async def shelves(self, after: tuple[str, str], limit: int) -> tuple[Shelf, ...]:
        """Return a page of what lies at open locations and is sold, by SKU and location, behind the last one."""
        ...
