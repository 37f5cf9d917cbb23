"""Whole lives of orders whose channel sells their labels, while its answers are lost."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.order import OrderState
from infra.database.invariants import violations
from tests.end_to_end.town import ACCOUNT, UNHURRIED_BUYERS, Town, eventually, open_town
from workers.terms import keep_channel, with_terms

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

ENDS = {
    "ship": OrderState.DELIVERED,
    "split_three": OrderState.DELIVERED,
    "cancel_early": OrderState.CANCELLED,
    "cancel_late": OrderState.DELIVERED,
    "return_by_label": OrderState.DELIVERED,
    "pickup": OrderState.COLLECTED,
}
LOST = (("buy", "reset_after"), ("buy", "error_500"), ("find", "error_500"), ("void", "reset_after"))
"""What is executed, and whose answer nobody gets."""

STAINS = ("parcels_with_two_live_labels", "units_sent_and_cancelled", "duplicate_effects", "units_oversold")


@pytest.fixture
async def town(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Town]:
    async with open_town(tmp_path, database_url, temporal_client, UNHURRIED_BUYERS, pace=0.15) as opened:
        await _let_it_sell_labels(opened)
        yield opened


async def _let_it_sell_labels(town: Town) -> None:
    """Change the setting of the channel, as `crossdock channels rotate` does."""
    async with town.context.record.begin() as tx:
        known = await tx.catalog.channel(ACCOUNT)
        settings = json.loads(known.settings) | {"sells_labels": True}
        await tx.catalog.save_channel(known.model_copy(update={"settings": json.dumps(settings)}))
    marketplace = await town.context.parties.marketplace(ACCOUNT)
    async with town.context.record.begin() as tx:
        channel = with_terms(await tx.catalog.channel(ACCOUNT), marketplace)
        await keep_channel(tx, channel, town.context)


async def test_every_label_is_bought_at_the_channel_once_and_given_back_there(town: Town) -> None:
    for operation, kind in LOST:
        town.visitor.post("/faults", operation=f"marketplace.labels.{operation}", kind=kind)
    placed = {script: str(town.visitor.order(script)["id"]) for script in ENDS}
    await town.pull()
    ended = {script: (await town.until_closed(order, 120)).state for script, order in placed.items()}
    assert ended == ENDS
    await eventually(lambda: _told_and_returned(town), 120, lambda: str(town.visitor.get("/witness")))
    bought, voided = town.visitor.journal("label.bought"), town.visitor.journal("label.voided")
    assert {entry["carrier"] for entry in bought + voided} == {ACCOUNT}
    assert {entry["order_id"] for entry in voided} <= {placed["cancel_early"]}
    outbound = [entry["order_id"] for entry in bought if entry["detail"] == "outbound"]
    assert {order: outbound.count(placed[order]) for order in ("ship", "split_three", "pickup")} == {
        "ship": 1, "split_three": 3, "pickup": 0,
    }  # fmt: skip
    witness = town.visitor.get("/witness")
    assert {stain: witness[stain] for stain in STAINS} == dict.fromkeys(STAINS, 0)
    assert await violations(town.house.engine) == []


async def _told_and_returned(town: Town) -> bool:
    witness = town.visitor.get("/witness")
    told = witness["labels_live"] == witness["parcels_handed_over"] == witness["tracking_pushed"]
    return told and witness["return_labels_bought"] == 1
