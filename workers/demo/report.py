"""The report of a demo: what Crossdock counted, what the world outside testifies, and whether the two agree."""

from __future__ import annotations

from domain.values import Model


class OrderCounts(Model):
    """Orders by Crossdock's own record: recorded = delivered + collected + cancelled + waiting.

    Attributes:
        at_channel: orders that the channel sold and that are ours to fulfill.
        cancelled: also those whose goods were lost or came back with the carrier: they did not stay with the buyer.
        returned: orders with a return, which are counted in their last state as well.
        waiting: orders that are still open.
        lost: orders at the channel that the record does not have.
        duplicated: orders of the channel that are recorded more than once.
    """

    at_channel: int
    recorded: int
    delivered: int
    collected: int
    cancelled: int
    returned: int
    waiting: int
    lost: int
    duplicated: int


class WitnessCounts(Model):
    """What was done to the world, by its own journal; `tracking_pushed` counts parcels, each once."""

    labels_bought: int
    labels_live: int
    parcels_handed_over: int
    parcels_with_two_live_labels: int
    tracking_pushed: int
    refunds: int
    refunds_over_captured: int
    units_oversold: int
    silent_cancellations: int


class Performance(Model):
    """How fast and how dear; None where it could not be measured, as on a database that counts no statements."""

    orders_per_second: float | None = None
    history_events_p50: int | None = None
    history_events_max: int | None = None
    workflow_tasks_p50: int | None = None
    sql_statements_per_order: float | None = None


class DemoReport(Model):
    """Everything a demo has to say for itself; without violations it went as it should."""

    orders: OrderCounts
    witness: WitnessCounts
    violations: tuple[str, ...]
    performance: Performance
