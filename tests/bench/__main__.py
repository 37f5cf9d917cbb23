"""`make bench`: what the engine costs, as ratios within one run and as counts that do not wobble."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from infra.database.migrate import migrate
from infra.settings import Settings
from infra.stack import Stack
from infra.temporal import connect, ensure_namespace_ready
from tests.bench.measure import count_lone, floor_rate, ship_rate
from tests.bench.town import open_bench

_FIGURES: dict[str, tuple[str, str]] = {
    "ship_path_over_floor": ("ratio", ">= 0.7"),
    "ship_path_orders_per_second": ("orders/s", ""),
    "floor_workflows_per_second": ("workflows/s", ""),
    "events_waiting_for_delivery": ("events", "<= 48"),
    "events_waiting_for_delivery_no_hand": ("events", "<= 36"),
    "events_closed": ("events", "<= 68"),
    "workflow_tasks_closed": ("tasks", "<= 12"),
    "sql_statements_per_order": ("statements", "<= 50"),
}


async def run(client: Client, url: str, given: argparse.Namespace) -> dict[str, float]:
    """Take all measurements; the floor and the ship path in turn, so that both meet the machine's moods."""
    found: dict[str, float] = {}
    async with open_bench(client, url, needs_hand=True, pause=given.pace) as town:
        found |= await count_lone(town, 1, explain=given.explain)
        town.instant.hurry()
        floors: list[float] = []
        ships: list[float] = []
        await floor_rate(client, given.orders // 4, given.in_flight)
        await ship_rate(town, 100, given.orders // 4, given.in_flight)
        for round_ in range(given.rounds):
            floors.append(await floor_rate(client, given.orders, given.in_flight))
            ships.append(await ship_rate(town, 1000 * (round_ + 1), given.orders, given.in_flight))
    found["floor_workflows_per_second"] = statistics.median(floors)
    found["ship_path_orders_per_second"] = statistics.median(ships)
    found["ship_path_over_floor"] = statistics.median(ship / floor for ship, floor in zip(ships, floors, strict=True))
    return found


def main() -> None:
    """Run the bench on a stack of its own."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--orders", type=int, default=120, help="orders of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--pace", type=float, default=0.7, help="seconds between reports of the lone order")
    parser.add_argument("--explain", action="store_true", help="print the lone order's statements")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), postgres_port=0, temporal_port=0, ui_port=0)
        with Stack(settings, headless=True) as stack:
            migrate(stack.addresses.database_url)
            found = uvloop.run(_measure(stack, given))
    _show(found)
    if given.json:
        given.json.write_text(json.dumps(_as_json(found), indent=1))


async def _measure(stack: Stack, given: argparse.Namespace) -> dict[str, float]:
    client = await connect(stack.settings, address=stack.addresses.temporal)
    await ensure_namespace_ready(client)
    found = await run(client, stack.addresses.database_url, given)
    async with open_bench(client, stack.addresses.database_url, needs_hand=False, pause=given.pace) as town:
        alone = await count_lone(town, 2)
    found["events_waiting_for_delivery_no_hand"] = alone["events_waiting_for_delivery"]
    return found


def _as_json(found: dict[str, float]) -> dict[str, dict[str, object]]:
    return {
        name: {"value": round(found[name], 3), "unit": unit, "wanted": wanted}
        for name, (unit, wanted) in _FIGURES.items()
        if name in found
    }


def _show(found: dict[str, float]) -> None:
    table = Table(title="Crossdock bench", caption="ratios and counts of one run; rates are of this machine, now")
    for column in ("figure", "value", "unit", "wanted"):
        table.add_column(column)
    for name, (unit, wanted) in _FIGURES.items():
        if name in found:
            table.add_row(name, f"{found[name]:.2f}", unit, wanted)
    Console().print(table)


if __name__ == "__main__":
    main()
