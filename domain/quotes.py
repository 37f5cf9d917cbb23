"""Quotes: what carriers say that parcels would cost, kept for a while, and laid over the policy's rate tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from domain.errors import Refused
from domain.location import Location
from domain.planning.ground import ground_of
from domain.rates import MAX_GRAMS, Bracket, RateTable, Zone, find_zone
from domain.snapshot import Snapshot, Unquoted
from domain.sourcing import SourcingPolicy
from domain.values import MAX_AMOUNT, Amount, Model, Moment

SILENT_FOR = timedelta(minutes=1)
"""A carrier that did not answer is not asked again for so long: one slow carrier must not hold up every order."""

ASKED, NO_RATE, NOT_ASKED, OTHER_CURRENCY = "asked", "no-rate", "not-asked", "other-currency"
"""Why there is no price: the answer is awaited; nothing carries it; nobody asked; it is in other money."""

_STEPS = ((1_000, 250), (10_000, 1_000), (MAX_GRAMS, 5_000))
"""Up to so many grams, the weight that is asked for is rounded up to a step, so that alike orders ask alike."""


class Question(NamedTuple):
    """What one parcel up to a weight costs on one road; nothing of the buyer but how the postal code begins.

    Attributes:
        carrier: who is asked.
        origin: the country in which it collects; empty: whether it answers at all.
        country: where the parcel goes.
        postal_zone: how the postal code there begins.
        grams: the rung of weight.
    """

    carrier: str
    origin: str = ""
    country: str = ""
    postal_zone: str = ""
    grams: int = 0


class Quote(Model):
    """An answer, or why there is none.

    Attributes:
        amount: minor units of `currency`; None where there is a code.
        days: in transit, where the carrier tells.
        code: why there is no price; empty with one.
        holds_until: so long nobody asks again.
    """

    question: Question
    amount: Amount | None = None
    currency: str = ""
    days: int | None = None
    code: str = ""
    asked_at: Moment
    holds_until: Moment


Road = tuple[str, str]
Known = Mapping[Question, Quote]


def questions_of(snapshot: Snapshot) -> dict[Question, str]:
    """Return what is asked about an order, each with the code of the location from which it is asked.

    The whole weight on every road comes first: without it a road has no price at all.
    """
    roads, rungs = _roads(snapshot), _rungs(snapshot)
    asked = {_question(snapshot, road, grams): place.code for grams in rungs for road, place in roads.items()}
    return dict(list(asked.items())[: snapshot.policy.quotes.most])


def silence_of(carrier: str) -> Question:
    """Return under what it is kept that a carrier did not answer, whatever it was asked."""
    return Question(carrier=carrier)


def unanswered(wanted: Mapping[Question, str], known: Known) -> dict[Question, str]:
    """Return what is to be asked: what nobody has answered, of carriers that are not silent."""
    return {
        question: place
        for question, place in wanted.items()
        if silence_of(question.carrier) not in known and (question not in known or known[question].code == ASKED)
    }


def lay_over(snapshot: Snapshot, known: Known) -> Snapshot:
    """Return the snapshot with what carriers quoted, and the roads for which the policy's tables stand."""
    zones: dict[str, list[Zone]] = {}
    unquoted: list[Unquoted] = []
    for (carrier, origin), _ in sorted(_roads(snapshot).items()):
        told = _zone_of(snapshot, (carrier, origin), known)
        if isinstance(told, Zone):
            zones.setdefault(carrier, []).append(told)
        else:
            unquoted.append(Unquoted(carrier=carrier, origin=origin, why=told))
    quoted = tuple(RateTable(carrier=carrier, zones=tuple(own)) for carrier, own in zones.items())
    return snapshot.model_copy(update={"quoted": quoted, "unquoted": tuple(unquoted)})


def silent(question: Question, code: str, now: datetime) -> Quote:
    """Return that there was no answer."""
    return Quote(question=question, code=code, asked_at=now, holds_until=now + SILENT_FOR)


