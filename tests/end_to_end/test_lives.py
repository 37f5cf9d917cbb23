"""Whole lives of orders, on a real Temporal server, a real PostgreSQL and the sandbox world over HTTP."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.order import OrderState
from tests.end_to_end.town import Town, open_town

pytestmark = pytest.mark.stack


@pytest.fixture
async def town(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Town]:
    async with open_town(tmp_path, database_url, temporal_client) as opened:
        yield opened


async def test_an_order_is_shipped_and_delivered(town: Town) -> None:
    placed = town.visitor.order("ship")
    await town.pull()
    order = await town.until_closed(placed["id"])
    assert order.state is OrderState.DELIVERED
    assert town.visitor.get("/witness")["labels_live"] == 1
