"""`crossdock orders`: the list, one order whole, and its history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import Problem, misused
from workers.cli.options import NO_REASON, Actor, AsJson, Limit, OrderName, Personal, Reason, read_choice

app = typer.Typer(no_args_is_help=True)

State = Annotated[str | None, typer.Option("--state", help="Only in this state: open, delivered, collected, ….")]
Account = Annotated[str | None, typer.Option("--channel", help="Only of this channel account.")]
AtRisk = Annotated[
    bool, typer.Option("--at-risk", help="What may be late: which promise, by how much, and what is done about it.")
]
Waiting = Annotated[bool, typer.Option("--waiting", help="Only those that wait, longest first.")]
Into = Annotated[Path, typer.Option("--out", metavar="FILE", help="The PDF to write.")]
Font = Annotated[
    Path | None, typer.Option("--font", metavar="FILE", help="A TrueType font; for letters beyond western Europe's.")
]
WithTemporal = Annotated[bool, typer.Option("--temporal", help="Merge in what Temporal's history of the order tells.")]


@command.add(app, "list", "crossdock orders list --waiting --channel sandbox-eu")
async def list_orders(
    state: State = None,
    channel: Account = None,
    waiting: Waiting = False,
    at_risk: AtRisk = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List orders, newest first, with what they wait for.

    With --at-risk: promises that may be missed, longest at risk first, and the command that helps next.
    """
    from domain.order import OrderState
    from infra.database.reports.orders import OrderFilter
    from infra.database.reports.orders import list_orders as read_orders
    from workers.cli.parts import opened_reading
    from workers.wiring import utc_now

    if at_risk:
        await _list_at_risk(state, channel, limit, as_json=as_json, waiting=waiting)
        return
    wanted = OrderFilter(
        state=read_choice(OrderState, state, "--state") if state else None,
        account=channel,
        waiting=waiting,
        limit=limit,
    )
    async with opened_reading() as connection:
        rows = await read_orders(connection, wanted)
    cells = (
        (
            row.order_id, row.number, row.state, output.money(row.total, row.currency), row.placed_at, row.waits_for,
            output.age(row.waits_since, utc_now()) if row.waits_since else "",
        )
        for row in rows
    )  # fmt: skip
    headings = ("Order", "Number", "State", "Total", "Placed", "Waits for", "Since")
    output.show_rows("orders", rows, headings, cells, as_json=as_json)


async def _list_at_risk(state: str | None, channel: str | None, limit: int, *, as_json: bool, waiting: bool) -> None:
    from infra.database.reports.at_risk import list_at_risk
    from infra.database.reports.reading import reading
    from workers.cli import promise
    from workers.cli.parts import opened_house

    if state or waiting:
        raise misused("--at-risk excludes --state and --waiting: what is at risk is open")
    async with opened_house() as house:
        now, policy = house.context.now(), house.context.policy
        async with house.context.record.begin() as tx:
            places = {place.code: place for place in await tx.catalog.locations()}
        async with reading(house.engine) as connection:
            rows = await list_at_risk(
                connection,
                now,
                limit,
                lambda risk: (
                    promise.tell_risk(risk, places, policy, now)
                    if channel in {None, risk.order_id.partition("/")[0]}
                    else None
                ),
            )
    if as_json:
        output.show_json(at_risk=rows)
    else:
        promise.show_risks(rows, now)


@command.add(app, "show", "crossdock orders show sandbox-eu/1001")
async def show(
    order: OrderName,
    *,
    personal: Personal = False,
    actor: Actor,
    reason: Reason = NO_REASON,
    as_json: AsJson = False,
) -> None:
    """Show one order whole, and in plain words what it waits for, since when, who can clear it and how."""
    from infra.database.reports.order_page import read_order_page
    from infra.database.reports.reading import reading
    from workers.cli import order_page, promise
    from workers.cli.parts import find_order, opened_house
    from workers.wiring import utc_now

    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, order)
            page = await read_order_page(connection, order_id)
        if page is None:
            raise Problem(f"there is no order {order_id}", code="no-order")
        person = await order_page.reveal(house.context, order_id, actor, reason) if personal else None
        async with house.context.record.begin() as tx:
            places = {place.code: place for place in await tx.catalog.locations()}
    promises = promise.read_promises(page, places, house.context.policy, utc_now())
    if as_json:
        output.show_json(**order_page.to_document(page, person), promises=promises)
    else:
        order_page.show(page, person, utc_now())
        promise.show_promises(promises)


@command.add(app, "history", "crossdock orders history sandbox-eu/1001 --temporal")
async def history(order: OrderName, temporal: WithTemporal = False, as_json: AsJson = False) -> None:
    """Tell the life of an order, oldest first: stages, outside effects, scans, returns, refunds, operators' verbs."""
    from infra.database.reports.history import read_history
    from infra.database.reports.reading import reading
    from workers.cli.parts import connect_temporal, find_order, opened_house
    from workers.cli.temporal_history import summarise

    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, order)
            rows = await read_history(connection, order_id)
        if temporal:
            client = await connect_temporal(house.settings)
            rows = sorted([*rows, *await summarise(client, order_id)], key=lambda row: row.at)
    cells = ((row.at, row.kind, row.subject, row.happened, row.detail) for row in rows)
    headings = ("When", "What", "Subject", "Happened", "Detail")
    output.show_rows("history", rows, headings, cells, as_json=as_json)


@command.add(app, "slip", "crossdock orders slip sandbox-eu/1001 --out slip.pdf")
async def slip(
    order: OrderName,
    *,
    out: Into = Path("slip.pdf"),
    font: Font = None,
    actor: Actor,
    reason: Reason = "slips",
    as_json: AsJson = False,
) -> None:
    """Write packing and pickup slips as a PDF, one for each fulfillment order; whose name is read goes to the audit."""
    from infra.database.reports.reading import reading
    from infra.slips import draw_slips
    from workers.cli import slips
    from workers.cli.parts import find_order, opened_house

    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, order)
        drawn = await slips.read_slips(house.context, order_id, actor, reason)
    slips.keep(out, draw_slips(drawn, font))
    codes = [one.code for one in drawn]
    output.tell(f"{out}: {', '.join(codes)}", as_json=as_json, file=str(out), slips=codes)
