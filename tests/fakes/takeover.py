"""The taking over of a channel, in memory."""

from __future__ import annotations

from datetime import datetime

from domain.errors import NotFound
from domain.order import OrderState
from domain.ports.stores.catalog import Mode
from tests.fakes.outbox import FakeOutboxStore
from tests.fakes.state import State


class FakeTakeoverStore:
    """Orders that are only watched."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def go_live(self, account: str, live_from: datetime) -> None:
        """Carry the channel's orders from now on."""
        if account not in self._state.channels:
            raise NotFound("no-channel", f"no channel {account}")
        live = {"mode": Mode.LIVE, "live_from": live_from}
        self._state.channels[account] = self._state.channels[account].model_copy(update=live)

    async def observed(self, account: str, after: str, limit: int) -> tuple[str, ...]:
        """Return a page of them."""
        watched = (
            order.order_id
            for order in self._state.orders.values()
            if (order.account, order.state) == (account, OrderState.OBSERVED) and order.order_id > after
        )
        return tuple(sorted(watched)[:limit])

    async def settle(self, order_id: str, state: OrderState) -> bool:
        """Make it ours, or leave it to others."""
        order = self._state.orders[order_id]
        if order.state is not OrderState.OBSERVED:
            return False
        self._state.orders[order_id] = order.model_copy(update={"state": state})
        if state is OrderState.OPEN:
            await FakeOutboxStore(self._state).start_order(order_id)
        return True
