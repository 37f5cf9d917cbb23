"""All commands under one name. Their modules load what a command needs when it runs, so that help is fast."""

from __future__ import annotations

import typer

from workers.cli import (
    adapters,
    catalog,
    channels,
    collection,
    connections,
    demo,
    dev,
    gateway,
    imports,
    inbox,
    listings,
    locations,
    migrate,
    orders,
    outages,
    policies,
    returns,
    route,
    stock,
    stuck,
    takeovers,
    verbs,
    worker,
)
from workers.cli.command import EXIT_CODES

app = typer.Typer(
    name="crossdock",
    help="Crossdock carries every order of every channel to its end. Begin with: crossdock dev",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for single in (dev, demo, worker, gateway, migrate, stuck, verbs):
    app.add_typer(single.app)
app.add_typer(orders.app, name="orders", help="List orders, look at one, read its history.")
app.add_typer(returns.app, name="returns", help="Open returns, and receive what comes back.")
app.add_typer(stock.app, name="stock", help="Look at stock, count it, receive goods.")
for further in (connections, takeovers):
    channels.app.add_typer(further.app)
app.add_typer(
    channels.app, name="channels", help="Connect channels, rehearse and take them over, pull, pause, reconcile."
)
app.add_typer(adapters.app, name="adapters", help="List adapters, hold one to its promises, begin a new one.")
app.add_typer(collection.app, name="collections", help="Order drivers, and see which ones come.")
app.add_typer(outages.app, name="outages", help="See who does not answer; ask again at once.")
app.add_typer(catalog.skus, name="skus", help="List what is sold, declare kits, retire what is not sold any more.")
app.add_typer(listings.app, name="listings", help="Say which SKU a line means; see what nobody could match.")
app.add_typer(imports.app, name="import", help="Import SKUs, listings, locations and stock from files.")
app.add_typer(locations.app, name="locations", help="List locations, close and reopen them, change what they are like.")
app.add_typer(policies.app, name="policies", help="Load and look at the policies by which orders find their places.")
app.add_typer(route.app, name="route", help="Explain why an order went where it went, and try other policies.")
app.add_typer(inbox.app, name="inbox", help="Look at messages that came in, and take quarantined ones in again.")
