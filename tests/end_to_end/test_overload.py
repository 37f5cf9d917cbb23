"""On the real server the priority of a workflow orders the steps of a busy queue."""

from __future__ import annotations

import pytest
from temporalio.client import Client

from tests.bench.promise import promise_figures

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


async def test_a_backlog_served_by_slack_has_at_most_half_the_late_orders(temporal_client: Client) -> None:
    figures = await promise_figures(temporal_client)
    assert figures["late_orders_in_turn"] > 0
    assert figures["late_orders_over_fifo"] <= 0.5
