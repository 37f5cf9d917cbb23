"""`crossdock channels`: the accounts we sell on."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode
from workers.cli.options import NO_REASON, Account, Actor, AsJson, Reason, Request, read_moment

app = typer.Typer(no_args_is_help=True)

Since = Annotated[
    str, typer.Option("--since", metavar="MOMENT", help="Pull from here instead of the watermark (ISO 8601, UTC).")
]


@command.add(app, "list", "crossdock channels list")
async def list_channels(as_json: AsJson = False) -> None:
    """List the channels, up to when each was pulled, and how many orders are open."""
    from infra.database.reports.ledgers import list_channels as read_channels
    from workers.cli.parts import opened_reading

    async with opened_reading() as connection:
        rows = await read_channels(connection)
    headings = ("Channel", "Adapter", "Mode", "Paused", "Pulled up to", "Orders", "Open", "In quarantine", "Out since")
    cells = (
        (row.account, row.adapter, row.mode, row.paused, row.watermark, row.orders, row.open_orders, row.quarantined,
         row.out_since)
        for row in rows
    )  # fmt: skip
    output.show_rows("channels", rows, headings, cells, as_json=as_json)


@command.add(app, "pull", "crossdock channels pull sandbox-eu --since 2026-01-31")
async def pull(account: Account, *, since: Since = "", request: Request, as_json: AsJson = False) -> None:
    """Pull orders now, beside the schedule, and say what came; safe at any time."""
    from workers.cli.channel_pull import not_reached, pull_now

    moment = read_moment(since, "--since").isoformat() if since else ""
    result = await pull_now(account, moment, request)
    why = not_reached(account, result, "asked")
    came = f"{account}: {result.seen} orders seen, {result.fresh} of them news"
    output.tell(why or came, as_json=as_json, account=account, **result.model_dump())
    if why:
        raise typer.Exit(ExitCode.FAILED)


@command.add(app, "pause", "crossdock channels pause sandbox-eu --reason 'new token on Monday'")
async def pause(account: Account, *, actor: Actor, reason: Reason = NO_REASON, as_json: AsJson = False) -> None:
    """Stop pulling orders of a channel; orders that are here go on."""
    await _pause(account, actor, reason, paused=True, as_json=as_json)


@command.add(app, "resume", "crossdock channels resume sandbox-eu")
async def resume(account: Account, *, actor: Actor, reason: Reason = NO_REASON, as_json: AsJson = False) -> None:
    """Pull orders of a channel again, from where it was stopped."""
    await _pause(account, actor, reason, paused=False, as_json=as_json)


async def _pause(account: str, actor: str, reason: str, *, paused: bool, as_json: bool) -> None:
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        await tx.catalog.pause_channel(account, paused=paused)
        verb = "pause" if paused else "resume"
        await tx.audit.note(f"channel:{account}", verb, actor, reason, house.context.now())
    output.tell(
        f"{account} is {'paused' if paused else 'pulled again'}", as_json=as_json, account=account, paused=paused
    )
