"""Quoting: carriers are asked what an order's parcels would cost before it is planned, outside of any transaction.

What they answer is kept in the record and read from there by planning, so that whoever dies in between has lost
nothing, and alike orders ask once. A carrier that does not answer holds no order up: the rate tables stand in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from activities.context import Context
from domain.errors import CrossdockError, NotFound, Unauthorized, Unavailable
from domain.ports.carrier import ParcelWish, Rate
from domain.ports.stores import Transaction
from domain.quotes import (
    NO_RATE,
    Question,
    Quote,
    lay_over,
    questions_of,
    silence_of,
    silent,
    unanswered,
)
from domain.rates import MOST_DAYS
from domain.snapshot import Snapshot
from domain.sourcing import QuoteTerms
from domain.values import Address

ResultT_co = TypeVar("ResultT_co", covariant=True)

_log = logging.getLogger(__name__)

_BREATH = 0.25
_LOST = timedelta(seconds=2)
"""Whoever asked and has not kept the answer so long after it was due has died: somebody else asks."""


class UnaskedError(Exception):
    """Carriers are to be asked before this order is planned; nothing was changed."""

    def __init__(self, wanted: Mapping[Question, str], terms: QuoteTerms) -> None:
        super().__init__("carriers are to be asked first")
        self.wanted, self.terms = wanted, terms


class Planning(Protocol[ResultT_co]):
    """Plans an order in a transaction of its own."""

    async def __call__(self, *, asks: bool) -> ResultT_co:
        """Plan. Raises UnaskedError: it `asks`, and carriers have to be asked before; nothing was changed."""
        ...


async def ask_first(context: Context, order_id: str, plan: Planning[ResultT_co]) -> ResultT_co:
    """Plan; where carriers are to be asked before, ask them and plan again with what they said."""
    try:
        return await plan(asks=True)
    except UnaskedError as unasked:
        wanted, terms = unasked.wanted, unasked.terms
    await _ask(context, order_id, wanted, terms)
    return await plan(asks=False)


async def with_quotes(tx: Transaction, snapshot: Snapshot, now: datetime, *, asks: bool) -> Snapshot:
    """Return the snapshot with the prices that carriers quoted; the record is read only where the policy asks them.

    Raises:
        UnaskedError: it `asks`, and something is to be asked.
    """
    wanted = questions_of(snapshot)
    if not wanted:
        return snapshot
    known = await tx.quotes.known(_with_silences(wanted), now)
    if asks and (left := unanswered(wanted, known)):
        raise UnaskedError(left, snapshot.policy.quotes)
    return lay_over(snapshot, known)


async def _ask(context: Context, order_id: str, wanted: Mapping[Question, str], terms: QuoteTerms) -> None:
    """Ask what nobody else is asking, and wait for what somebody else does, no longer than an answer may take."""
    left, most = dict(wanted), (terms.wait_seconds + _LOST.total_seconds()) / _BREATH
    for _ in range(int(most)):
        now = context.now()
        try:
            async with context.record.begin() as tx:
                mine = await tx.quotes.take(tuple(left), now, now + timedelta(seconds=terms.wait_seconds) + _LOST)
                address = await tx.vault.address(order_id) if mine else None
        except NotFound:  # erased meanwhile
            return
        if address is not None:
            told = await asyncio.gather(*(_answer(context, one, left[one], address, terms) for one in mine))
            async with context.record.begin() as tx:
                await tx.quotes.keep([quote for quotes in told for quote in quotes])
        async with context.record.begin() as tx:
            left = unanswered(left, await tx.quotes.known(_with_silences(left), context.now()))
        if not left:
            return
        await context.pause(_BREATH)


def _with_silences(wanted: Mapping[Question, str]) -> tuple[Question, ...]:
    return (*wanted, *{silence_of(question.carrier) for question in wanted})


async def _answer(
    context: Context, question: Question, place: str, address: Address, terms: QuoteTerms
) -> tuple[Quote, ...]:
    """Ask a carrier one question; whatever it does, there is something to keep, at times also of the carrier itself."""
    wish = ParcelWish(origin=place, destination=address, weight_grams=question.grams)
    try:
        async with asyncio.timeout(terms.wait_seconds):
            rates = await context.parties.carrier(question.carrier).rate(wish)
    except TimeoutError:
        return _of_carrier(question, "no-answer-in-time", context.now())
    except (Unavailable, Unauthorized) as error:
        # Its limit is ours to keep to; it answers as soon as there is room.
        if error.code.startswith("limit:"):
            return (silent(question, error.code, context.now()),)
        return _of_carrier(question, error.code, context.now())
    except CrossdockError as error:
        return (silent(question, error.code, context.now()),)
    except Exception:  # noqa: BLE001 - it is logged; no carrier's mistake may keep an order from being planned
        _log.exception("%s could not be asked for rates", question.carrier)
        return (silent(question, "broken", context.now()),)
    return (_read(question, rates, terms, context.now()),)


def _of_carrier(question: Question, code: str, now: datetime) -> tuple[Quote, ...]:
    return silent(question, code, now), silent(silence_of(question.carrier), code, now)


def _read(question: Question, rates: Sequence[Rate], terms: QuoteTerms, now: datetime) -> Quote:
    """Return what was said: of the speeds the ordinary one counts, since labels are bought at it."""
    rate = next((rate for rate in rates if not rate.speed), None)
    if rate is not None and rate.cost.amount <= 0:
        return silent(question, "no-price", now)
    return Quote(
        question=question,
        amount=rate.cost.amount if rate else None,
        currency=rate.cost.currency if rate else "",
        days=min(max(rate.days, 0), MOST_DAYS) if rate and rate.days is not None else None,
        code="" if rate else NO_RATE,
        asked_at=now,
        holds_until=now + timedelta(minutes=terms.good_minutes),
    )
