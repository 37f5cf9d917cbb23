"""Promises on a terminal: which date, by how much, since when, what is done about it, and which command is next."""

from __future__ import annotations

from datetime import datetime, timedelta

from activities.outlook import transit_of
from activities.remedy import outlook_of
from domain.fulfillment import GONE, Stage
from domain.lateness import UNKEPT, AtRisk, Deed, Remedy, expect
from domain.location import Location
from domain.policy import Policy
from domain.promise import Outlook, PromiseKind, tightest
from domain.promise import Promise as Dates
from domain.values import Model, Moment
from domain.waits import advise
from infra.database.reports.order_page import FulfillmentRow, LineRow, OrderPage
from workers.cli import output

_DONE = {
    Remedy.REPLAN: "{detail}, planned again",
    Remedy.SPEED_UP: "sent faster: {detail}",
    Remedy.WORD: "the buyer is told, expected {detail}",
}


class RiskRow(Model):
    """One promise at risk; `slack` is negative when it will be late, as far as anybody can tell now."""

    order_id: str
    subject: str
    stage: Stage | None
    promise: PromiseKind
    deadline: Moment
    expected: Moment
    slack: timedelta
    since: Moment
    waits_for: tuple[str, ...]
    done: tuple[str, ...]
    command: str


class PromiseRow(Model):
    """What one part of an order promises, or its lines that are not planned yet, and what is expected of it now."""

    subject: str
    promise: PromiseKind
    deadline: Moment
    expected: Moment
    slack: timedelta
    at_risk: bool


def tell_risk(risk: AtRisk, places: dict[str, Location], policy: Policy, now: datetime) -> RiskRow | None:
    """Return what is at risk as operators see it; None when it is not, or not any more."""
    outlook = outlook_of(risk, places, policy, now)
    if outlook is None:
        return None
    return RiskRow(
        order_id=risk.order_id,
        subject=risk.subject,
        stage=risk.stage,
        promise=outlook.kind,
        deadline=outlook.deadline,
        expected=outlook.expected,
        slack=outlook.slack,
        since=risk.since,
        waits_for=risk.waits_for,
        done=tuple(map(_words, risk.deeds)),
        command=_command(risk),
    )


def show_risks(rows: list[RiskRow], now: datetime) -> None:
    """Print what is at risk as a table."""
    output.show_table(
        ("Order", "Part", "Stage", "Promise", "Until", "Slack", "Since", "Waits for", "Done about it", "Command"),
        (
            (
                row.order_id, row.subject.rpartition("/")[2], row.stage or "not planned", row.promise, row.deadline,
                span(row.slack), output.age(row.since, now), row.waits_for, row.done, row.command,
            )
            for row in rows
        ),
        empty="no orders at risk",
    )  # fmt: skip


def read_promises(page: OrderPage, places: dict[str, Location], policy: Policy, now: datetime) -> list[PromiseRow]:
    """Return what an order still promises, part by part; nothing where nobody said a date."""
    risks = [_of_part(page, part, now) for part in page.fulfillments if part.stage in UNKEPT]
    waiting = [line for line in page.lines if line.open > 0]
    risks += [_of_lines(page, waiting, now)] if waiting else []
    rows: list[PromiseRow] = []
    for risk in risks:
        transit = transit_of(policy, risk.delivery, risk.zone, risk.carrier, risk.speed)
        outlook = expect(risk, places.get(risk.location), policy.pace, transit, now)
        rows += [_row(risk, outlook, policy)] if outlook else []
    return rows


def show_promises(rows: list[PromiseRow]) -> None:
    """Print what an order promises, and how much slack is left."""
    output.show_table(
        ("Promised of", "What", "Until", "Expected", "Slack", "At risk"),
        ((row.subject, row.promise, row.deadline, row.expected, span(row.slack), row.at_risk) for row in rows),
        title="Promises",
    )


def span(time: timedelta) -> str:
    """Return a span of time in its two largest units; what is below zero is late.

    >>> span(timedelta(hours=-26))
    'late by 1 d 2 h'
    """
    left = abs(time)
    units = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))
    parts: list[str] = []
    for unit, size in units:
        count, left = divmod(left, size)
        parts += [f"{count} {unit}"] if count else []
    words = " ".join(parts[:2]) or "0 min"
    return f"late by {words}" if time < timedelta() else words


def _words(deed: Deed) -> str:
    words = _DONE[deed.remedy].format(detail=deed.detail or "nobody knows when")
    return words if deed.told else f"{words} (not sent yet)"


def _command(risk: AtRisk) -> str:
    """Return what an operator would do next: end what it waits for, move it, or look at its way."""
    if risk.waits_for:
        advices = [advise(risk.order_id, cause) for cause in risk.waits_for]
        return next((advice for advice in advices if advice.needs_person), advices[0]).command
    if risk.stage in GONE:
        return f"crossdock orders history {risk.order_id}"
    return f"crossdock reroute {risk.order_id} {risk.subject.rpartition('/')[2]}"


def _of_part(page: OrderPage, part: FulfillmentRow, now: datetime) -> AtRisk:
    return AtRisk.model_validate(
        part.model_dump()
        | {"order_id": page.header.order_id, "subject": part.fulfillment_id, "since": now, "zone": page.header.country}
    )


def _of_lines(page: OrderPage, lines: list[LineRow], now: datetime) -> AtRisk:
    dates = tightest(Dates.of(line, page.header) for line in lines)
    order_id, delivery = page.header.order_id, page.header.delivery
    none = dict.fromkeys(("stage", "expected_hand_over", "expected_arrival"))
    empty = dict.fromkeys(("location", "carrier", "speed"), "")
    known = {
        "zone": page.header.country,
        "order_id": order_id,
        "subject": order_id,
        "delivery": delivery,
        "needs_hand": True,
        "since": now,
    }
    return AtRisk.model_validate({**none, **empty, **known, **dict(dates)})


def _row(risk: AtRisk, outlook: Outlook, policy: Policy) -> PromiseRow:
    return PromiseRow(
        subject=risk.subject,
        promise=outlook.kind,
        deadline=outlook.deadline,
        expected=outlook.expected,
        slack=outlook.slack,
        at_risk=outlook.slack < policy.at_risk_before,
    )
