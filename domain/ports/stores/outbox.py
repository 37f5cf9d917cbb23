"""The outbox: what Temporal has to be told, written in the transaction that made it true."""

from __future__ import annotations

from typing import Protocol

from domain.values import Model


class Telling(Model):
    """One workflow to start or to signal. `signal` is empty for a start; `payload` is the JSON of its one input."""

    outbox_id: int = 0
    workflow: str
    workflow_id: str
    signal: str
    payload: str


class OutboxStore(Protocol):
    """Rows wait here until the relay has told Temporal."""

    async def tell(self, telling: Telling) -> None:
        """Write a row (and notify the relay when the transaction commits)."""
        ...

    async def start_order(self, order_id: str) -> None:
        """Write the row that starts an order's workflow, as recording it did."""
        ...

    async def take(self, limit: int) -> tuple[Telling, ...]:
        """Lock up to `limit` rows, oldest first, skipping those another relay holds."""
        ...

    async def told(self, sent: tuple[int, ...], dead: tuple[int, ...]) -> None:
        """Delete rows that were sent, and mark those whose workflow does not exist as dead."""
        ...
