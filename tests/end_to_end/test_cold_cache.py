"""One life without a cache: each workflow task begins with a replay of everything before."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from temporalio.client import Client

import workers.worker
from domain.order import OrderState
from tests.end_to_end.town import UNHURRIED_BUYERS, open_town

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


async def test_lives_go_on_when_every_task_is_replayed(
    tmp_path: Path, database_url: str, temporal_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = partial(workers.worker.orders_worker, max_cached_workflows=0)
    monkeypatch.setattr(workers.worker, "orders_worker", cold)
    async with open_town(tmp_path, database_url, temporal_client, UNHURRIED_BUYERS) as town:
        orders = {script: town.visitor.order(script)["id"] for script in ("split_three", "pickup", "cancel_early")}
        await town.pull()
        ends = {script: (await town.until_closed(placed, 60)).state for script, placed in orders.items()}
    assert ends == {
        "split_three": OrderState.DELIVERED,
        "pickup": OrderState.COLLECTED,
        "cancel_early": OrderState.CANCELLED,
    }
