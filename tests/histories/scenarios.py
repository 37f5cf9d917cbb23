"""The lives whose histories are committed, and how each is played in a town."""

from __future__ import annotations

from typing import TypedDict

from domain.fulfillment import Stage
from domain.messages import (
    AMEND_ADDRESS,
    CANCEL,
    ORDERS_QUEUE,
    PLACE_HOLD,
    PULL_WORKFLOW,
    RECONCILE_WORKFLOW,
    RELEASE_HOLD,
    REROUTE,
    RESOLVE_SKU,
    RETRY,
    AmendAddress,
    Cancel,
    PlaceHold,
    PullStart,
    ReleaseHold,
    Reroute,
    ResolveSku,
    Retry,
    Verb,
    order_workflow_id,
    refund_workflow_id,
    return_workflow_id,
)
from domain.order import HoldReason, OrderState
from tests.builders import address
from tests.end_to_end.temporal_hand import ask
from tests.end_to_end.town import ACCOUNT, Town, eventually

# Scenario → script of the sandbox world; these need no hand of ours.
UNATTENDED = {
    "ship": "ship",
    "staff": "ship_by_staff",
    "split": "split_three",
    "pickup": "pickup",
    "pickup_expired": "pickup_never",
    "cancel_before_label": "cancel_early",
    "cancel_after_hand_over": "cancel_late",
    "hold": "hold_fraud",
    "rejected_line": "staff_rejects_one_line",
    "lost": "lost",
    "sent_back": "refused",
    "returned_order": "return_by_label",
    "returned_in_store": "return_in_store",
}
WITHIN = 90


class _Who(TypedDict):
    actor: str
    reason: str


WHO: _Who = {"actor": "boss", "reason": "a rehearsal"}


async def play_all(town: Town) -> dict[str, str]:
    """Play every scenario; return scenario → id of the workflow whose history tells it."""
    town.visitor.put("/pace", paused=True)
    orders = {"cancel_at_label": await cancel_at_label(town), "verbs": await every_verb(town)}
    town.visitor.put("/pace", paused=False)
    orders |= {"backorder": await backorder(town)}
    orders |= {scenario: town.visitor.order(script)["id"] for scenario, script in UNATTENDED.items()}
    await eventually(lambda: all_at_rest(town, list(orders.values())), WITHIN)
    workflows = {scenario: order_workflow_id(f"{ACCOUNT}/{placed}") for scenario, placed in orders.items()}
    return workflows | {
        "pull": await run_sweep(town, PULL_WORKFLOW),
        "reconcile": await run_sweep(town, RECONCILE_WORKFLOW),
        "refund": refund_workflow_id(f"{ACCOUNT}/{orders['cancel_before_label']}", 1),
        "return": await return_of(town, orders["returned_order"]),
    }


async def run_sweep(town: Town, workflow: str) -> str:
    """Run what a schedule starts; return the id of its run."""
    start = PullStart(account=ACCOUNT)
    handle = await town.client.start_workflow(workflow, start, id=f"{workflow}/{ACCOUNT}", task_queue=ORDERS_QUEUE)
    await handle.result()
    return handle.id


async def cancel_at_label(town: Town) -> str:
    """Cancel while the label is being bought: its outcome is waited for, then it is voided."""
    town.visitor.post("/faults", operation="carrier.labels.buy", kind="latency", seconds=2)
    placed = await place(town, "ship")
    await eventually(lambda: is_at(town, placed, Stage.LABELLING))
    await tell(town, placed, CANCEL, Cancel(**WHO))
    return placed


async def backorder(town: Town) -> str:
    """Wait for goods, which then arrive."""
    placed = await place(town, lines=[{"listing_id": "LST-CLOCK-RARE", "quantity": 1}])
    await eventually(lambda: town.is_waiting(placed, "stock:"))
    town.visitor.post("/locations/WH-AUTO/deliveries", sku="CLOCK-RARE", quantity=1)
    await town.receive("CLOCK-RARE", "WH-AUTO", 1)
    return placed


async def every_verb(town: Town) -> str:
    """Let an operator do everything that can be done to an order, and then let it go."""
    placed = await place(town, lines=[{"listing_id": "LST-SOAP-OLIVE", "quantity": 3}])
    order_id = f"{ACCOUNT}/{placed}"
    await eventually(lambda: is_at(town, placed, Stage.RELEASED))
    async with town.context.record.begin() as tx:
        version = await tx.vault.propose_address(order_id, address(city="Lübeck"))
    await tell(town, placed, AMEND_ADDRESS, AmendAddress(**WHO, version=version))
    await tell(town, placed, PLACE_HOLD, PlaceHold(**WHO, hold=HoldReason.OPERATOR))
    await tell(town, placed, RELEASE_HOLD, ReleaseHold(**WHO, hold=HoldReason.OPERATOR))
    await tell(town, placed, RESOLVE_SKU, ResolveSku(**WHO, listing_id="LST-SOAP-OLIVE", sku="SOAP-OLIVE"))
    await tell(town, placed, RETRY, Retry(**WHO))
    await tell(town, placed, CANCEL, Cancel(**WHO, quantities={"L1": 1}))
    await eventually(lambda: is_at(town, placed, Stage.RELEASED))
    order = await town.order(placed)
    await tell(town, placed, REROUTE, Reroute(**WHO, fulfillment_id=order.fulfillments[-1].fulfillment_id))
    return placed


async def place(town: Town, script: str = "ship", **more: object) -> str:
    placed: str = town.visitor.order(script, **more)["id"]
    await town.pull()
    return placed


async def tell(town: Town, placed: str, name: str, verb: Verb) -> None:
    answer = await ask(town, placed, name, verb)
    assert answer.done, f"{name}: {answer.words}"


async def is_at(town: Town, placed: str, stage: Stage) -> bool:
    parts = (await town.order(placed)).fulfillments
    return bool(parts) and parts[-1].stage is stage


async def all_at_rest(town: Town, placed: list[str]) -> bool:
    """Tell whether no order is open, and nobody has anything left to do."""
    await town.pull()
    states = [(await town.order(one)).state for one in placed]
    listed = town.client.list_workflows("ExecutionStatus = 'Running'")
    return OrderState.OPEN not in states and not [one async for one in listed]


async def return_of(town: Town, placed: str) -> str:
    """Return the workflow of the return that the location was told to expect."""
    expected = next(one for one in town.visitor.journal("return.expected") if one["order_id"] == placed)
    return return_workflow_id(f"{ACCOUNT}/{placed}", expected["subject"])