def require_quoting(policy: SourcingPolicy, tells_rates: Callable[[str], bool]) -> None:
    """Refuse a policy that asks a carrier which cannot be asked. Raises Refused naming the fields."""
    faults = [
        f"quotes.carriers[{position}]: {carrier!r} tells no rates, so that it cannot be asked"
        for position, carrier in enumerate(policy.quotes.carriers)
        if not tells_rates(carrier)
    ]
    if faults:
        raise Refused("bad-policy", "; ".join(faults))


def _roads(snapshot: Snapshot) -> dict[Road, Location]:
    """Return the roads that are asked about, each with its first place: those that may serve it and have some of it."""
    carriers = snapshot.policy.quotes.carriers
    if not carriers or snapshot.delivery != "ship" or not snapshot.country:
        return {}
    refused = ground_of(snapshot)[0].refused
    stocked = {code for shelves in snapshot.stock.values() for code in shelves}
    roads: dict[Road, Location] = {}
    for place in sorted(snapshot.locations, key=lambda one: (one.rank, one.code)):
        # What no table prices may still be quoted.
        may_serve = refused.get(place.code, NO_RATE) == NO_RATE
        carrier = snapshot.carrier_at(place)
        if may_serve and carrier in carriers and place.code in stocked:
            roads.setdefault((carrier, place.country), place)
    return roads


def _rungs(snapshot: Snapshot) -> tuple[int, ...]:
    """Return the rungs at which prices are asked: the whole, the lightest line, and half."""
    lines = [demand.quantity * demand.grams for demand in snapshot.demands]
    whole = sum(lines)
    return tuple(dict.fromkeys(_rung(grams) for grams in (whole, min(lines, default=0), whole // 2)))


def _rung(grams: int) -> int:
    grams = min(max(grams, 1), MAX_GRAMS)
    step = next(step for limit, step in _STEPS if grams <= limit)
    return -(-grams // step) * step


def _question(snapshot: Snapshot, road: Road, grams: int) -> Question:
    return Question(
        carrier=road[0], origin=road[1], country=snapshot.country, postal_zone=snapshot.postal_zone, grams=grams
    )


def _zone_of(snapshot: Snapshot, road: Road, known: Known) -> Zone | str:
    """Return the prices of a road, or why there are none; a rung without an answer costs what the next above it does.

    What is lighter never costs more than what is heavier, whatever the carrier says.
    """
    prices: dict[int, int] = {}
    top = max(rungs := sorted(_rungs(snapshot)))
    for grams in rungs:
        told = known.get(_question(snapshot, road, grams))
        if (why := _fault(told, snapshot.policy.currency)) and grams == top:
            silence = known.get(silence_of(road[0]))
            return silence.code if silence and why == NOT_ASKED else why
        if told and told.amount is not None and not why:
            prices[grams] = max(told.amount, *prices.values(), 0)
    days = known[_question(snapshot, road, top)].days
    if days is None:
        standing = find_zone(snapshot.policy.rates, *road, snapshot.country, snapshot.postal_zone)
        days = standing.days if standing else 0
    return _made(road[1], snapshot.country, snapshot.postal_zone, days, tuple(prices.items()))


def _fault(told: Quote | None, currency: str) -> str:
    """Return why an answer is no price; empty when it is one."""
    if told is None:
        return NOT_ASKED
    return told.code or ("" if told.currency == currency else OTHER_CURRENCY)


@lru_cache(maxsize=256)
def _made(origin: str, country: str, postal_zone: str, days: int, brackets: tuple[tuple[int, int], ...]) -> Zone:
    """Return a zone; the same prices are the same object, by which the ground laid for them is known again."""
    grams, amount = brackets[-1]
    return Zone(
        name="quoted",
        origins=(origin,),
        countries=(country,),
        postal_prefixes=(postal_zone,) if postal_zone else (),
        days=days,
        brackets=tuple(Bracket(up_to_grams=grams, amount=amount) for grams, amount in brackets),
        further_kg=min(-(-amount * 1000 // grams), MAX_AMOUNT),
    )
