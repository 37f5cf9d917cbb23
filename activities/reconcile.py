"""Reconciliation: the channel, the record and Temporal are compared, and differences mended by ordinary steps."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity

from activities.context import Context
from activities.pull import PullActivities
from activities.steps import PullResult
from domain.messages import PullStart

LOOK_BACK = timedelta(days=14)
"""How far back the channel is swept for orders that a pull has missed."""

UNTOUCHED_FOR = timedelta(seconds=60)
"""An open order this old is started once more: a running or completed workflow is left alone by that."""


class ReconcileActivities:
    """Sweeps."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @activity.defn(name="reconcile_channel")
    async def reconcile_channel(self, account: str) -> PullResult:
        """List the last two weeks of the channel again: what a pull has missed is taken in now."""
        since = self._context.now() - LOOK_BACK
        return await PullActivities(self._context).pull(PullStart(account=account, since=since.isoformat()))

    @activity.defn(name="adopt_orders")
    async def adopt_orders(self, account: str) -> int:
        """Start the workflow of every open order once more, so that one that was terminated is adopted again."""
        before = self._context.now() - UNTOUCHED_FOR
        adopted, after = 0, ""
        while True:
            async with self._context.record.begin() as tx:
                orders = await tx.orders.open_before(account, before, after, 200)
                for order_id in orders:
                    await tx.outbox.start_order(order_id)
            adopted += len(orders)
            if not orders:
                return adopted
            after = orders[-1]
