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
        """Take up to `limit` rows out, oldest first, skipping those another relay holds.

        They are gone when the transaction commits and back when it rolls back: tell Temporal in between.
        """
        ...

    async def bury(self, dead: tuple[Telling, ...]) -> None:
        """Keep rows whose workflow does not exist, visible and never taken again."""
        ...
