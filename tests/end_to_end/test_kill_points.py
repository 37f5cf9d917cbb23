"""Effects happen once, at whatever point the worker is killed, as the remote's own journal shows."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.messages import CANCEL, Cancel
from domain.order import OrderState
from domain.ports.stores.money import RefundState
from tests.end_to_end.doomed_worker import POINTS
from tests.end_to_end.outpost import WorkerProgram, open_outpost
from tests.end_to_end.temporal_hand import ask
from tests.end_to_end.town import ACCOUNT, Town, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

Outpost = tuple[Town, WorkerProgram]
JOURNAL = {"label": "label.bought", "tracking": "order.shipped", "refund": "order.refunded"}
WITHIN = 60


@pytest.fixture
async def outpost(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Outpost]:
    async with open_outpost(tmp_path, database_url, temporal_client) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["label", "tracking"])
async def test_a_shipment_survives_every_death_with_one_effect(kind: str, outpost: Outpost) -> None:
    town, program = outpost
    for point in POINTS:
        program.condemn(kind, point)
        placed = town.visitor.order("ship")["id"]
        await town.pull()
        await program.until_dead()
        program.start()
        order = await town.until_closed(placed, WITHIN)
        assert order.state is OrderState.DELIVERED, point
        assert effects_of(town, placed) == {"label": 1, "tracking": 1, "refund": 0}, point


async def test_a_refund_survives_every_death_with_one_effect(outpost: Outpost) -> None:
    town, program = outpost
    for point in POINTS:
        program.condemn("refund", point)
        placed = await cancel_backorder(town)
        await program.until_dead()
        program.start()
        await eventually(lambda order=placed: is_refunded(town, order), WITHIN)
        assert (await town.until_closed(placed)).state is OrderState.CANCELLED, point
        assert effects_of(town, placed) == {"label": 0, "tracking": 0, "refund": 1}, point


async def cancel_backorder(town: Town) -> str:
    """Sell what nobody has, and cancel it; return the channel's order id."""
    placed = town.visitor.order(lines=[{"listing_id": "LST-CLOCK-RARE", "quantity": 1}])["id"]
    await town.pull()
    await eventually(lambda: town.is_waiting(placed), WITHIN)
    answer = await ask(town, placed, CANCEL, Cancel(actor="boss", reason="it will not come"))
    assert answer.done, answer.words
    return placed


async def is_refunded(town: Town, placed: str) -> bool:
    async with town.context.record.begin() as tx:
        refunds = await tx.money.refunds(f"{ACCOUNT}/{placed}")
    return [refund.state for refund in refunds] == [RefundState.CONFIRMED]


def effects_of(town: Town, placed: str) -> dict[str, int]:
    """Count in the remote's own journal what was done for an order."""
    return {
        kind: sum(entry["order_id"] == placed for entry in town.visitor.journal(entry_kind))
        for kind, entry_kind in JOURNAL.items()
    }
