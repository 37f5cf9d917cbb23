"""The taking over of a channel, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from domain.errors import NotFound
from domain.order import OrderState
from domain.ports.stores.catalog import Mode
from infra.database.outbox import PostgresOutboxStore
from infra.database.store import Store

_GO_LIVE = text("UPDATE channels SET mode = :mode, live_from = :live_from WHERE account = :account")
_OBSERVED = text("""
    SELECT order_id FROM orders WHERE account = :account AND state = :observed AND order_id > :after
    ORDER BY order_id LIMIT :limit""")
_SETTLE = text("""
    UPDATE orders SET state = :state, progress_at = now() WHERE order_id = :order_id AND state = :observed""")


class PostgresTakeoverStore(Store):
    """Orders that are only watched."""

    async def go_live(self, account: str, live_from: datetime) -> None:
        """Carry the channel's orders from now on."""
        if not await self._run(_GO_LIVE, account=account, mode=Mode.LIVE.value, live_from=live_from):
            raise NotFound("no-channel", f"no channel {account}")

    async def observed(self, account: str, after: str, limit: int) -> tuple[str, ...]:
        """Return a page of them."""
        bound = {"account": account, "observed": OrderState.OBSERVED.value, "after": after, "limit": limit}
        return tuple(row["order_id"] for row in await self._all(_OBSERVED, **bound))

    async def settle(self, order_id: str, state: OrderState) -> bool:
        """Make it ours, or leave it to others."""
        settled = await self._run(_SETTLE, order_id=order_id, state=state.value, observed=OrderState.OBSERVED.value)
        if settled and state is OrderState.OPEN:
            await PostgresOutboxStore(self._connection, self._cipher).start_order(order_id)
        return bool(settled)
