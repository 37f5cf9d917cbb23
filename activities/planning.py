"""Planning: from an order and what is true now to a proposal, which is not yet reserved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from activities.barring import BARRED, holds_of_others, plan_past_barriers
from activities.matching import match_lines
from activities.outlook import promise_of
from activities.quoting import with_quotes
from domain.decision import Decision
from domain.fulfillment_plan import NOTHING_PLANNED, FulfillmentPlan, Short
from domain.listing import Component, Matched, Unmatched, made_of, weigh
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptLine, KeptOrder
from domain.ports.stores.sourcing import Sources
from domain.snapshot import Demand, Snapshot, stock_of
from domain.waits import SOURCING_POLICY, date_cause, hold_cause


@dataclass(frozen=True)
class Proposal:
    """A plan on an unlocked snapshot, what lacks (cause → code), and what the lines that are no plain units hold."""

    plan: FulfillmentPlan
    lacks: dict[str, str]
    components: dict[str, tuple[Component, ...]] = field(default_factory=dict[str, tuple[Component, ...]])
    snapshot: Snapshot | None = None

    @property
    def units(self) -> dict[str, int]:
        """The least that helps a line which is short: cause → units of its SKU."""
        least: dict[str, int] = {}
        for short in self.plan.short:
            for cause, units in short.units.items():
                least[cause] = min(least.get(cause, units), units)
        return least

    @property
    def words(self) -> tuple[str, ...]:
        """The plan in a few words: who was chosen, by which rule, and how sure it is; the decision knows the rest."""
        plan = self.plan
        words = [f"chosen: {', '.join(sorted({part.location for part in plan.parts}))}"]
        words += [f"rule: {plan.rule}"] if plan.rule else []
        return (*words, plan.proof)

    def decision(self, order: KeptOrder, sources: Sources) -> Decision | None:
        """Return what is kept of it; None where nothing was to be decided."""
        if self.snapshot is None:
            return None
        return Decision.model_construct(
            order_id=order.order_id,
            number=order.last_number + 1,
            decided_at=self.snapshot.now,
            places_version=sources.places_version,
            snapshot=self.snapshot,
            plan=self.plan,
        )

    def stock_causes(self) -> set[str]:
        """Return the causes that clear when more comes of what the plan takes."""
        parts = self.plan.parts
        return {
            f"stock:{own.sku}" for part in parts for own in made_of(part.sku, self.components.get(part.line_id, ()))
        }


async def propose(
    tx: Transaction, order: KeptOrder, sources: Sources, only: str, now: datetime, *, asks: bool = False
) -> Proposal:
    """Match what is open, plan what can be planned, and say what lacks for the rest.

    Raises:
        UnaskedError: it `asks`, and a carrier has to be asked for its prices before.
    """
    lacks = holds_of_others(order)
    open_lines = [line for line in order.lines if line.open > 0]
    if not open_lines or any(not hold.keeps_stock for hold in order.holds):
        return Proposal(plan=NOTHING_PLANNED, lacks=lacks)
    matched = await match_lines(tx, order, open_lines)
    lacks |= {
        f"sku:{order.account}:{line.listing_id}": means.code
        for line in open_lines
        if isinstance(means := matched[line.line_id], Unmatched)
    }
    early = {line.line_id: line.not_before for line in open_lines if line.not_before and line.not_before > now}
    lacks |= {date_cause(moment): "preorder" for moment in early.values()}
    meanings = {
        line.line_id: means
        for line in open_lines
        if line.line_id not in early and isinstance(means := matched[line.line_id], Matched)
    }
    demands = await _demands(tx, order, sources, meanings, now)
    everywhere = await with_quotes(tx, await _snapshot(tx, order, demands, sources, only, now), now, asks=asks)
    passage = await plan_past_barriers(tx, order.order_id, everywhere, _declared(open_lines, meanings))
    plan = passage.plan
    standing = {reason for reasons in passage.barred.values() for reason in reasons}
    lacks |= {hold_cause(reason.value, order.order_id): BARRED for reason in standing}
    short = [each for each in plan.short if each.line_id not in passage.shut]
    lacks |= _lacks_of(short, open_lines, sources, now)
    components = {
        line_id: means.components
        for line_id, means in matched.items()
        if isinstance(means, Matched) and not means.is_plain
    }
    return Proposal(plan=plan, lacks=lacks, components=components, snapshot=passage.snapshot)


async def _snapshot(
    tx: Transaction, order: KeptOrder, demands: tuple[Demand, ...], sources: Sources, only: str, now: datetime
) -> Snapshot:
    """Return everything the plan depends on; what was checked when it was read is not checked again."""
    skus = sorted({own.sku for demand in demands for own in demand.components})
    return Snapshot.model_construct(
        now=now,
        account=order.account,
        delivery=order.delivery,
        pickup_location=order.pickup_location,
        country=order.country,
        postal_zone=order.postal_zone,
        demands=demands,
        locations=sources.locations,
        stock=stock_of(await tx.stock.levels(skus, order.account)),
        backlog=sources.backlog,
        doubts=sources.doubts,
        policy=sources.policy,
        policy_version=sources.policy_version,
        only=only or None,
        carriers=sources.carriers.get(order.account, ()),
        sold_by=sources.sells(order.account),
    )


async def _demands(
    tx: Transaction, order: KeptOrder, sources: Sources, meanings: Mapping[str, Matched], now: datetime
) -> tuple[Demand, ...]:
    """Return what is to be planned: lines that mean something, with weights where the policy asks for them."""
    grams: dict[str, int] = {}
    if sources.policy.weighs:
        grams = await tx.catalog.weight({own.sku for means in meanings.values() for own in means.components})
    return tuple(
        [
            _demand(order, line, means, grams, await _refused(tx, line, means, now))
            for line in order.lines
            if (means := meanings.get(line.line_id))
        ]
    )


async def _refused(tx: Transaction, line: KeptLine, means: Matched, now: datetime) -> frozenset[str]:
    """Return the locations that a line is not asked for at now."""
    skus = {own.sku for own in means.components}
    standing = {code: one for code, one in line.refusals.items() if one.stands(now)}
    over = {code for code, one in standing.items() if one.since and await tx.stock.came(skus, code, one.since)}
    return frozenset(standing.keys() - over)


def _lacks_of(short: list[Short], lines: Iterable[KeptLine], sources: Sources, now: datetime) -> dict[str, str]:
    """Return what would help lines that are short, and when time alone may."""
    lacks = {cause: code for each in short for cause, code in each.causes.items()}
    lacks |= {date_cause(each.again_at): "again" for each in short if each.again_at}
    lacks |= {date_cause(moment): "again" for moment in _asked_again(lines, short, now)}
    if sources.next_policy_at is not None and SOURCING_POLICY in lacks:
        lacks[date_cause(sources.next_policy_at)] = "next-policy"
    return lacks


def _asked_again(lines: Iterable[KeptLine], short: Iterable[Short], now: datetime) -> set[datetime]:
    """Return when lines that are short may next be asked for where they were refused."""
    wanting = {each.line_id for each in short}
    refusals = [line.refusals.values() for line in lines if line.line_id in wanting]
    ends = ([one.until for one in of_line if one.until and one.stands(now)] for of_line in refusals)
    return {min(of_line) for of_line in ends if of_line}


def _declared(lines: Iterable[KeptLine], meanings: Mapping[str, Matched]) -> set[str]:
    """Return the lines of which customs can be told everything: what the goods are, and what was paid for each."""
    return {
        line.line_id
        for line in lines
        if line.unit_price > 0
        and (means := meanings.get(line.line_id)) is not None
        and means.declared
        and (means.is_plain or all(own.share > 0 for own in means.components))
    }


def _demand(
    order: KeptOrder, line: KeptLine, means: Matched, grams: Mapping[str, int], refused: frozenset[str]
) -> Demand:
    promise = promise_of(order, line)
    return Demand(
        line_id=line.line_id,
        sku=means.sku,
        components=means.components,
        quantity=line.open,
        refused_by=refused,
        restrictions=means.restrictions,
        grams=weigh(means.components, grams),
        ship_by=promise.ship_by,
        deliver_by=promise.deliver_by,
    )
