"""How fulfillment orders are kept, and where hand-over, label and cancellation are decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from domain.decision import Decision
from domain.fulfillment import Fulfillment, Stage
from domain.ports.stores.order import Refusal
from domain.values import Model


class Move(Model):
    """One attempt to advance a fulfillment order; it wins only if the row is still at one of `before`.

    Attributes:
        labels_itself: its location sends with labels of its own, from now on.
        unless_held: the move loses while the order has an active hold.
        clears: a cause whose wait (of this fulfillment order) ends with the move.
        waits_for: a cause that it waits for from now on; its ticket is a new, greater one of the order.
        tells: whether the workflow is signalled `advanced` through the outbox.
        inbox_id: an inbox row that is done with the move.
    """

    fulfillment_id: str
    before: frozenset[Stage]
    to: Stage
    at: datetime
    labels_itself: bool = False
    unless_held: bool = False
    clears: str = ""
    waits_for: str = ""
    tells: bool = False
    inbox_id: int | None = None


class FulfillmentStore(Protocol):
    """Fulfillment orders and their lines."""

    async def add(
        self, parts: tuple[Fulfillment, ...], reasons: tuple[str, ...], now: datetime, decision: Decision | None = None
    ) -> None:
        """Add planned fulfillment orders with their lines; `reasons` says why these locations, `decision` all of it."""
        ...

    async def load(self, fulfillment_id: str) -> Fulfillment:
        """Load one. Raises NotFound."""
        ...

    async def advance(self, move: Move) -> Fulfillment | None:
        """Advance by one conditional UPDATE (one statement with everything a Move names); None when it lost."""
        ...

    async def mark_cancelling(self, fulfillment_id: str, quantities: Mapping[str, int]) -> None:
        """Keep how many units per line end as cancelled when it is wound down (never fewer than before)."""
        ...

    async def reject_lines(
        self, fulfillment_id: str, quantities: Mapping[str, int], reason: str, refusal: Refusal
    ) -> None:
        """Take rejected units off its lines and remember that its location refuses them."""
        ...

    async def refuse_location(self, fulfillment_id: str, refusal: Refusal) -> None:
        """Remember that nothing of it is asked for at its location: it was rerouted away."""
        ...

    async def reopen(self, fulfillment_id: str) -> None:
        """Count the units of a lost fulfillment order as open again: they are sent once more."""
        ...
