"""Quotes are kept by what was asked, each for as long as it holds, and one asks for all."""

from __future__ import annotations

from datetime import timedelta

from activities.retention import sweep_once
from domain.ports.stores import Record
from domain.quotes import ASKED, Question, Quote, silence_of, silent
from tests.builders import NOW
from tests.stores.waiting_room import Clock, context_of

HOUR = timedelta(hours=1)
UNTIL = NOW + timedelta(seconds=4)
SWIFT = Question("swift", "DE", "DE", "104", 1000)
BLIND = SWIFT._replace(carrier="blind")


def told(question: Question, amount: int = 450) -> Quote:
    return Quote(question=question, amount=amount, currency="EUR", days=2, asked_at=NOW, holds_until=NOW + HOUR)


async def keep(record: Record, *quotes: Quote) -> None:
    async with record.begin() as tx:
        await tx.quotes.keep(quotes)


async def known(record: Record, *questions: Question, after: timedelta = timedelta()) -> dict[Question, Quote]:
    async with record.begin() as tx:
        return await tx.quotes.known(questions, NOW + after)


async def take(record: Record, *questions: Question, after: timedelta = timedelta()) -> set[Question]:
    async with record.begin() as tx:
        return set(await tx.quotes.take(questions, NOW + after, UNTIL + after))


async def test_an_answer_is_known_while_it_holds_and_only_to_its_own_question(record: Record) -> None:
    silence = silent(silence_of("swift"), "outage:swift", NOW)
    await keep(record, told(SWIFT), silence)
    asked = (SWIFT, SWIFT._replace(grams=2000), BLIND, silence_of("swift"))
    assert await known(record, *asked) == {SWIFT: told(SWIFT), silence_of("swift"): silence}
    assert await known(record, *asked, after=HOUR) == {}


async def test_a_later_answer_replaces_an_earlier_one(record: Record) -> None:
    await keep(record, told(SWIFT), silent(BLIND, "broken", NOW))
    await keep(record, silent(SWIFT, "broken", NOW), told(BLIND), told(BLIND, 460))
    assert await known(record, SWIFT, BLIND) == {SWIFT: silent(SWIFT, "broken", NOW), BLIND: told(BLIND, 460)}


async def test_one_asks_and_whoever_comes_meanwhile_sees_it(record: Record) -> None:
    assert await take(record, SWIFT, BLIND) == {SWIFT, BLIND}
    assert await take(record, BLIND, SWIFT._replace(grams=2000)) == {SWIFT._replace(grams=2000)}
    assert {quote.code for quote in (await known(record, SWIFT, BLIND)).values()} == {ASKED}


async def test_who_died_before_the_answer_is_followed_by_another(record: Record) -> None:
    await take(record, SWIFT)
    assert await take(record, SWIFT, after=timedelta(seconds=3)) == set()
    assert await take(record, SWIFT, after=timedelta(seconds=4)) == {SWIFT}
    await keep(record, told(SWIFT))
    assert await take(record, SWIFT, after=timedelta(minutes=59)) == set()
    assert await take(record, SWIFT, after=HOUR) == {SWIFT}


async def test_answers_that_hold_no_longer_are_forgotten(record: Record) -> None:
    await keep(record, told(SWIFT), silent(BLIND, "broken", NOW))
    await sweep_once(context_of(record, Clock(NOW + timedelta(minutes=2))))
    async with record.begin() as tx:
        assert [await tx.retention.forget_quotes(NOW + 2 * HOUR, 5) for _ in range(2)] == [1, 0]
