"""What is done about a promise at risk: another place, a faster speed, or a word to the buyer; each once per order."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.context import Context
from activities.outlook import transit_of
from activities.planning import propose
from activities.rerouting import call_back
from domain.errors import NotFound, Refused
from domain.fulfillment import GONE, Fulfillment, Stage
from domain.lateness import AtRisk, Deed, Expedite, Remedy, expect, first_at_risk, leaves_at, remedies, risk_of
from domain.location import Location
from domain.order import OrderState
from domain.policy import Policy
from domain.ports.stores import Transaction
from domain.ports.stores.order import KeptOrder, Refusal
from domain.promise import Outlook
from domain.restriction import TRACED
from domain.sourcing import ChannelTerms
from domain.transit import find_faster


class _UndoneError(Exception):
    """A remedy that was used before, or that comes too late."""


@dataclass(frozen=True)
class _Case:
    """One promise at risk, looked at under its order's lock."""

    tx: Transaction
    context: Context
    places: dict[str, Location]
    order: KeptOrder
    risk: AtRisk
    outlook: Outlook
    now: datetime
    speeds: tuple[str, ...]

    @property
    def part(self) -> Fulfillment | None:
        return next((one for one in self.order.fulfillments if one.fulfillment_id == self.risk.subject), None)

    @property
    def place(self) -> Location | None:
        return self.places.get(self.risk.location)

    @property
    def policy(self) -> Policy:
        return self.context.policy


def outlook_of(risk: AtRisk, places: dict[str, Location], policy: Policy, now: datetime) -> Outlook | None:
    """Return what is expected of a promise that is at risk by the policy; None when it is not, or not any more."""
    transit = transit_of(policy, risk.delivery, risk.zone, risk.carrier, risk.speed)
    outlook = expect(risk, places.get(risk.location), policy.pace, transit, now)
    return outlook if outlook is not None and outlook.slack < policy.at_risk_before else None


async def mend(context: Context, risk: AtRisk, places: dict[str, Location]) -> Deed | None:
    """Use the first remedy that helps and was not used for this order yet; return it.

    What is held is left to whoever holds it.
    """
    now, policy = context.now(), context.policy
    outlook = outlook_of(risk, places, policy, now)
    if outlook is None or not (wanted := _allowed(remedies(risk, outlook), policy)):
        return None
    speeds = await _speeds(context, risk) if Remedy.SPEED_UP in wanted else ()
    async with context.record.begin() as tx:
        order = await tx.orders.load(risk.order_id, lock=True)
        case = _Case(tx, context, places, order, risk, outlook, now, speeds)
        stage = case.part.stage if case.part else None
        if order.state is not OrderState.OPEN or order.holds or stage is not risk.stage:
            return None
        for remedy in wanted:
            if deed := await _use(case, remedy):
                return deed
    return None


def _allowed(wanted: tuple[Remedy, ...], policy: Policy) -> tuple[Remedy, ...]:
    wish = {Remedy.REPLAN: policy.replan_late, Remedy.SPEED_UP: True, Remedy.WORD: policy.late_word}
    return tuple(remedy for remedy in wanted if wish[remedy])


async def _use(case: _Case, remedy: Remedy) -> Deed | None:
    """Use one remedy; None when it would not help, or was used meanwhile."""
    if remedy is Remedy.REPLAN:
        return await _replan(case)
    return await (_speed_up(case) if remedy is Remedy.SPEED_UP else _word(case))


async def _do(case: _Case, deed: Deed, act: Awaitable[bool]) -> Deed | None:
    """Do a deed and keep it, or neither: None when the order has had it before, or things have just moved on."""
    with suppress(_UndoneError):
        async with case.tx.savepoint():
            if await act and await case.tx.promises.keep_deed(case.order.order_id, case.risk.subject, deed):
                return deed
            raise _UndoneError
    return None


async def _replan(case: _Case) -> Deed | None:
    """Take the goods away from where they would be late, if everything of them makes it from elsewhere."""
    if case.part is None or not await _makes_it_elsewhere(case, case.part):
        return None
    deed = Deed(remedy=Remedy.REPLAN, detail=f"taken away from {case.risk.location}", at=case.now)
    # Not for good: what is there elsewhere may be gone when it is planned, and late is better than never.
    until = case.now + (await case.tx.sourcing.read(case.now)).policy.refused_for("too_busy")
    return await _do(case, deed, call_back(case.tx, case.part, case.now, until))


