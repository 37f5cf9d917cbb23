"""The figures of the bench: their names, units and what is wanted of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

WANTED: dict[str, tuple[str, str]] = {
    "ship_path_over_floor": ("ratio", ">= 0.7"),
    "ship_path_over_unsandboxed_floor": ("ratio", ""),
    "ship_path_orders_per_second": ("orders/s", ""),
    "floor_workflows_per_second": ("workflows/s", ""),
    "events_waiting_for_delivery": ("events", "<= 48"),
    "events_waiting_for_delivery_no_hand": ("events", "<= 36"),
    "events_closed": ("events", "<= 68"),
    "workflow_tasks_closed": ("tasks", "<= 12"),
    "sql_statements_per_order": ("statements", "<= 50"),
    "match_ms_per_line_1m_p99": ("ms", ""),
    "reserve_hot_over_bare_update": ("ratio", ">= 0.5"),
    "reserve_spread_over_bare_update": ("ratio", ">= 0.5"),
    "plan_ms_10_lines_1000_locations_p99": ("ms", "< 20"),
    "cause_to_move_s_10k_p99": ("s", "< 2"),
    "hot_cause_first_move_s": ("s", "< 2"),
    "hot_cause_drain_over_ordinary": ("ratio", ">= 0.8"),
    "hot_cause_new_order_slowdown": ("ratio", "<= 2"),
    "fifty_units_woke_orders": ("orders", "<= 50"),
    "late_orders_over_fifo": ("ratio", "<= 0.5"),
}
_UNITS = (("_per_second", "1/s"), ("_percent", "%"), ("_mb", "MB"), ("_ms_", "ms"), ("_s", "s"))


def terms_of(name: str) -> tuple[str, str]:
    """Return the unit of a figure and what is wanted of it; nothing is wanted of those that show how others grow."""
    if name in WANTED:
        return WANTED[name]
    unit = next((unit for mark, unit in _UNITS if name.endswith(mark) or (mark.endswith("_") and mark in name)), "")
    return unit, ""


def show(found: Mapping[str, float]) -> None:
    """Print all figures, those of which something is wanted first."""
    table = Table(title="Crossdock bench", caption="ratios and counts of one run; rates are of this machine, now")
    for column in ("figure", "value", "unit", "wanted"):
        table.add_column(column)
    for name in sorted(found, key=lambda name: (list(WANTED).index(name) if name in WANTED else len(WANTED), name)):
        unit, wanted = terms_of(name)
        table.add_row(name, f"{found[name]:.3g}" if abs(found[name]) < 1 else f"{found[name]:.2f}", unit, wanted)
    Console().print(table)


def write(found: Mapping[str, float], file: Path) -> None:
    """Write ``{name: {"value", "unit", "wanted"}}``."""
    rows = {
        name: {"value": round(value, 4), "unit": terms_of(name)[0], "wanted": terms_of(name)[1]}
        for name, value in found.items()
    }
    file.write_text(json.dumps(rows, indent=1))
