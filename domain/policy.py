"""Policy: how long things wait and what is done by itself. Edited by the operator, never hard-coded in a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from domain.promise import Pace
from domain.returns import MAX_WINDOW
from domain.transit import MAX_DAYS, Transit
from domain.values import MAX_AMOUNT, Model

Span = Annotated[timedelta, Field(ge=timedelta(), le=timedelta(days=90))]


class Policy(Model):
    """One installation's policy.

    Attributes:
        pickup_reminder_after: the buyer is reminded when a pickup has waited this long.
        pickup_expires_after: an uncollected pickup is put back and refunded after this long (counted from ready).
        delivery_watch_after: a parcel not delivered after this long is shown as needing attention; one that nobody
            will ever scan counts as delivered.
        follow_every: how often a carrier is asked about a parcel whose label it did not sell us.
        return_window: how long after delivery goods may come back; never above 100 days.
        return_windows: the same for single channels, by account, where it differs.
        return_expires_after: an authorised return whose goods never arrive ends after this long.
        lost_parcels: send the goods again, or give the money back.
        probe_after: how long an order waits before it asks a party again that could not answer.
        pull_every: how often each channel is asked for changed orders.
        reconcile_every: how often the channel, the record and Temporal are compared.
        collect_every: how often locations that leave their messages in a mailbox are asked for them.
        publish_every: how often each channel is told what has changed in what it may sell.
        sweep_offers_every: how often all its listings are looked at, for what no movement tells of.
        offer_incoming_within: goods expected within this time are offered before they are there.
        reservations_last: a reservation that is older is shown by the proof.
        prove_stock_every: how often it is proved that every reservation has a live owner.
        leftovers_kept_for: how long tellings that reached nobody, and messages that belong to no order, are kept.
        work_to_pick: how long a location needs from hearing of goods until they are picked.
        work_to_label: how long a label takes.
        work_to_leave: how long labelled goods lie until a carrier has them.
        transit_days: how long a parcel travels where `transits` knows nothing better.
        transits: days by carrier, speed and zone, and what a faster speed costs more.
        at_risk_before: an order with less slack than this is at risk.
        watch_every: how often orders at risk, and dates that have come, are looked at.
        replan_late: goods at risk are taken to a place that still makes it, while nobody has picked them.
        upgrade_cost_cap: what a faster speed may cost more, in minor units of the seller's currency; 0 buys none.
        late_word: the buyer is told once, when an order will be late whatever is done.
    """

    pickup_reminder_after: timedelta = timedelta(days=3)
    pickup_expires_after: timedelta = timedelta(days=7)
    delivery_watch_after: timedelta = timedelta(days=10)
    follow_every: timedelta = timedelta(hours=6)
    return_window: timedelta = timedelta(days=30)
    return_windows: Mapping[str, timedelta] = Field(default_factory=dict[str, timedelta])
    return_expires_after: timedelta = timedelta(days=30)
    lost_parcels: Literal["replace", "refund"] = "refund"
    probe_after: timedelta = timedelta(minutes=2)
    pull_every: timedelta = timedelta(seconds=60)
    reconcile_every: timedelta = timedelta(minutes=10)
    collect_every: timedelta = timedelta(seconds=30)
    publish_every: timedelta = timedelta(seconds=10)
    sweep_offers_every: timedelta = timedelta(minutes=15)
    offer_incoming_within: Span = timedelta()
    reservations_last: timedelta = timedelta(days=60)
    prove_stock_every: timedelta = timedelta(days=1)
    leftovers_kept_for: timedelta = timedelta(days=30)
    work_to_pick: Span = timedelta(hours=2)
    work_to_label: Span = timedelta(minutes=10)
    work_to_leave: Span = timedelta(minutes=30)
    transit_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 2
    transits: tuple[Transit, ...] = ()
    at_risk_before: Span = timedelta(hours=2)
    watch_every: timedelta = timedelta(minutes=1)
    replan_late: bool = True
    upgrade_cost_cap: Annotated[int, Field(ge=0, le=MAX_AMOUNT)] = 0
    late_word: bool = True

    @property
    def pace(self) -> Pace:
        """How long the work of one fulfillment order takes."""
        return Pace(pick=self.work_to_pick, label=self.work_to_label, leave=self.work_to_leave)

    def return_window_of(self, account: str) -> timedelta:
        """Return the return window of one channel."""
        return min(self.return_windows.get(account, self.return_window), MAX_WINDOW)


DEMO_POLICY = Policy(
    pickup_reminder_after=timedelta(seconds=4),
    pickup_expires_after=timedelta(seconds=8),
    delivery_watch_after=timedelta(minutes=5),
    follow_every=timedelta(seconds=10),
    return_expires_after=timedelta(minutes=5),
    lost_parcels="refund",
    probe_after=timedelta(seconds=2),
    pull_every=timedelta(seconds=1),
    reconcile_every=timedelta(seconds=5),
    collect_every=timedelta(seconds=2),
    publish_every=timedelta(seconds=2),
    watch_every=timedelta(seconds=5),
)
"""The same life in seconds, so that one can watch it."""
