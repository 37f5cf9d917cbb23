"""How money is kept: what was captured, and every refund from its reservation to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.order import ChannelRefund
from domain.values import Model


class RefundState(StrEnum):
    """RESERVED counts as refunded until it is CONFIRMED, REJECTED, or was done by a person (BY_HAND)."""

    RESERVED = "RESERVED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    BY_HAND = "BY_HAND"


class Refund(Model):
    """Money given back. `key` is its business key: one debt, one refund."""

    refund_id: str
    order_id: str
    number: int
    key: str
    amount: int
    currency: str
    state: RefundState
    reason: str
    quantities: Mapping[str, int]
    remote_id: str = ""


def stands_for(refund: Refund) -> int:
    """Return the minor units that went, or will go, by this refund itself, and not by a person's hand."""
    return refund.amount if refund.state in {RefundState.RESERVED, RefundState.CONFIRMED} else 0


class MoneyStore(Protocol):
    """The money ledger: append-only entries, and refunds that never exceed what was captured."""

    async def reserve_refund(
        self, order_id: str, key: str, amount: int, reason: str, quantities: Mapping[str, int]
    ) -> Refund | None:
        """Reserve a refund by one conditional UPDATE, book the entry and start its workflow through the outbox.

        A key that begins with ``return:`` starts no workflow: a return sends its own. The stored refund is returned
        when the key is known; None when it would exceed what was captured.
        """
        ...

    async def load_refund(self, refund_id: str) -> Refund:
        """Load one. Raises NotFound."""
        ...

    async def refunds(self, order_id: str) -> tuple[Refund, ...]:
        """Return all refunds of an order, by number."""
        ...

    async def settle_refund(self, refund_id: str, state: RefundState, remote_id: str, now: datetime) -> None:
        """End a reserved refund. REJECTED gives its reservation back; a repeat changes nothing."""
        ...

    async def enter_own(self, refund_id: str, amount: int, remote_id: str, now: datetime) -> int:
        """Enter that a refund of ours was made over this amount, whatever was believed of it; safe to repeat.

        A RESERVED one is CONFIRMED, unless it is over more than that. A person may have lowered or covered it by hand
        while it was in doubt: what it gave back beyond what it stands for is entered like money given back by hand.

        Returns:
            The minor units newly entered beyond it; 0 when they were known.
        """
        ...

    async def enter_captured(self, order_id: str, captured: int) -> bool:
        """Enter what the channel has taken from the buyer by now; False when that is not more than was known."""
        ...

    async def enter_by_hand(self, order_id: str, refund: ChannelRefund, now: datetime) -> int:
        """Enter a refund that a person made on the channel, once per channel refund id.

        It settles the order's own RESERVED refunds first (whole ones as BY_HAND, a greater one is lowered), because
        the debt is one; only the rest is new money.

        Returns:
            The minor units newly entered; 0 when it was known or when it is one of ours.
        """
        ...
