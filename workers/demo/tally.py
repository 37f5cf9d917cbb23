"""The tally: each recorded order counted once, in its last state, beside what the channel says it sold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from domain.order import OrderState
from domain.values import Model
from workers.demo.report import OrderCounts

NOT_OURS = frozenset({OrderState.TEST, OrderState.EXTERNAL, OrderState.OBSERVED})
CAME_TO_NOTHING = frozenset({OrderState.CANCELLED, OrderState.LOST, OrderState.SENT_BACK})


class RecordedOrder(Model):
    """One row of the record: whose order it is at the channel, and how far it has come."""

    channel_order_id: str
    state: OrderState


def is_ours(state: OrderState) -> bool:
    """Tell whether an order in this state is ours to fulfill."""
    return state not in NOT_OURS


def tally_orders(at_channel: Collection[str], recorded: Iterable[RecordedOrder], returned: int) -> OrderCounts:
    """Count the orders that are ours to fulfill; test orders and those of others are left out on both sides.

    Args:
        at_channel: the channel's ids of the orders it sold that are ours to fulfill.
        recorded: every order of the record.
        returned: how many orders have a return.
    """
    ours = [order for order in recorded if is_ours(order.state)]
    states = Counter(order.state for order in ours)
    times = Counter(order.channel_order_id for order in ours)
    return OrderCounts(
        at_channel=len(at_channel),
        recorded=len(ours),
        delivered=states[OrderState.DELIVERED],
        collected=states[OrderState.COLLECTED],
        cancelled=sum(states[state] for state in CAME_TO_NOTHING),
        returned=returned,
        waiting=states[OrderState.OPEN],
        lost=len(set(at_channel) - set(times)),
        duplicated=sum(count > 1 for count in times.values()),
    )
