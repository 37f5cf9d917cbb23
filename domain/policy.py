"""Policy: how long things wait and what is done by itself. Edited by the operator, never hard-coded in a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field

from domain.returns import MAX_WINDOW
from domain.values import Model


class Policy(Model):
    """One installation's policy.

    Attributes:
        pickup_reminder_after: the buyer is reminded when a pickup has waited this long.
        pickup_expires_after: an uncollected pickup is put back and refunded after this long (counted from ready).
        delivery_watch_after: a parcel not delivered after this long is shown as needing attention.
        return_window: how long after delivery goods may come back; never above 100 days.
        return_windows: the same for single channels, by account, where it differs.
        return_expires_after: an authorised return whose goods never arrive ends after this long.
        lost_parcels: send the goods again, or give the money back.
        probe_after: how long an order waits before it asks a party again that could not answer.
        pull_every: how often each channel is asked for changed orders.
        reconcile_every: how often the channel, the record and Temporal are compared.
    """

    pickup_reminder_after: timedelta = timedelta(days=3)
    pickup_expires_after: timedelta = timedelta(days=7)
    delivery_watch_after: timedelta = timedelta(days=10)
    return_window: timedelta = timedelta(days=30)
    return_windows: Mapping[str, timedelta] = Field(default_factory=dict[str, timedelta])
    return_expires_after: timedelta = timedelta(days=30)
    lost_parcels: Literal["replace", "refund"] = "refund"
    probe_after: timedelta = timedelta(minutes=2)
    pull_every: timedelta = timedelta(seconds=60)
    reconcile_every: timedelta = timedelta(minutes=10)

    def return_window_of(self, account: str) -> timedelta:
        """Return the return window of one channel."""
        return min(self.return_windows.get(account, self.return_window), MAX_WINDOW)


DEMO_POLICY = Policy(
    pickup_reminder_after=timedelta(seconds=4),
    pickup_expires_after=timedelta(seconds=8),
    delivery_watch_after=timedelta(minutes=5),
    return_expires_after=timedelta(minutes=5),
    lost_parcels="refund",
    probe_after=timedelta(seconds=2),
    pull_every=timedelta(seconds=1),
    reconcile_every=timedelta(seconds=5),
)
"""The same life in seconds, so that one can watch it."""
