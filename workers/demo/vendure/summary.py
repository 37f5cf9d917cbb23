"""The table of the real shop: each order as Crossdock has it, and as the shop shows it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from domain.values import Money
from workers.demo.vendure.check import ShopCheck


def print_check(console: Console, check: ShopCheck) -> None:
    """Print what was checked in the shop."""
    orders = Table(
        "order", "story", "in Crossdock", "in Vendure", "tracking", "given back", "", title="seen in Vendure"
    )
    for row in check.orders:
        refunded = str(Money(amount=row.refunded, currency=row.currency)) if row.refunded else ""
        agrees = "differs" if row.differences else "agrees"
        orders.add_row(row.code, row.story, row.ours, row.theirs, " ".join(row.tracking), refunded, agrees)
    console.print(orders)
    stock = Table("SKU in Vendure", "may be sold", "in Vendure", title="stock that Crossdock published")
    for level in check.stock:
        stock.add_row(level.sku, str(level.ours), str(level.theirs))
    console.print(stock)
