"""`crossdock channels add|test|rotate`: what a channel is reached with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode
from workers.cli.options import NO_REASON, Account, Actor, AsJson, Reason

if TYPE_CHECKING:
    from workers.connecting import Connection

app = typer.Typer(no_args_is_help=True)

STDIN = "-"

SettingsFile = Annotated[
    Path,
    typer.Option("--settings", metavar="FILE", help="The adapter's settings, in .yaml, .toml or .json; - reads them."),
]
Adapter = Annotated[str, typer.Option("--adapter", help="The marketplace's adapter: crossdock adapters list.")]
AllowPrivate = Annotated[bool, typer.Option("--allow-private", help="It may be on a private address, and without TLS.")]


@command.add(app, "add", "crossdock channels add shop-eu --adapter shopify --settings shop-eu.toml")
async def add(
    account: Account,
    *,
    adapter: Adapter,
    settings: SettingsFile,
    allow_private: AllowPrivate = False,
    actor: Actor,
    reason: Reason = NO_REASON,
    as_json: AsJson = False,
) -> None:
    """Try a channel and keep it: its orders are recorded and rehearsed; until it goes live nothing else is done."""
    from workers.cli.parts import opened_house
    from workers.connecting import connect
    from workers.parties import PartyEntry

    entry = PartyEntry(adapter=adapter, settings=_read(settings), allow_private=allow_private)
    async with opened_house() as house:
        connection = await connect(house, account, entry, actor=actor, reason=reason)
    _show(account, connection, as_json=as_json)
    if not as_json:
        output.say(f"{account} is watched; next: crossdock channels rehearse {account}")


@command.add(app, "test", "crossdock channels test shop-eu")
async def try_kept(account: Account, *, as_json: AsJson = False) -> None:
    """Say whether the channel answers, whose account it is, and which permission lacks; changes nothing there."""
    from workers.cli.parts import opened_house
    from workers.connecting import try_kept as try_channel

    async with opened_house() as house:
        connection = await try_channel(house, account)
    _show(account, connection, as_json=as_json)


@command.add(app, "rotate", "crossdock channels rotate shop-eu --settings new.toml --reason 'yearly'")
async def rotate(
    account: Account,
    *,
    settings: SettingsFile,
    allow_private: AllowPrivate = False,
    actor: Actor,
    reason: Reason = NO_REASON,
    as_json: AsJson = False,
) -> None:
    """Try new settings of a channel and use them from now on; nothing has to be started again."""
    from workers.cli.parts import opened_house
    from workers.connecting import rotate as rotate_settings

    told = _read(settings)
    async with opened_house() as house:
        connection = await rotate_settings(
            house, account, told, allow_private=allow_private, actor=actor, reason=reason
        )
    _show(account, connection, as_json=as_json)


def _read(settings: Path) -> dict[str, Any]:
    from workers.documents import read_document, read_file

    if str(settings) == STDIN:
        return read_document(sys.stdin.read(), "bad-settings", "what was given")
    return read_file(settings, "bad-settings")


def _show(account: str, connection: Connection, *, as_json: bool) -> None:
    """Show what works and what does not; what does not ends the command with 1."""
    if as_json:
        output.show_json(account=account, works=connection.works, **connection.model_dump())
    else:
        rows = ((check.what, "yes" if check.works else "no", check.words) for check in connection.checks)
        output.show_table(("Needed", "Works", "Otherwise"), rows, title=connection.remote_account or account)
    if not connection.works:
        raise typer.Exit(ExitCode.FAILED)
