"""`crossdock migrate`: the database brought to the newest schema."""

from __future__ import annotations

import typer

from workers.cli import command, output
from workers.cli.options import AsJson

app = typer.Typer()


@command.add(app, "migrate", "CROSSDOCK_DATABASE_URL=postgresql://… crossdock migrate")
async def migrate(as_json: AsJson = False) -> None:
    """Bring the database to the newest schema; safe to repeat, and to run twice at once."""
    from infra.database.migrate import migrate as bring_up
    from workers.cli.parts import find_settings
    from workers.wiring import database_url

    bring_up(database_url(find_settings()))
    if as_json:
        output.show_json(migrated=True)
    else:
        output.say("the database has the newest schema")
