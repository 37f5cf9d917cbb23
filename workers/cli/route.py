"""`crossdock route`: why an order went where it went, and what another policy would have made of past orders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import Problem
from workers.cli.options import AsJson, Limit, OrderName

if TYPE_CHECKING:
    from domain.decision import Decision, Simulation
    from domain.fulfillment_plan import FulfillmentPlan, PlanCost, Reason

app = typer.Typer(no_args_is_help=True)

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="The policy to try: a .yaml, .toml or .json file; without it each decision's own."),
]
Last = Annotated[int, typer.Option("--last", min=1, max=100_000, help="How many of the newest decisions.")]


@command.add(app, "explain", "crossdock route explain sandbox-eu/1001")
async def explain(order: OrderName, as_json: AsJson = False) -> None:
    """Explain the plans of an order: what was chosen, and for each location that was not, why and by how much."""
    from infra.database.reports.reading import reading
    from workers.cli.parts import find_order, opened_house

    async with opened_house() as house:
        async with reading(house.engine) as connection:
            order_id = await find_order(connection, order)
        async with house.context.record.begin() as tx:
            decisions = await tx.sourcing.decisions(order_id)
    if not decisions:
        raise Problem(f"nothing was decided about {order_id} yet", code="no-decision", remedy="crossdock orders show")
    if as_json:
        output.show_json(decisions=[_told(decision) for decision in decisions])
        return
    for decision in decisions:
        _show(decision)


@command.add(app, "simulate", "crossdock route simulate --policy new.yaml --last 1000")
async def simulate(policy: PolicyFile = None, last: Last = 1000, limit: Limit = 20, as_json: AsJson = False) -> None:
    """Plan past decisions again under another policy, each on the stock of its moment; nothing is changed."""
    from domain.decision import simulate as plan_again
    from domain.decision import unweighed
    from workers.cli.parts import opened_house
    from workers.cli.policies import read_policy, require_loadable

    tried = read_policy(policy) if policy else None
    grams: dict[str, int] = {}
    async with opened_house() as house, house.context.record.begin() as tx:
        decisions = await tx.sourcing.decisions(limit=last)
        if tried is not None:
            await require_loadable(house, tx, tried)
            grams = await tx.catalog.weight(unweighed(decisions, tried))
    result = plan_again(decisions, tried, grams)
    if as_json:
        output.show_json(**result.model_dump(mode="json"))
    else:
        _show_simulation(result, limit)


def _told(decision: Decision) -> dict[str, object]:
    reasons = [{**reason._asdict(), "words": words} for reason, words in _reasons(decision)]
    plan = decision.plan.model_dump(mode="json")
    head = decision.model_dump(mode="json", include={"order_id", "number", "decided_at", "places_version"})
    prices = decision.snapshot.model_dump(mode="json", include={"quoted", "unquoted"})
    return {**head, "policy_version": decision.snapshot.policy_version, **prices, "plan": plan, "reasons": reasons}


def _show(decision: Decision) -> None:
    plan, cost = decision.plan, decision.plan.cost
    currency = decision.snapshot.policy.currency
    output.say(f"{decision.order_id}, planned {output.plain(decision.decided_at)}")
    output.show_facts(
        [
            ("policy", f"version {decision.snapshot.policy_version}" + (f", rule {plan.rule}" if plan.rule else "")),
            (
                "sends",
                [f"{part.quantity} x {part.sku} (line {part.line_id}) from {part.location}" for part in plan.parts],
            ),
            ("short", [f"line {line.line_id}: {', '.join(line.causes)}" for line in plan.short]),
            ("costs", _cost_words(cost, currency)),
            *((("prices", _price_words(decision)),) if decision.snapshot.policy.quotes.carriers else ()),
            ("proof", _proof_words(plan, currency)),
        ]
    )
    cells = (
        (reason.location, reason.verdict, words, "" if reason.by is None else output.money(reason.by, currency))
        for reason, words in _reasons(decision)
    )
    output.show_table(("Location", "Verdict", "Why", "By"), cells)


def _reasons(decision: Decision) -> list[tuple[Reason, str]]:
    """Return why each location was chosen or not, as it follows from the snapshot, and in words."""
    from domain.routing import explain as reasons_of

    lines = len(decision.snapshot.demands)
    words = {
        "cheapest": "counts least",
        "dearer": "has everything, and counts more",
        "closed": "is closed",
        "full": "has more to send than its days hold",
        "opens-too-late": "does not open within a year",
        "no-stock": "has nothing of it",
        "too-little": "has too little of it",
        "refused": "rejected it before",
        "restricted": "may not handle it",
        "no-rate": "no carrier goes there from it",
        "carrier-not-allowed": "is served by a carrier that the channel does not take",
        "doubted": "just said no, and comes last for a while",
        "may-not-split": "has not all of it, and the channel lets no order be split",
        "not-chosen": "is not where it is to be",
    }
    return [
        (reason, f"has {reason.lines} of {lines} lines" if reason.why == "has-some-lines"
        else words.get(reason.why, reason.why.replace("-", " ")))
        for reason in reasons_of(decision.snapshot, decision.plan)
    ]  # fmt: skip


def _cost_words(cost: PlanCost, currency: str) -> str:
    return (
        f"{output.money(cost.shipping, currency)} shipping, {output.money(cost.handling, currency)} handling, "
        f"{cost.late_days} days late, {cost.places} places; counts {output.money(cost.counted, currency)}"
    )


def _proof_words(plan: FulfillmentPlan, currency: str) -> str:
    if not plan.gap or plan.perhaps_served:
        return plan.proof
    return f"another may count up to {output.money(plan.gap, currency)} less; effort ended after {plan.nodes} plans"


def _price_words(decision: Decision) -> list[str]:
    """Return which roads have a price that their carrier quoted, and for which the rate tables stand, and why."""
    snapshot = decision.snapshot
    words = [
        f"{table.carrier} from {', '.join(zone.origins)} quoted "
        + ", ".join(
            f"{output.money(bracket.amount, snapshot.policy.currency)} up to {bracket.up_to_grams} g"
            for bracket in zone.brackets
        )
        for table in snapshot.quoted
        for zone in table.zones
    ]
    words += [f"{road.carrier} from {road.origin} by the tables: no quote ({road.why})" for road in snapshot.unquoted]
    return [*words, "all others by the tables"]


def _show_simulation(result: Simulation, limit: int) -> None:
    output.say(f"{result.decisions} decisions planned again, {result.reproduced} exactly as they were")
    cells = [
        (name.replace("_", " "), getattr(result.before, name), getattr(result.after, name),
         getattr(result.after, name) - getattr(result.before, name))
        for name in type(result.before).model_fields
    ]  # fmt: skip
    cells += [("splits", *result.splits, result.splits[1] - result.splits[0])]
    cells += [("lines left short", *result.short, result.short[1] - result.short[0])]
    output.show_table(("In all (minor units)", "Before", "After", "Change"), cells)
    loads = ((code, before, after, after - before) for code, (before, after) in result.load.items())
    output.show_table(("Location", "Before", "After", "Change"), loads)
    others = (
        (other.order_id, other.places_before, other.places_after, other.costs_more, other.days_later, other.short_after)
        for other in result.others[:limit]
    )
    headings = ("Order", "Went from", "Would go from", "Costs more", "Days later", "Lines short")
    output.show_table(headings, others, empty="no order would change")
    if len(result.others) > limit:
        output.say(f"and {len(result.others) - limit} more; see --limit and --json")
