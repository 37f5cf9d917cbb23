"""`crossdock collections`: drivers whom carriers send to locations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode, checking_input, misused
from workers.cli.options import NO_REASON, Actor, AsJson, Limit, Place, Reason, Request, read_moment

if TYPE_CHECKING:
    from datetime import datetime

    from domain.collection import Collection

app = typer.Typer(no_args_is_help=True)

Carrier = Annotated[str, typer.Option("--carrier", help="Whose driver; without it the carrier that collects there.")]
From = Annotated[str, typer.Option("--from", metavar="MOMENT", help="From when on the parcels stand there (ISO 8601).")]
Until = Annotated[str, typer.Option("--until", metavar="MOMENT", help="Until when somebody is there (ISO 8601).")]
AtPlace = Annotated[str, typer.Option("--location", help="Only of this location.")]
Number = Annotated[str, typer.Argument(metavar="COLLECTION", help="Its id, such as STORE-1/swift/2026-03-02/1.")]
Happened = Annotated[
    bool | None, typer.Option("--happened/--not-happened", help="Whether the carrier has the order; look there first.")
]
RemoteId = Annotated[str, typer.Option("--remote-id", help="The carrier's own id of the collection, with --happened.")]


@command.add(app, "order", "crossdock collections order STORE-1 --carrier sandbox-swift")
async def order(
    location: Place,
    *,
    carrier: Carrier = "",
    begins: From = "",
    ends: Until = "",
    actor: Actor,
    reason: Reason = NO_REASON,
    as_json: AsJson = False,
) -> None:
    """Order a driver for all labelled parcels that wait at a location and have none yet; repeating it is safe.

    Without --from and --until they come between the location's cut-off and its closing time, today if it still can be.
    """
    from domain.messages import Verb
    from workers.cli.driver import order_driver

    with checking_input():
        verb = Verb(actor=actor, reason=reason)
    collections, is_new = await order_driver(location, carrier, _window(begins, ends), verb)
    if as_json:
        output.show_json(ordered_now=is_new, collections=collections)
    else:
        if not is_new:
            output.say("nothing waits there that has no driver yet:")
        for one in collections:
            output.say(_words(one))
    if any(one.state == "REFUSED" for one in collections):
        raise typer.Exit(ExitCode.FAILED)


@command.add(app, "list", "crossdock collections list --location STORE-1")
async def list_collections(location: AtPlace = "", limit: Limit = 50, as_json: AsJson = False) -> None:
    """List drivers, the newest first: when they come, for how many parcels, and what the carrier said."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        rows = await tx.collections.newest(location, limit)
    headings = ("Collection", "State", "From", "Until", "Parcels", "The carrier's id", "Why")
    cells = (
        (row.collection_id, row.state, row.ready_at, row.closes_at, len(row.parcels), row.remote_id, row.code)
        for row in rows
    )
    output.show_rows("collections", rows, headings, cells, as_json=as_json)


@command.add(app, "retry", "crossdock collections retry STORE-1/swift/2026-03-02/1 --happened --remote-id PU-7")
async def retry(
    collection: Number,
    *,
    happened: Happened = None,
    remote_id: RemoteId = "",
    actor: Actor,
    reason: Reason = NO_REASON,
    request: Request,
    as_json: AsJson = False,
) -> None:
    """Order a driver again who could not be ordered yet, or settle whether one was: nobody else can tell."""
    from domain.messages import RETRY, Retry, collection_workflow_id
    from workers.cli.parts import connect_temporal, opened_house
    from workers.cli.updates import send_verb

    if remote_id and not happened:
        raise misused("--remote-id belongs to --happened")
    with checking_input():
        verb = Retry(actor=actor, reason=reason, happened=happened, remote_id=remote_id)
    async with opened_house() as house:
        async with house.context.record.begin() as tx:
            await tx.collections.load(collection)
        client = await connect_temporal(house.settings)
        answer = await send_verb(client, collection_workflow_id(collection), RETRY, verb, request)
    if as_json:
        output.show_json(collection_id=collection, **answer.model_dump())
    else:
        output.say(answer.words)
    if not answer.done:
        raise typer.Exit(ExitCode.FAILED)


def _window(begins: str, ends: str) -> tuple[datetime, datetime] | None:
    if bool(begins) is not bool(ends):
        raise misused("--from and --until belong together")
    return (read_moment(begins, "--from"), read_moment(ends, "--until")) if begins else None


def _words(one: Collection) -> str:
    match one.state.value:
        case "ORDERED":
            when = f"between {output.plain(one.ready_at)} and {output.plain(one.closes_at)}"
            known = f", known to {one.carrier} as {one.remote_id}" if one.remote_id else ""
            return f"{one.collection_id}: a driver comes {when} for {len(one.parcels)} parcels{known}"
        case "REFUSED":
            return f"{one.collection_id}: {one.carrier} said no ({one.code}); mend that and order again"
        case _:
            why = f" ({one.code})" if one.code else ""
            return (
                f"{one.collection_id}: not answered yet{why}; it is asked again by itself: crossdock collections list"
            )
