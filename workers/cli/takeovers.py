"""`crossdock channels rehearse|go-live|reconcile`: from watching a channel to carrying it, and comparing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.channels import Since
from workers.cli.errors import ExitCode, misused
from workers.cli.options import NO_REASON, Account, Actor, AsJson, Reason, Request, read_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.takeover import Rehearsal

app = typer.Typer(no_args_is_help=True)

SHOWN = 50

From = Annotated[
    str, typer.Option("--from", metavar="MOMENT", help="Orders placed before it stay with whoever has them (ISO 8601).")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it only the report is shown.")]


@command.add(app, "rehearse", "crossdock channels rehearse shop-eu --from 2026-11-01")
async def rehearse(account: Account, *, live_from: From = "", as_json: AsJson = False) -> None:
    """Say what would become of each watched order if the channel went live now; nothing is kept, reserved or sent."""
    rows = await _rehearse(account, live_from)
    _show(account, rows, as_json=as_json)


@command.add(app, "go-live", "crossdock channels go-live shop-eu --from 2026-11-01 --yes")
async def go_live(
    account: Account,
    *,
    live_from: From,
    yes: Yes = False,
    actor: Actor,
    reason: Reason = NO_REASON,
    as_json: AsJson = False,
) -> None:
    """Report, and with --yes take the channel over: what was done before is entered, what is left is carried.

    Broken off, it is done again with the same moment, and goes on; a reconciliation goes on with it as well.
    """
    from activities.takeover import take_over
    from workers.cli.parts import opened_house

    if not yes:
        _show(account, await _rehearse(account, live_from), as_json=as_json)
        if not as_json:
            output.say("nothing was changed: say --yes to go live")
        return
    moment = read_moment(live_from, "--from")
    taken: Counter[str] = Counter()
    async with opened_house() as house:
        async with house.context.record.begin() as tx:
            await tx.takeover.go_live(account, moment)
            await tx.audit.note(f"channel:{account}", f"go live from {moment.isoformat()}", actor, reason,
                                house.context.now())  # fmt: skip
        async for _, verdict in take_over(house.context, account):
            taken[verdict.value] += 1
    if as_json:
        output.show_json(account=account, live_from=moment, orders=dict(taken))
    else:
        output.show_table(
            ("Orders were", "Count"), sorted(taken.items()), empty="no order was waiting to be taken over"
        )
        output.say(f"{account} is live")


@command.add(app, "reconcile", "crossdock channels reconcile shop-eu --since 2026-11-01")
async def reconcile(account: Account, *, since: Since = "", request: Request, as_json: AsJson = False) -> None:
    """Hold the record against the channel now, mend what differs by ordinary steps, and say what that was."""
    from workers.cli.channel_pull import not_reached, reconcile_now

    moment = read_moment(since, "--since").isoformat() if since else ""
    sweep = await reconcile_now(account, moment, request)
    why = not_reached(account, sweep, "compared")
    if as_json:
        output.show_json(account=account, **sweep.model_dump())
    elif why:
        output.say(why)
    else:
        output.show_facts(
            (
                ("Orders seen", sweep.seen),
                ("News among them", sweep.fresh),
                ("Left out of the list", sweep.unlisted),
                ("Not known there any more", ", ".join(sweep.gone) or "none"),
                ("Not shown as agreed", ", ".join(sweep.unread) or "none"),
                ("Shown otherwise", "; ".join(sweep.differs) or "nothing"),
                ("Tracking told again", ", ".join(sweep.retold) or "none"),
            )
        )
    if why:
        raise typer.Exit(ExitCode.FAILED)


async def _rehearse(account: str, live_from: str) -> list[Rehearsal]:
    from activities.takeover import rehearse_channel
    from domain.ports.stores.catalog import Mode
    from workers.cli.parts import opened_house

    moment = read_moment(live_from, "--from") if live_from else None
    async with opened_house() as house:
        async with house.context.record.begin() as tx:
            channel = await tx.catalog.channel(account)
        if channel.mode is Mode.LIVE:
            raise misused(f"{account} is live already", f"crossdock channels reconcile {account}")
        return [row async for row in rehearse_channel(house.context, account, moment)]


def _show(account: str, rows: Sequence[Rehearsal], *, as_json: bool) -> None:
    """Show what each order would come to: in JSON all of them, in a table those that need attention first."""
    counts = Counter(row.verdict.value for row in rows)
    lacks = Counter(cause for row in rows for cause in row.lacks)
    if as_json:
        output.show_json(account=account, orders=dict(counts), lacks=dict(lacks), rehearsals=rows)
        return
    output.show_table(("Orders are", "Count"), sorted(counts.items()), empty=f"{account} has no watched orders")
    if lacks:
        output.show_table(("Lacks", "Orders"), lacks.most_common(SHOWN), title="What would keep orders waiting")
    carried = [row for row in rows if row.left]
    cells = ((row.order_id, row.verdict.value, row.left, ", ".join(row.places) or "-", ", ".join(row.lacks) or "-")
             for row in sorted(carried, key=lambda row: not row.lacks)[:SHOWN])  # fmt: skip
    output.show_table(("Order", "Is", "Units left", "Would go from", "Lacks"), cells, title="What would be carried")
    if len(carried) > SHOWN:
        output.say(f"and {len(carried) - SHOWN} more: --json has all of them")
