"""`crossdock inbox`: messages as they came in."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode, Problem
from workers.cli.options import NO_REASON, Actor, AsJson, Limit, Personal, Reason, read_choice

app = typer.Typer(no_args_is_help=True)

State = Annotated[str, typer.Option("--state", help="quarantined, new, done or all.")]
Message = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="The number of the message.")]


@command.add(app, "list", "crossdock inbox list")
async def list_messages(state: State = "quarantined", limit: Limit = 50, as_json: AsJson = False) -> None:
    """List messages, oldest first; by default those in quarantine, with the reason."""
    from domain.ports.stores.inbox import InboxState
    from infra.database.reports.inbox import list_inbox
    from infra.database.reports.reading import reading
    from workers.cli.parts import open_cipher, opened_house

    wanted = None if state == "all" else read_choice(InboxState, state, "--state")
    async with opened_house() as house, reading(house.engine) as connection:
        rows = await list_inbox(connection, open_cipher(house.settings), wanted, limit)
    headings = ("Message", "State", "From", "By", "About", "Came", "Why")
    cells = (
        (row.inbox_id, row.state, row.party, row.source, row.subject, row.stored_at, row.reason or row.code)
        for row in rows
    )
    output.show_rows("messages", rows, headings, cells, as_json=as_json)


@command.add(app, "show", "crossdock inbox show 12 --personal --reason 'buyer asked'")
async def show(
    message: Message,
    *,
    personal: Personal = False,
    actor: Actor,
    reason: Reason = NO_REASON,
    as_json: AsJson = False,
) -> None:
    """Show one message; its body only with --personal, since buyers stand in it."""
    from infra.database.reports.inbox import find_message
    from infra.database.reports.reading import reading
    from workers.cli.parts import open_cipher, opened_house

    async with opened_house() as house:
        async with reading(house.engine) as connection:
            row = await find_message(connection, open_cipher(house.settings), message)
        if row is None:
            raise Problem(
                f"there is no message {message}", code="no-message", remedy="crossdock inbox list --state all"
            )
        body: str | None = None
        if personal:
            async with house.context.record.begin() as tx:
                body = (await tx.inbox.load(message)).body.decode(errors="replace")
                subject = row.order_id or f"inbox:{message}"
                await tx.audit.note(subject, "read_message", actor, reason, house.context.now())
    if as_json:
        output.show_json(**row.model_dump(mode="json"), **({} if body is None else {"body": body}))
        return
    output.show_facts((name.replace("_", " ").capitalize(), value) for name, value in row)
    if body is not None:
        output.say(body)


@command.add(app, "replay", "crossdock inbox replay 12")
async def replay(message: Message, *, actor: Actor, reason: Reason = NO_REASON, as_json: AsJson = False) -> None:
    """Take a message in quarantine in once more, after its cause was fixed."""
    from infra.database.reports.inbox import find_message
    from infra.database.reports.reading import reading
    from workers.cli.message_replay import replay_message
    from workers.cli.parts import open_cipher, opened_house

    async with opened_house() as house:
        state = await replay_message(house.context, message, actor, reason)
        async with reading(house.engine) as connection:
            row = await find_message(connection, open_cipher(house.settings), message)
    why = row.reason or row.code if row else ""
    if as_json:
        output.show_json(inbox_id=message, state=state, reason=why)
    else:
        output.say(f"message {message} is {state.value}{f': {why}' if why else ''}")
    if state == "QUARANTINED":
        raise typer.Exit(ExitCode.FAILED)
