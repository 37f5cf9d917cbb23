"""`workflow reset`, the operator's usual remedy: at no state of a life does it repeat an effect or lose anything."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.reconcile import ReconcileActivities
from domain.messages import CANCEL, Cancel, return_workflow_id
from domain.order import OrderState
from domain.policy import Policy
from domain.returns import ReturnState
from infra.database.invariants import violations
from tests.end_to_end.temporal_hand import Handle, ask, deeds_of, reset, reset_points, until_quiet, workflow_of
from tests.end_to_end.town import ACCOUNT, Town, eventually, open_town

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

UNHURRIED = Policy(probe_after=timedelta(seconds=2))


@pytest.fixture
async def town(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Town]:
    """A town in which nobody acts by himself."""
    async with open_town(tmp_path, database_url, temporal_client, UNHURRIED) as opened:
        opened.visitor.put("/pace", paused=True)
        yield opened


async def test_a_shipment_is_reset_at_every_state(town: Town) -> None:
    placed = await place(town, "ship_by_staff")
    work = await work_of(town, placed)
    await reset_everywhere(town, placed, workflow_of(town, placed))
    town.visitor.post("/deeds", deed="staff.pick", args={"work": work})
    await reset_everywhere(town, placed, workflow_of(town, placed))
    town.visitor.post("/deeds", deed="staff.hand_over", args={"work": work})
    await reset_everywhere(town, placed, workflow_of(town, placed))
    (label,) = town.visitor.journal("label.bought")
    for _ in ("in transit", "out for delivery", "delivered"):
        town.visitor.post("/deeds", deed="parcel.scan", args={"tracking_number": label["tracking_number"]})
    assert (await town.until_closed(placed)).state is OrderState.DELIVERED
    await reset_everywhere(town, placed, workflow_of(town, placed))
    assert counted(town, placed, "label.bought", "order.shipped") == [1, 1]
    assert await violations(town.house.engine) == []


async def test_a_pickup_is_reset_at_every_state(town: Town) -> None:
    placed = await place(town, "pickup")
    work = await work_of(town, placed)
    town.visitor.post("/deeds", deed="staff.pick", args={"work": work})
    town.visitor.post("/deeds", deed="staff.ready", args={"work": work})
    await reset_everywhere(town, placed, workflow_of(town, placed))
    (mail,) = town.visitor.get("/mail", order=placed)["messages"]
    pin = mail["fields"]["pin"]
    town.visitor.post("/deeds", deed="buyer.collect", args={"order": placed, "pin": pin, "right": "yes"})
    assert (await town.until_closed(placed)).state is OrderState.COLLECTED
    await reset_everywhere(town, placed, workflow_of(town, placed))
    assert counted(town, placed, "mail.received") == [1]
    assert await violations(town.house.engine) == []


async def test_a_return_is_reset_at_every_state(town: Town) -> None:
    placed = await place(town, "return_in_store")
    town.visitor.put("/pace", paused=False)
    assert (await town.until_closed(placed)).state is OrderState.DELIVERED
    await eventually(lambda: is_told(town, placed, "return.expected"))
    back = next(entry["subject"] for entry in town.visitor.journal("return.expected"))
    await eventually(lambda: has_ended(town, back))
    handle: Handle = town.client.get_workflow_handle(return_workflow_id(f"{ACCOUNT}/{placed}", back))
    await reset_everywhere(town, placed, handle)
    await reset_everywhere(town, placed, workflow_of(town, placed))
    assert counted(town, placed, "order.refunded") == [1]
    assert await violations(town.house.engine) == []


async def test_a_terminated_order_is_adopted_and_finishes(town: Town) -> None:
    placed = await place(town, "ship_by_staff")
    await work_of(town, placed)
    await until_quiet(workflow_of(town, placed))
    await workflow_of(town, placed).terminate("a test")
    later = replace(town.context, now=lambda: town.context.now() + timedelta(minutes=5))
    assert await ReconcileActivities(later).adopt_orders(ACCOUNT) == 1
    town.visitor.put("/pace", paused=False)
    assert (await town.until_closed(placed)).state is OrderState.DELIVERED
    assert counted(town, placed, "work.accepted", "label.bought", "order.shipped") == [1, 1, 1]


async def place(town: Town, script: str, **more: object) -> str:
    placed: str = town.visitor.order(script, **more)["id"]
    await town.pull()
    return placed


async def work_of(town: Town, placed: str) -> str:
    """Wait until the order's work was released to its location; return the location's number for it."""
    await eventually(lambda: is_told(town, placed, "work.accepted"))
    return next(entry["subject"] for entry in town.visitor.journal("work.accepted") if entry["order_id"] == placed)


async def is_told(town: Town, placed: str, kind: str) -> bool:
    return any(entry["order_id"] == placed for entry in town.visitor.journal(kind))


async def has_ended(town: Town, return_id: str) -> bool:
    async with town.context.record.begin() as tx:
        return (await tx.returns.load(return_id)).state is ReturnState.REFUNDED


async def reset_everywhere(town: Town, placed: str, handle: Handle) -> None:
    """Reset to every point there is so far, one after the other; nothing may be done again."""
    await until_quiet(handle)
    done, order = deeds_of(town, placed), await town.order(placed)
    for task in await reset_points(handle):
        await reset(town, task)
        await until_quiet(handle)
        assert deeds_of(town, placed) == done, f"reset to event {task.event_id} of {handle.id}"
    after = await town.order(placed)
    assert (after.state, after.lines, after.fulfillments) == (order.state, order.lines, order.fulfillments)


def counted(town: Town, placed: str, *kinds: str) -> list[int]:
    return [sum(entry["kind"] == kind for entry in deeds_of(town, placed)) for kind in kinds]


async def test_a_cancellation_of_some_units_is_not_repeated_by_a_reset(town: Town) -> None:
    placed = await place(town, "ship_by_staff", lines=[{"listing_id": "LST-CAP-LINEN", "quantity": 3}])
    await work_of(town, placed)
    answer = await ask(town, placed, CANCEL, Cancel(actor="boss", reason="one too many", quantities={"L1": 1}))
    assert answer.done, answer.words
    await reset_everywhere(town, placed, workflow_of(town, placed))
    (line,) = (await town.order(placed)).lines
    assert line.cancelled == 1
