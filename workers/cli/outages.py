"""`crossdock outages`: parties that do not answer."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import Problem
from workers.cli.options import NO_REASON, Actor, AsJson, Reason

app = typer.Typer(no_args_is_help=True)

Party = Annotated[str, typer.Argument(metavar="PARTY", help="An account, carrier, location system or notifier.")]


@command.add(app, "list", "crossdock outages list")
async def list_outages(as_json: AsJson = False) -> None:
    """List parties that do not answer: since when, how often they were probed, how many orders wait."""
    from infra.database.reports.outages import list_outages as read_outages
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await read_outages(connection)
    headings = ("Party", "Out since", "Failed last", "Failures", "Probes", "Next probe", "Orders waiting")
    cells = (
        (row.party, row.opened_at, row.failed_at, row.failures, row.probes, row.probe_at, row.waiting) for row in rows
    )
    output.show_rows("outages", rows, headings, cells, as_json=as_json)


@command.add(app, "end", "crossdock outages end shop-eu --reason 'they mended it'")
async def end(party: Party, *, actor: Actor, reason: Reason = NO_REASON, as_json: AsJson = False) -> None:
    """End an outage at once: whoever waits for the party goes on, by ship-by date; while it is out it is soon again."""
    from activities.outage import end_outage
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        if not await end_outage(tx, party, house.context):
            raise Problem(f"{party} is not out", code="no-outage", remedy="crossdock outages list")
        await tx.audit.note(f"party:{party}", "end outage", actor, reason, house.context.now())
    output.tell(f"{party} is asked again; whoever waited for it goes on", as_json=as_json, party=party, out=False)
