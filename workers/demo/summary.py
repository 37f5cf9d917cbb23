"""The final table of a demo: the report in words, for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from domain.values import Model
from workers.demo.report import DemoReport


def print_report(console: Console, report: DemoReport, not_ours: int) -> None:
    """Print counts, testimony and performance, and every violation.

    Args:
        console: where to.
        report: what was found.
        not_ours: test orders and orders that others fulfill, which are recorded and not counted.
    """
    table = Table("", "count", title="what became of the orders")
    for heading, counts in (
        ("orders, by Crossdock's record", report.orders),
        ("the witness: what was done to the world", report.witness),
        ("performance", report.performance),
    ):
        table.add_row(heading, "", style="bold")
        _add_counts(table, counts)
        if counts is report.orders:
            table.add_row("  not ours to fulfill (not counted)", str(not_ours), style="dim")
        table.add_section()
    console.print(table)
    for violation in report.violations:
        console.print(f"violation: {violation}", style="red", markup=False)
    if not report.violations:
        console.print("no violations", style="green")


def _add_counts(table: Table, counts: Model) -> None:
    for name, value in counts.model_dump().items():
        table.add_row(f"  {name.replace('_', ' ')}", "not measured" if value is None else str(value))
