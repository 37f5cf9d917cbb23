"""Quotes: what is asked about an order, and the rate tables that answers are turned into."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Decision, simulate
from domain.errors import Refused
from domain.quotes import (
    ASKED,
    NO_RATE,
    SILENT_FOR,
    Question,
    Quote,
    lay_over,
    questions_of,
    require_quoting,
    silence_of,
    silent,
    unanswered,
)
from domain.rates import Bracket, RateTable, Zone, ladder_of
from domain.routing import explain, plan_fulfillment
from domain.snapshot import Demand, Snapshot
from domain.sourcing import QuoteTerms, SourcingPolicy, read_sourcing, require_known
from tests.builders import BERLIN, MUNICH, NOW, TEA, location

HOUR = timedelta(hours=1)
BY_BOTH = QuoteTerms(carriers=("swift", "blind"))
TABLES = (RateTable(zones=(Zone(name="any", days=4, brackets=(Bracket(up_to_grams=500, amount=500),)),)),)
PLACES = (location(BERLIN, carrier="blind"), location(MUNICH, rank=900))


def snapshot(grams: tuple[int, ...] = (300, 1700), terms: QuoteTerms = BY_BOTH, **changes: object) -> Snapshot:
    fields: dict[str, object] = {
        "now": NOW, "delivery": "ship", "pickup_location": None, "country": "DE", "postal_zone": "104",
        "demands": [Demand(line_id=f"{at}", sku=TEA, quantity=1, grams=each) for at, each in enumerate(grams)],
        "locations": PLACES, "stock": {TEA: {BERLIN: 9, MUNICH: 9}},
        "policy": SourcingPolicy(quotes=terms, rates=TABLES, rank=0),
    }  # fmt: skip
    return Snapshot.model_validate(fields | changes)


def question(carrier: str, grams: int) -> Question:
    return Question(carrier, "DE", "DE", "104", grams)


def told(carrier: str, grams: int, amount: int, currency: str = "EUR", days: int | None = None) -> Quote:
    return Quote(
        question=question(carrier, grams), amount=amount, currency=currency, days=days, asked_at=NOW,
        holds_until=NOW + HOUR,
    )  # fmt: skip


def known(*quotes: Quote) -> dict[Question, Quote]:
    return {quote.question: quote for quote in quotes}


def quoted(of: Snapshot, carrier: str) -> Zone:
    (zone,) = next(table.zones for table in of.quoted if table.carrier == carrier)
    return zone


def test_the_whole_the_lightest_line_and_half_are_asked_about_the_whole_first() -> None:
    asked = questions_of(snapshot())
    assert list(asked) == [
        question(carrier, grams) for grams in (2000, 500, 1000) for carrier in ("blind", "swift")
    ]  # fmt: skip
    assert set(asked.values()) == {BERLIN, MUNICH}


def test_alike_orders_ask_alike_and_no_order_asks_more_than_the_policy_says() -> None:
    assert questions_of(snapshot((260, 1650))) == questions_of(snapshot())
    few = snapshot(terms=QuoteTerms(carriers=("swift", "blind"), most=3))
    assert [one.grams for one in questions_of(few)] == [2000, 2000, 500]
    assert len(questions_of(snapshot((0,), terms=QuoteTerms(carriers=("swift",))))) == 1


@pytest.mark.parametrize(
    ("changes", "carriers"),
    [
        ({"terms": QuoteTerms()}, set[str]()),
        ({"delivery": "pickup", "pickup_location": BERLIN}, set[str]()),
        ({"country": ""}, set[str]()),
        ({"stock": {TEA: {MUNICH: 9}}}, {"swift"}),
        ({"only": BERLIN}, {"blind"}),
        ({"locations": (location(BERLIN, carrier="blind", ships=False), location(MUNICH))}, {"swift"}),
        ({"locations": (location(BERLIN, carrier="dear"), location(MUNICH))}, {"swift"}),
    ],
)
def test_only_roads_that_may_be_taken_are_asked_about(changes: dict[str, Any], carriers: set[str]) -> None:
    assert {one.carrier for one in questions_of(snapshot(**changes))} == carriers


def test_a_road_without_any_table_is_asked_about_too() -> None:
    abroad = (RateTable(zones=(Zone(name="at", countries=("AT",), brackets=TABLES[0].zones[0].brackets),)),)
    policy = SourcingPolicy(quotes=BY_BOTH, rates=abroad)
    assert {one.carrier for one in questions_of(snapshot(policy=policy))} == {"swift", "blind"}


def test_answers_become_brackets_that_grow_and_tables_stand_where_there_are_none() -> None:
    answers = known(told("swift", 500, 700), told("swift", 1000, 650), told("swift", 2000, 900, days=1))
    laid = lay_over(snapshot(), answers)
    zone = quoted(laid, "swift")
    assert [(bracket.up_to_grams, bracket.amount) for bracket in zone.brackets] == [
        (500, 700), (1000, 700), (2000, 900),
    ]  # fmt: skip
    assert (zone.days, zone.further_kg, zone.origins, zone.countries, zone.postal_prefixes) == (
        1, 450, ("DE",), ("DE",), ("104",),
    )  # fmt: skip
    assert [table.carrier for table in laid.quoted] == ["swift"]
    assert [(road.carrier, road.origin, road.why) for road in laid.unquoted] == [("blind", "DE", "not-asked")]


def test_a_road_has_a_price_only_with_one_for_the_whole_weight() -> None:
    assert [bracket.amount for bracket in quoted(lay_over(snapshot(), known(told("swift", 2000, 900))), "swift").brackets] == [900]  # fmt: skip # noqa: E501
    laid = lay_over(snapshot(), known(told("swift", 500, 400), silent(question("swift", 2000), "http-500", NOW)))
    assert (laid.quoted, {road.why for road in laid.unquoted if road.carrier == "swift"}) == ((), {"http-500"})


def test_days_that_a_carrier_does_not_tell_are_those_of_the_table() -> None:
    assert quoted(lay_over(snapshot(), known(told("swift", 2000, 900))), "swift").days == 4


def test_other_money_is_no_price() -> None:
    laid = lay_over(snapshot(), known(told("swift", 2000, 1, currency="USD")))
    assert (laid.quoted, laid.unquoted[1].why) == ((), "other-currency")


def test_what_was_answered_is_not_asked_again_and_a_silent_carrier_nothing_at_all() -> None:
    wanted = questions_of(snapshot())
    awaited = silent(question("blind", 500), ASKED, NOW)
    answers = known(told("blind", 2000, 9), silent(question("blind", 1000), NO_RATE, NOW), awaited)
    silence = silent(silence_of("swift"), "no-answer-in-time", NOW)
    assert list(unanswered(wanted, answers | known(silence))) == [question("blind", 500)]
    assert silence.holds_until == NOW + SILENT_FOR
    laid = lay_over(snapshot(), known(silence))
    assert [(road.carrier, road.why) for road in laid.unquoted] == [
        ("blind", "not-asked"), ("swift", "no-answer-in-time"),
    ]  # fmt: skip


def test_the_cheaper_quote_wins_against_the_table_and_is_reproduced() -> None:
    asked = snapshot((400,))
    laid = lay_over(asked, known(told("swift", 500, 300)))
    assert [part.location for part in plan_fulfillment(asked).parts] == [BERLIN]
    made = plan_fulfillment(laid)
    assert ([part.location for part in made.parts], made.cost.shipping) == ([MUNICH], 300)
    kept = Snapshot.model_validate_json(laid.model_dump_json())
    decision = Decision(order_id="shop/1", number=1, decided_at=NOW, snapshot=kept, plan=made)
    assert simulate([decision], None).reproduced == 1
    assert simulate([decision], SourcingPolicy(rates=TABLES, rank=0)).others[0].places_after == (BERLIN,)


def test_a_quote_is_laid_over_the_tables_of_its_own_road_only() -> None:
    vienna = location("VIE", country="AT")
    of = snapshot((400,), locations=(*PLACES, vienna), stock={TEA: {BERLIN: 9, MUNICH: 9, "VIE": 9}})
    laid = lay_over(of, known(told("swift", 500, 90)))
    reasons = {reason.location: reason.by for reason in explain(laid, plan_fulfillment(laid))}
    assert reasons == {BERLIN: 410, MUNICH: None, "VIE": 410}


def test_a_road_that_nobody_prices_costs_the_flat_rate_where_there_are_no_tables() -> None:
    for flat_rate, place in ((80, BERLIN), (100, MUNICH)):
        of = snapshot((400,), policy=SourcingPolicy(flat_rate=flat_rate, quotes=BY_BOTH, rank=0))
        made = plan_fulfillment(lay_over(of, known(told("swift", 500, 90))))
        assert ([part.location for part in made.parts], made.cost.shipping) == ([place], min(flat_rate, 90))


def test_the_same_prices_are_the_same_zone_so_that_their_ground_is_laid_once() -> None:
    one, other = (quoted(lay_over(snapshot(), known(told("swift", 2000, 900))), "swift") for _ in range(2))
    assert one is other


@given(
    st.lists(st.integers(0, 40_000), min_size=1, max_size=6),
    st.lists(st.none() | st.integers(1, 10**15), min_size=3, max_size=3),
)
def test_whatever_is_answered_the_prices_grow_with_the_weight(grams: list[int], amounts: list[int | None]) -> None:
    of = snapshot(tuple(grams), QuoteTerms(carriers=("swift",)))
    pairs = zip(questions_of(of), amounts, strict=False)
    answers = known(*(told("swift", one.grams, amount) for one, amount in pairs if amount is not None))
    for table in lay_over(of, answers).quoted:
        ladder = ladder_of(table.zones[0], 100)
        prices = [ladder.price(weight) for weight in sorted({*grams, sum(grams)})]
        assert prices == sorted(prices)
        assert sum(grams) <= ladder.limits[-1]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[quotes]\ncarriers = 'swift'", "quotes.carriers"),
        ("[quotes]\ngood_minutes = 0", "quotes.good_minutes"),
        ("[quotes]\nwait_seconds = 60", "quotes.wait_seconds"),
        ("[quotes]\nmost = 0", "quotes.most"),
        ("[quotes]\ncarrier = 'swift'", "quotes.carrier"),
    ],
)
def test_impossible_terms_are_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(Refused, match=named):
        read_sourcing(tomllib.loads(text))


def test_a_carrier_that_does_not_exist_or_tells_no_rates_is_refused_by_name() -> None:
    policy = SourcingPolicy(quotes=QuoteTerms(carriers=("swift", "gone")))
    with pytest.raises(Refused, match=r"quotes\.carriers\[1\]: there is no carrier 'gone'; there are swift"):
        require_known(policy, (), (), ("swift",))
    require_quoting(policy, bool)
    with pytest.raises(Refused, match=r"quotes\.carriers\[1\]: 'gone' tells no rates"):
        require_quoting(policy, lambda carrier: carrier == "swift")
