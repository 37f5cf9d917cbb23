"""The search against the best plan by brute force: never worse, on thousands of small orders."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from domain.fulfillment_plan import FulfillmentPlan
from domain.listing import Component
from domain.location import Location
from domain.restriction import Restriction
from domain.routing import plan_fulfillment
from domain.snapshot import Demand, Snapshot
from domain.sourcing import ChannelTerms, SourcingPolicy
from tests.builders import location
from tests.domain.planning.plan_brute_force import Way, least_cost, plan_cost

CODES = ("AAH", "BER", "MUC", "ZRH")
SKUS = ("TEA", "MUG", "CUP", "POT")
ORDERS = 1000
NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)


def small_order(rng: random.Random, *, apart: bool) -> Snapshot:
    """Return an order of up to three lines over up to four places; `apart`: no two lines want the same goods."""
    codes = CODES[: rng.randint(1, 4)]
    skus = rng.sample(SKUS, 3) if apart else [rng.choice(SKUS[:2]) for _ in range(3)]
    demands = tuple(
        Demand(
            line_id=str(number),
            sku=sku,
            quantity=rng.choice((1, 1, 2, 3, 4)),
            components=rng.choice(((), (), (Component(sku=sku, units=2),))) if apart else (),
            grams=rng.choice((100, 400, 900)),
            refused_by=frozenset(code for code in codes if rng.random() < 0.1),
        )
        for number, sku in enumerate(skus[: rng.randint(1, 3)])
    )
    places = tuple(
        location(
            code, rank=rng.randint(0, 9), carrier=rng.choice(("swift", "blind")), handling=rng.randint(0, 300),
            handling_line=rng.randint(0, 60),
        )
        for code in codes
    )  # fmt: skip
    stock = {sku: {code: rng.randint(0, 5) for code in codes} for sku in skus}
    return Snapshot(delivery="ship", pickup_location=None, country="DE", demands=demands, locations=places, stock=stock)


def flat_policy(rng: random.Random) -> SourcingPolicy:
    """Return a policy under which the weight of a parcel does not matter."""
    return SourcingPolicy(
        flat_rate=rng.randint(0, 900),
        split=rng.choice((0, 100, 1000)),
        split_line=rng.choice((0, 50, 500, 5000)),
        rank=rng.choice((0, 1, 40)),
        effort=1_000_000,
    )


def heavy_policy(rng: random.Random) -> SourcingPolicy:
    """Return one under which it does, and under which low shelves are spared."""
    tables = [
        {"carrier": carrier, "zones": [{"name": "all", "brackets": [
            {"up_to_grams": 500, "amount": rng.randint(100, 300)},
            {"up_to_grams": 2000, "amount": rng.randint(300, 700)},
            {"up_to_grams": 30000, "amount": rng.randint(700, 2000)},
        ]}]}
        for carrier in ("swift", "blind")
    ]  # fmt: skip
    costs = {"split": rng.choice((0, 100)), "split_line": rng.choice((0, 300)), "balance": rng.choice((0, 90))}
    return SourcingPolicy.model_validate({"rates": tables, "effort": 1_000_000, **costs})


@pytest.mark.parametrize("seed", range(3))
def test_no_plan_is_better_where_only_places_count(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a seeded load
    for _ in range(ORDERS):
        snapshot = small_order(rng, apart=False).model_copy(update={"policy": flat_policy(rng)})
        _assert_best(snapshot)


@pytest.mark.parametrize("seed", range(3))
def test_no_plan_is_better_where_weights_and_low_shelves_count(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a seeded load
    for _ in range(ORDERS):
        snapshot = small_order(rng, apart=seed > 0).model_copy(update={"policy": heavy_policy(rng)})
        _assert_best(snapshot)


@pytest.mark.parametrize("seed", range(2))
def test_no_plan_is_better_where_dates_backlog_restrictions_and_terms_count(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a seeded load
    for _ in range(ORDERS // 2):
        order = small_order(rng, apart=seed > 0)
        policy = heavy_policy(rng).model_copy(update={"late_day": rng.choice((0, 90, 800)), "backlog_days": 2})
        if rng.random() < 0.2:
            policy = policy.model_copy(update={"channels": {"": ChannelTerms(may_split=False)}})
        places = tuple(_in_time(place, rng) for place in order.locations)
        demands = tuple(_promised(demand, rng) for demand in order.demands)
        backlog = {place.code: rng.randint(0, 5) for place in places if place.daily_capacity}
        changes = {"now": NOW, "locations": places, "demands": demands, "backlog": backlog, "policy": policy}
        _assert_best(order.model_copy(update=changes))


def _in_time(place: Location, rng: random.Random) -> Location:
    """Return a place with hours of its own; the clocks change in some of the zones within the next days."""
    changes: dict[str, object] = {
        "time_zone": rng.choice(("Europe/Berlin", "Asia/Tokyo", "America/New_York")),
        "hours": rng.choice(("", "mon-fri 08:00-18:00")),
        "cut_off": rng.choice(("", "02:30", "09:00", "24:00")),
        "daily_capacity": rng.choice((None, None, 2)),
        "handles": rng.choice((frozenset(), frozenset({Restriction.AEROSOL}))),
    }
    return place.model_copy(update=changes)


def _promised(demand: Demand, rng: random.Random) -> Demand:
    changes: dict[str, object] = {
        "ship_by": rng.choice((None, NOW + timedelta(hours=rng.randint(-50, 80)))),
        "deliver_by": rng.choice((None, NOW + timedelta(hours=rng.randint(0, 120)))),
        "restrictions": rng.choice((frozenset(), frozenset(), frozenset({Restriction.AEROSOL}))),
    }
    return demand.model_copy(update=changes)


@pytest.mark.parametrize("seed", range(2))
def test_no_set_of_places_is_better_for_many_lines(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a seeded load
    for _ in range(20):
        order = small_order(rng, apart=True)
        places = tuple(location(code, rank=rng.randint(0, 9), handling_line=rng.randint(0, 900)) for code in CODES)
        skus = [f"SKU-{number}" for number in range(5)]
        demands = tuple(Demand(line_id=sku, sku=sku, quantity=1, grams=rng.choice((100, 400, 900))) for sku in skus)
        stock = {sku: {code: rng.choice((0, 1, 4)) for code in CODES} for sku in skus}
        many = {"locations": places, "demands": demands, "stock": stock, "policy": heavy_policy(rng)}
        _assert_best(order.model_copy(update=many))


@pytest.mark.parametrize("seed", range(2))
def test_with_little_effort_the_gap_holds_the_best_plan(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a seeded load
    for _ in range(ORDERS):
        policy = flat_policy(rng).model_copy(update={"effort": rng.randint(1, 6)})
        snapshot = small_order(rng, apart=False).model_copy(update={"policy": policy})
        plan = plan_fulfillment(snapshot)
        short, cost = least_cost(snapshot)
        assert len(plan.short) - plan.perhaps_served <= short <= len(plan.short)
        if short == len(plan.short) and not plan.perhaps_served:
            assert plan.cost.counted - plan.gap <= cost <= plan.cost.counted
        if plan.exact:
            assert (len(plan.short), plan.cost.counted) == (short, cost)


def _assert_best(snapshot: Snapshot) -> None:
    plan = plan_fulfillment(snapshot)
    assert plan.exact
    counted = plan_cost(snapshot, _by_line(plan))
    assert counted == (len(plan.short), plan.cost.counted), snapshot
    assert counted == least_cost(snapshot), snapshot


def _by_line(plan: FulfillmentPlan) -> dict[str, Way]:
    ways: dict[str, Way] = {}
    for part in plan.parts:
        ways.setdefault(part.line_id, {})[part.location] = part.quantity
    return ways