async def _makes_it_elsewhere(case: _Case, part: Fulfillment) -> bool:
    """Plan the part's units as if its location had refused them; nothing of that is written."""
    units = {line.line_id: line.quantity - line.cancelling for line in part.lines}
    lines = tuple(
        line.model_copy(
            update={"quantity": units[line.line_id], "refusals": {**line.refusals, part.location: Refusal()}}
            | dict.fromkeys(("cancelled", "by_hand", "planned", "done"), 0)
        )
        for line in case.order.lines
        if units.get(line.line_id, 0) > 0
    )
    trial = case.order.model_copy(update={"lines": lines})
    sources = await case.tx.sourcing.read(case.now)
    proposal = await propose(case.tx, trial, sources, "", case.now)
    chosen = {own.location for own in proposal.plan.parts}
    sold_by = sources.sells(case.order.account)
    in_time = all(_is_in_time(case, part, case.places[code], sold_by) for code in chosen)
    return not proposal.lacks and bool(chosen) and in_time


def _is_in_time(case: _Case, part: Fulfillment, place: Location, sold_by: str) -> bool:
    carrier = sold_by or place.carrier
    elsewhere = {"location": place.code, "carrier": carrier, "speed": "", "expected_hand_over": None}
    moved = risk_of(part, case.now).model_copy(update=elsewhere | {"stage": Stage.PLANNED})
    transit = transit_of(case.policy, part.delivery, case.order.country, carrier)
    outlook = expect(moved, place, case.policy.pace, transit, case.now)
    return outlook is not None and outlook.slack >= max(case.outlook.slack, timedelta())


async def _speed_up(case: _Case) -> Deed | None:
    """Choose the cheapest speed that still arrives in time, costs no more than the cap, and that the channel allows."""
    risk, policy = case.risk, case.policy
    if case.part is None or risk.deliver_by is None:
        return None
    leaves = leaves_at(risk, case.place, policy.pace, case.now)
    within = risk.deliver_by - leaves
    sourcing = (await case.tx.sourcing.read(case.now)).policy
    speeds = sourcing.channels.get(case.order.account, ChannelTerms()).allowed(case.speeds)
    faster = find_faster(policy.transits, risk.carrier, risk.zone, speeds, within, policy.upgrade_cost_cap)
    if faster is None or await _is_restricted(case, case.part):
        return None
    deed = Deed(remedy=Remedy.SPEED_UP, detail=f"{faster.speed}, {faster.surcharge} more than ordinary", at=case.now)
    since = first_at_risk(
        risk.model_copy(update={"since": case.now}), case.place, policy.pace, faster.time, policy.at_risk_before
    )
    wish = Expedite(
        fulfillment_id=risk.subject,
        speed=faster.speed,
        expected_arrival=leaves + faster.time,
        at_risk_from=since or case.now,
    )
    return await _do(case, deed, case.tx.promises.expedite(wish))


async def _is_restricted(case: _Case, part: Fulfillment) -> bool:
    """Tell whether some goods may not go just anyhow: their location speaks for its carrier's ordinary service only."""
    goods = {own.sku for line in part.lines for own in line.made_of}
    natures = await case.tx.catalog.natures(sorted(goods))
    return any(nature.restrictions - TRACED for nature in natures.values())


async def _speeds(context: Context, risk: AtRisk) -> tuple[str, ...]:
    """Return the faster speeds of the carrier; none where nobody can say."""
    try:
        carriers = await context.parties.carriers(risk.order_id.partition("/")[0])
        return carriers(risk.carrier).capability.speeds
    except (NotFound, Refused):
        return ()


async def _word(case: _Case) -> Deed | None:
    """Owe the buyer a word that it will be late, with the day on which it is expected, where anybody can tell."""
    deed = Deed(remedy=Remedy.WORD, detail=_expected_day(case), at=case.now, told=False)
    kept = await case.tx.promises.keep_deed(case.order.order_id, case.risk.subject, deed)
    return deed if kept else None


def _expected_day(case: _Case) -> str:
    risk, policy = case.risk, case.policy
    if risk.stage is None:
        return ""
    if risk.stage in GONE:
        return max(risk.expected_arrival or case.now, case.now).date().isoformat()
    leaves = leaves_at(risk, case.place, policy.pace, case.now)
    return (leaves + transit_of(policy, risk.delivery, risk.zone, risk.carrier, risk.speed)).date().isoformat()
