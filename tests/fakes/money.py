"""The money ledger in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.errors import NotFound
from domain.messages import REFUND_WORKFLOW, RefundStart, refund_workflow_id
from domain.order import ChannelRefund
from domain.ports.stores.money import Refund, RefundState, stands_for
from domain.ports.stores.order import KeptOrder
from tests.fakes.outbox import FakeOutboxStore
from tests.fakes.state import State


class FakeMoneyStore:
    """Refunds, and what each order has given back."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._outbox = FakeOutboxStore(state)

    async def reserve_refund(
        self, order_id: str, key: str, amount: int, reason: str, quantities: Mapping[str, int]
    ) -> Refund | None:
        """Reserve a refund; None when it would exceed what was captured."""
        order, known = self._order(order_id), await self.refunds(order_id)
        for refund in known:
            if refund.key == key:
                return refund
        if order.refunding + amount > order.captured:
            return None
        number = len(known) + 1
        refund = Refund(
            refund_id=f"{order_id}/refund/{number}",
            order_id=order_id,
            number=number,
            key=key,
            amount=amount,
            currency=order.currency,
            state=RefundState.RESERVED,
            reason=reason,
            quantities=dict(quantities),
        )
        self._put(refund, order.refunding + amount)
        if not key.startswith("return:"):
            start = RefundStart(order_id=order_id, refund_id=refund.refund_id, account=order.account)
            await self._outbox.write(REFUND_WORKFLOW, refund_workflow_id(order_id, number), "", start)
        return refund

    async def load_refund(self, refund_id: str) -> Refund:
        """Load one."""
        if refund_id not in self._state.refunds:
            raise NotFound("no-refund", f"no refund {refund_id}")
        return self._state.refunds[refund_id]

    async def refunds(self, order_id: str) -> tuple[Refund, ...]:
        """Return all refunds of an order, by number."""
        return tuple(refund for refund in self._state.refunds.values() if refund.order_id == order_id)

    async def settle_refund(self, refund_id: str, state: RefundState, remote_id: str, now: datetime) -> None:
        """End a reserved refund; REJECTED gives its reservation back."""
        del now
        refund = await self.load_refund(refund_id)
        if refund.state is not RefundState.RESERVED:
            return
        given_back = refund.amount if state is RefundState.REJECTED else 0
        settled = refund.model_copy(update={"state": state, "remote_id": remote_id})
        self._put(settled, self._order(refund.order_id).refunding - given_back)

    async def enter_own(self, refund_id: str, amount: int, remote_id: str, now: datetime) -> int:
        """Enter that a refund of ours was made; what exceeds it is kept under its own id."""
        refund = await self.load_refund(refund_id)
        if amount >= refund.amount:
            await self.settle_refund(refund_id, RefundState.CONFIRMED, remote_id, now)
        beyond = amount - stands_for(refund)
        entered = {number for order_id, number in self._state.by_hand if order_id == refund.order_id}
        if beyond <= 0 or {refund_id, remote_id} & entered:
            return 0
        self._state.by_hand[refund.order_id, refund_id] = beyond
        order = self._order(refund.order_id)
        fresh = min(beyond, order.captured - order.refunding)
        self._state.orders[order.order_id] = order.model_copy(update={"refunding": order.refunding + fresh})
        return fresh

    async def enter_captured(self, order_id: str, captured: int) -> bool:
        """Enter what the channel has taken by now."""
        order = self._order(order_id)
        if captured <= order.captured:
            return False
        self._state.orders[order_id] = order.model_copy(update={"captured": captured})
        return True

    async def enter_by_hand(self, order_id: str, refund: ChannelRefund, now: datetime) -> int:
        """Enter a refund that a person made on the channel, once per channel refund id."""
        del now
        order = self._order(order_id)
        if (order_id, refund.refund_id) in self._state.by_hand or await self._is_ours(order_id, refund):
            return 0
        self._state.by_hand[order_id, refund.refund_id] = refund.amount
        rest = refund.amount
        for reserved in await self.refunds(order_id):
            if reserved.state is RefundState.RESERVED:
                rest -= self._cover(reserved, rest, refund.refund_id)
        fresh = min(rest, order.captured - order.refunding)
        self._state.orders[order_id] = order.model_copy(update={"refunding": order.refunding + fresh})
        return fresh

    async def _is_ours(self, order_id: str, refund: ChannelRefund) -> bool:
        ours = {known.remote_id for known in await self.refunds(order_id)} - {""}
        return bool(refund.reference) or refund.refund_id in ours

    def _cover(self, reserved: Refund, rest: int, remote_id: str) -> int:
        """Settle a reserved refund with money given back by hand; return how much of it that took."""
        if not rest:
            return 0
        if reserved.amount <= rest:
            covered = reserved.model_copy(update={"state": RefundState.BY_HAND, "remote_id": remote_id})
        else:
            covered = reserved.model_copy(update={"amount": reserved.amount - rest})
        self._state.refunds[reserved.refund_id] = covered
        return min(reserved.amount, rest)

    def _order(self, order_id: str) -> KeptOrder:
        if order_id not in self._state.orders:
            raise NotFound("no-order", f"no order {order_id}")
        return self._state.orders[order_id]

    def _put(self, refund: Refund, refunding: int) -> None:
        self._state.refunds[refund.refund_id] = refund
        order = self._order(refund.order_id)
        self._state.orders[order.order_id] = order.model_copy(update={"refunding": refunding})
