"""The vault: personal data, sealed with a key per order."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.values import Address, Buyer


class VaultStore(Protocol):
    """Who bought and where it goes. After `erase` every read raises NotFound."""

    async def address(self, order_id: str) -> Address:
        """Return the current address. Raises NotFound (erased, or a pickup without one)."""
        ...

    async def buyer(self, order_id: str) -> Buyer:
        """Return who bought. Raises NotFound."""
        ...

    async def propose_address(self, order_id: str, address: Address) -> int:
        """Put another address beside the current one; return its version."""
        ...

    async def use_address(self, order_id: str, version: int) -> bool:
        """Make a proposed address current; False when there is no such version."""
        ...

    def mark(self, order_id: str, address: Address) -> str:
        """Return a keyed hash by which two addresses of one order can be told apart, and nothing else."""
        ...

    async def note_told(self, order_id: str, address: Address) -> None:
        """Keep the mark of the address that the channel has told last."""
        ...

    async def pickup_pin(self, fulfillment_id: str) -> str:
        """Return the six digits of a pickup, derived from the order's key; never stored, never in Temporal."""
        ...

    async def erase(self, order_id: str, now: datetime) -> None:
        """Delete the order's key, and with it everything sealed: address, buyer, inbox bodies, labels, requests."""
        ...
