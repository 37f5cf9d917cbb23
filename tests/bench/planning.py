"""Planning, measured: how long a plan takes for 1, 10 and 50 lines over 10, 100 and 1,000 locations.

Included are the filters, calendars, rate tables, the search with its proof, and the cost of the plan. As in a process
at work, locations and policy stay the same from order to order while stock, backlog and moment change. Not included:
the snapshot is parsed before, and the reasons of each location are worked out when somebody asks for them. Measured is
the processor time of the planning thread, so that whatever else the machine does is left out.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from statistics import median

from domain.location import Location
from domain.rates import Bracket, RateTable, Zone
from domain.routing import plan_fulfillment
from domain.snapshot import Demand, Snapshot
from domain.sourcing import SourcingPolicy

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_ZONES = ("Europe/Berlin", "Europe/Paris", "Europe/Warsaw", "Europe/Lisbon", "Europe/Helsinki")
_HOURS = ("mon-fri 08:00-18:00", "mon-sat 09:00-20:00", "")
_SHAPES = [(lines, places) for lines in (1, 10, 50) for places in (10, 100, 1000)]
_STEPS = (1_000, 2_000, 5_000, 10_000, 20_000, 31_500)
_SECONDS = 5.0


def planning_figures(seconds: float = _SECONDS) -> dict[str, float]:
    """Return milliseconds per plan, and how many plans are proved to be the best, in percent."""
    figures: dict[str, float] = {}
    for lines, places in _SHAPES:
        rng = random.Random(f"{lines}/{places}")  # noqa: S311 - a seeded load
        policy, world = _policy(rng), _locations(rng, places)
        plan_fulfillment(_snapshot(rng, policy, world, lines))
        taken: list[float] = []
        exact = 0
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends and len(taken) < 400:
            snapshot = _snapshot(rng, policy, world, lines)
            began = time.thread_time()
            plan = plan_fulfillment(snapshot)
            taken.append((time.thread_time() - began) * 1000)
            exact += plan.exact
        name = f"plan_ms_{lines}_line{'s' * (lines > 1)}_{places}_locations"
        figures[f"{name}_median"] = median(taken)
        figures[f"{name}_p99"] = sorted(taken)[len(taken) * 99 // 100]
        figures[f"{name}_exact_percent"] = 100 * exact / len(taken)
    return figures


def _policy(rng: random.Random) -> SourcingPolicy:
    """Return a policy with two carriers of two zones each."""
    tables = tuple(
        RateTable(
            carrier=carrier,
            zones=(_zone(rng, "home", 390, countries=("DE",), days=1), _zone(rng, "abroad", 890, days=3)),
        )
        for carrier in ("swift", "blind")
    )
    return SourcingPolicy(rates=tables, balance=60, spare_below=4)


def _zone(rng: random.Random, name: str, least: int, *, days: int, countries: tuple[str, ...] = ()) -> Zone:
    amounts = sorted(least + rng.randint(0, 160 * number) for number in range(len(_STEPS)))
    brackets = tuple(Bracket(up_to_grams=grams, amount=amount) for grams, amount in zip(_STEPS, amounts, strict=True))
    return Zone(name=name, countries=countries, days=days, brackets=brackets, further_kg=90)


def _locations(rng: random.Random, places: int) -> tuple[Location, ...]:
    return tuple(
        Location(
            code=f"L{number:04}",
            name=f"Location {number}",
            system="staff",
            needs_hand=True,
            rank=rng.choice((10, 20, 30)),
            carrier=rng.choice(("swift", "blind")),
            time_zone=rng.choice(_ZONES),
            country=rng.choice(("DE", "DE", "FR", "PL")),
            hours=rng.choice(_HOURS),
            cut_off=rng.choice(("", "14:00", "16:30")),
            daily_capacity=rng.choice((None, 20, 100)),
            handling=rng.randint(80, 300),
            handling_line=rng.randint(5, 40),
        )
        for number in range(places)
    )


def _snapshot(rng: random.Random, policy: SourcingPolicy, places: tuple[Location, ...], lines: int) -> Snapshot:
    """Return an order of different SKUs, of which each location has a third to nine tenths."""
    held = rng.choice((0.33, 0.6, 0.9))
    skus = [f"SKU-{number}" for number in range(lines)]
    snapshot = Snapshot(
        now=NOON + timedelta(minutes=rng.randint(0, 10_000)),
        account="shop",
        delivery="ship",
        pickup_location=None,
        country="DE",
        postal_zone="104",
        demands=tuple(
            Demand(
                line_id=sku, sku=sku, quantity=rng.choice((1, 1, 1, 2, 3)), grams=rng.randint(100, 2_500),
                ship_by=NOON + timedelta(days=rng.randint(0, 3)), deliver_by=NOON + timedelta(days=rng.randint(2, 9)),
            )
            for sku in skus
        ),
        locations=(),
        stock={sku: {place.code: rng.randint(1, 12) for place in places if rng.random() < held} for sku in skus},
        backlog={place.code: rng.randint(0, 70) for place in places if place.daily_capacity},
    )  # fmt: skip
    return snapshot.model_copy(update={"locations": places, "policy": policy})
