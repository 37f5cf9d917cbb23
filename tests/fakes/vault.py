"""The vault in memory."""

from __future__ import annotations

import hashlib
from datetime import datetime

from domain.errors import NotFound
from domain.snapshot import postal_zone_of
from domain.values import Address, Buyer
from tests.fakes.state import State


class FakeVaultStore:
    """Personal data, readable until it is erased."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def address(self, order_id: str) -> Address:
        """Return the current address."""
        version = self._state.current_address.get(order_id, 0)
        if (order_id, version) not in self._state.addresses:
            raise NotFound("no-address", f"no address of {order_id}")
        return self._state.addresses[order_id, version]

    async def buyer(self, order_id: str) -> Buyer:
        """Return who bought."""
        if order_id not in self._state.buyers:
            raise NotFound("no-buyer", f"no buyer of {order_id}")
        return self._state.buyers[order_id]

    async def propose_address(self, order_id: str, address: Address) -> int:
        """Put another address beside the current one."""
        await self.buyer(order_id)
        version = 1 + sum(order == order_id for order, _ in self._state.addresses)
        self._state.addresses[order_id, version] = address
        return version

    async def use_address(self, order_id: str, version: int) -> bool:
        """Make a proposed address current."""
        if (order_id, version) not in self._state.addresses:
            return False
        self._state.current_address[order_id] = version
        address = self._state.addresses[order_id, version]
        where = {"country": address.country, "postal_zone": postal_zone_of(address.postal_code)}
        self._state.orders[order_id] = self._state.orders[order_id].model_copy(update=where)
        return True

    def mark(self, order_id: str, address: Address) -> str:
        """Return what tells two addresses of one order apart."""
        return hashlib.sha256(f"{order_id}\n{address.gist}".encode()).hexdigest()

    async def note_told(self, order_id: str, address: Address) -> None:
        """Keep the mark of the address that the channel has told last."""
        if order_id in self._state.buyers:
            self._mark(order_id, self.mark(order_id, address))

    def _mark(self, order_id: str, mark: str) -> None:
        if order_id in self._state.orders:
            self._state.orders[order_id] = self._state.orders[order_id].model_copy(update={"address_mark": mark})

    async def pickup_pin(self, fulfillment_id: str) -> str:
        """Return the six digits of a pickup."""
        if fulfillment_id not in self._state.fulfillments:
            raise NotFound("no-fulfillment", f"no fulfillment order {fulfillment_id}")
        await self.buyer(self._state.fulfillments[fulfillment_id].order_id)
        digest = hashlib.sha256(fulfillment_id.encode()).digest()
        return f"{int.from_bytes(digest[:8]) % 1_000_000:06}"

    async def erase(self, order_id: str, now: datetime) -> None:
        """Forget everything that is sealed with the order's key."""
        del now
        self._state.buyers.pop(order_id, None)
        self._mark(order_id, "")
        for key in [key for key in self._state.addresses if key[0] == order_id]:
            del self._state.addresses[key]
        for parcel in self._state.parcels.values():
            if self._state.fulfillments[parcel.fulfillment_id].order_id == order_id:
                self._state.labels.pop(parcel.parcel_id, None)
        for number, kept in self._state.returns.items():
            if kept.order_id == order_id:
                self._state.returns[number] = kept.model_copy(update={"reason": ""})
        for inbox_id, message in list(self._state.inbox.items()):
            if message.order_id == order_id:
                del self._state.inbox[inbox_id]
