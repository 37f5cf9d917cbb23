"""The measurement of the ship path: its rate beside bare workflows, and what a lone order costs."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.bench.measure import count_lone, floor_rate, ship_rate
from tests.bench.town import open_bench


@dataclass(frozen=True)
class Load:
    """How much is measured: orders a round, rounds, orders in flight, seconds between reports of the lone order."""

    orders: int
    rounds: int
    in_flight: int
    pace: float
    explain: bool


async def shipping_figures(client: Client, url: str, load: Load) -> dict[str, float]:
    """Take all measurements; the floor and the ship path in turn, so that both meet the machine's moods."""
    found: dict[str, float] = {}
    async with open_bench(client, url, needs_hand=True, pause=load.pace) as town:
        found |= await count_lone(town, 1, explain=load.explain)
        town.instant.hurry()
        floors: list[float] = []
        bare: list[float] = []
        ships: list[float] = []
        await floor_rate(client, load.orders // 4, load.in_flight)
        await ship_rate(town, 100, load.orders // 4, load.in_flight)
        for round_ in range(load.rounds):
            floors.append(await floor_rate(client, load.orders, load.in_flight))
            ships.append(await ship_rate(town, 1000 * (round_ + 1), load.orders, load.in_flight))
            bare.append(await floor_rate(client, load.orders, load.in_flight, runner=UnsandboxedWorkflowRunner()))
    async with open_bench(client, url, needs_hand=False, pause=load.pace) as town:
        alone = await count_lone(town, 2)
    return found | {
        "events_waiting_for_delivery_no_hand": alone["events_waiting_for_delivery"],
        "floor_workflows_per_second": statistics.median(floors),
        "ship_path_orders_per_second": statistics.median(ships),
        "ship_path_over_floor": _ratio(ships, floors),
        "ship_path_over_unsandboxed_floor": _ratio(ships, bare),
    }


def _ratio(ships: list[float], floors: list[float]) -> float:
    return statistics.median(ship / floor for ship, floor in zip(ships, floors, strict=True))
