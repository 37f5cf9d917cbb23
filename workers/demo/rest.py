"""Rest: the moment when nothing of a demo moves any more, or else what still does, in words."""

from __future__ import annotations

from domain.order import OrderState
from domain.waits import advise
from workers.demo.director import Scene
from workers.demo.snapshot import Snapshot

_SHOWN = 20


def find_unrest(scene: Scene, snapshot: Snapshot, workflows: int) -> dict[str, int]:
    """Return what has still to end, counted in words; nothing when everything is at rest.

    Args:
        scene: what the world has placed, and what it has still to do.
        snapshot: the record after that.
        workflows: how many workflows of orders, returns and refunds are running.
    """
    known = {row.channel_order_id for row in snapshot.orders}
    unrest = {
        "orders not placed yet": scene.planned - len(scene.orders),
        "orders not recorded": sum(order.order_id not in known for order in scene.orders),
        "orders open": sum(row.state is OrderState.OPEN for row in snapshot.orders),
        "messages set aside": len(snapshot.set_aside),
        "deeds of the world to come": scene.deeds_to_come,
        "webhooks on their way": scene.hooks_waiting,
        "workflows running": workflows,
        **snapshot.under_way,
    }
    return {words: count for words, count in unrest.items() if count}


def restless(unrest: dict[str, int]) -> tuple[str, ...]:
    """Return a sentence for everything that should have come to rest."""
    return tuple(f"not at rest: {count} {words}" for words, count in unrest.items())


def describe_unrest(unrest: dict[str, int], scene: Scene, snapshot: Snapshot) -> list[str]:
    """Say what still moves or waits, order by order as far as there is room."""
    lines = [f"{count} {words}" for words, count in unrest.items()]
    known = {row.channel_order_id for row in snapshot.orders}
    lines += [
        f"{order.order_id} ({order.script}) is not recorded" for order in scene.orders if order.order_id not in known
    ]
    lines += [f"{row.party} {row.subject} is set aside: {row.code}" for row in snapshot.set_aside]
    waiting = {wait.order_id for wait in snapshot.waits}
    scripts = {order.order_id: order.script for order in scene.orders}
    lines += [
        f"{wait.order_id} ({scripts.get(wait.channel_order_id, '?')}) waits for "
        f"{advise(wait.order_id, wait.cause).waits_for} ({wait.code or 'no code'})"
        for wait in snapshot.waits
    ]
    lines += [
        f"{row.order_id} ({scripts.get(row.channel_order_id, '?')}) is open and waits for nothing"
        for row in snapshot.orders
        if row.state is OrderState.OPEN and row.order_id not in waiting
    ]
    left = len(lines) - _SHOWN
    return lines if left <= 0 else [*lines[:_SHOWN], f"and {left} more"]
