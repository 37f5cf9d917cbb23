"""What may be promised, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.availability import Availability, IncomingGoods, SetAside, Shelf
from domain.inventory import InventoryLevel
from domain.listing import made_of
from tests.fakes.inventory import FakeInventoryStore
from tests.fakes.order import FakeOrderStore
from tests.fakes.state import State


class FakeAvailabilityStore:
    """Set-asides, incoming goods and ceilings."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def of_channel(
        self, account: str, skus: Iterable[str], now: datetime, until: datetime
    ) -> tuple[Availability, ...]:
        """Read what may be promised to a channel."""
        return tuple([await self._of_sku(account, sku, now, until) for sku in sorted(skus)])

    async def set_aside(self, sku: str, account: str, units: Mapping[str, int]) -> None:
        """Set exactly these units aside for a channel, and none elsewhere."""
        for key in [key for key in self._state.set_asides if (key[0], key[2]) == (sku, account)]:
            del self._state.set_asides[key]
        for location, count in units.items():
            empty = InventoryLevel(sku=sku, location=location, on_hand=0, reserved=0)
            self._state.levels.setdefault((sku, location), empty)
            self._state.set_asides[sku, location, account] = count

    async def set_asides(self, sku: str | None = None) -> tuple[SetAside, ...]:
        """Return what is set aside now."""
        return tuple(
            SetAside(sku=of, location=location, account=account, units=units)
            for (of, location, account), units in sorted(self._state.set_asides.items())
            if sku in (None, of)
        )

    async def announce(self, goods: IncomingGoods) -> None:
        """Announce goods, or change what was announced."""
        key = (goods.reference, goods.sku, goods.location)
        received = self._state.incoming[key].received if key in self._state.incoming else 0
        self._state.incoming[key] = goods.model_copy(update={"received": received})

    async def incoming(self, sku: str | None = None) -> tuple[IncomingGoods, ...]:
        """Return goods that are still to come."""
        coming = [goods for goods in self._state.incoming.values() if goods.open and sku in (None, goods.sku)]
        return tuple(sorted(coming, key=lambda goods: (goods.expected_at, goods.sku, goods.location, goods.reference)))

    async def cap_oversell(self, sku: str, account: str, units: int) -> None:
        """Let a channel sell so many units beyond what there is."""
        self._state.ceilings[sku, account] = units

    async def shelves(self, after: tuple[str, str], limit: int) -> tuple[Shelf, ...]:
        """Return a page of what lies at open locations."""
        sold = {sku for sku in self._state.known_skus if not self._state.retired_skus.get(sku)}
        levels = await FakeInventoryStore(self._state).levels(sold, "")
        rows = [
            Shelf(location=level.location, sku=level.sku, units=level.available, pickup=place.pickup)
            for level in levels
            if (place := self._state.locations[level.location]).open and (level.sku, level.location) > after
        ]
        return tuple(sorted(rows, key=lambda row: (row.sku, row.location))[:limit])

    async def _of_sku(self, account: str, sku: str, now: datetime, until: datetime) -> Availability:
        levels = await FakeInventoryStore(self._state).levels([sku], account)
        incoming = sum(
            goods.open
            for goods in self._state.incoming.values()
            if goods.sku == sku and now < goods.expected_at <= until and self._is_open(goods.location)
        )
        ceiling = self._state.ceilings.get((sku, account), 0)
        return Availability(
            sku=sku,
            free=sum(level.available for level in levels if self._takes_work(level.location, now)),
            pledged=await self._pledged(sku),
            incoming=incoming,
            ceiling=ceiling,
            backordered=await self._units(sku, self._waiting(f"stock:{sku}")) if incoming + ceiling else 0,
        )

    def _takes_work(self, location: str, now: datetime) -> bool:
        until = self._state.locations[location].closed_until if self._is_open(location) else None
        return self._is_open(location) and (until is None or until <= now)

    def _is_open(self, location: str) -> bool:
        return location in self._state.locations and self._state.locations[location].open

    def _waiting(self, cause: str) -> set[str]:
        return {wait.order_id for wait in self._state.waits.values() if wait.cause == cause}

    async def _pledged(self, sku: str) -> int:
        whole = {wait.order_id for wait in self._state.waits.values() if not wait.scope}
        return await self._units(sku, whole - self._waiting(f"stock:{sku}"), kept=True)

    async def _units(self, sku: str, orders: set[str], *, kept: bool = False) -> int:
        units = 0
        for order_id in orders:
            order = await FakeOrderStore(self._state).load(order_id)
            if kept and not all(hold.keeps_stock for hold in order.holds):
                continue
            for line in order.lines:
                own = made_of(line.sku, line.components) if line.sku else ()
                units += sum(line.open * part.units for part in own if part.sku == sku)
        return units
