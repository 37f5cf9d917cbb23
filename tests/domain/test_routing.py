"""Routing: which location sends which units."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fulfillment_plan import FulfillmentPlan, Verdict
from domain.inventory import InventoryLevel
from domain.location import Location
from domain.routing import explain, plan_fulfillment
from domain.snapshot import Demand, Snapshot, stock_of
from tests.builders import MUG, TEA, level, location

CODES = ["AAH", "BER", "MUC", "ZRH"]
CODE = st.sampled_from(CODES)
SKU = st.sampled_from([TEA, MUG, "CUP-1"])


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw up to six demands, four locations and any stock."""
    lines = draw(st.lists(st.tuples(SKU, st.integers(1, 8), st.frozensets(CODE, max_size=2)), min_size=1, max_size=6))
    demands = tuple(
        Demand(line_id=str(number), sku=sku, quantity=units, refused_by=refused)
        for number, (sku, units, refused) in enumerate(lines)
    )
    flags = st.booleans()
    places = tuple(
        location(code, ships=draw(flags), pickup=draw(flags), open=draw(flags), rank=draw(st.integers(1, 3)))
        for code in draw(st.lists(CODE, unique=True))
    )
    stock = draw(st.dictionaries(st.tuples(SKU, CODE), st.tuples(st.integers(0, 15), st.integers(0, 5))))
    levels = tuple(level(sku, code, on_hand, reserved=taken) for (sku, code), (on_hand, taken) in stock.items())
    return Snapshot(
        delivery=draw(st.sampled_from(["ship", "pickup"])),
        pickup_location=draw(st.none() | CODE),
        demands=demands,
        locations=places,
        stock=stock_of(levels),
        only=draw(st.none() | CODE),
    )


@given(snapshots())
def test_a_plan_never_takes_more_than_is_available(snapshot: Snapshot) -> None:
    taken: Counter[tuple[str, str]] = Counter()
    for part in plan_fulfillment(snapshot).parts:
        assert part.quantity > 0
        taken[part.sku, part.location] += part.quantity
    available = _available(snapshot)
    assert all(units <= available.get(place, 0) for place, units in taken.items())


@given(snapshots())
def test_a_line_is_planned_whole_or_not_at_all(snapshot: Snapshot) -> None:
    plan = plan_fulfillment(snapshot)
    planned: Counter[str] = Counter()
    for part in plan.parts:
        planned[part.line_id] += part.quantity
    short = {demand.line_id for demand in plan.short}
    for demand in snapshot.demands:
        assert planned[demand.line_id] == (0 if demand.line_id in short else demand.quantity)


@given(snapshots())
def test_a_plan_only_asks_places_that_may_do_it(snapshot: Snapshot) -> None:
    places = {place.code: place for place in snapshot.locations}
    demands = {demand.line_id: demand for demand in snapshot.demands}
    for part in plan_fulfillment(snapshot).parts:
        place = places[part.location]
        assert place.open
        assert part.sku == demands[part.line_id].sku
        assert part.location not in demands[part.line_id].refused_by
        assert snapshot.only in {None, part.location}
        if snapshot.delivery == "ship":
            assert place.ships
        else:
            assert place.pickup
            assert part.location == (snapshot.only or snapshot.pickup_location)


@given(snapshots())
def test_a_line_is_short_only_when_all_places_together_have_too_little_left(snapshot: Snapshot) -> None:
    plan = plan_fulfillment(snapshot)
    left = _available(snapshot)
    for part in plan.parts:
        left[part.sku, part.location] -= part.quantity
    short = {line.line_id for line in plan.short}
    for demand in (each for each in snapshot.demands if each.line_id in short):
        codes = [place.code for place in snapshot.locations if _may_send(snapshot, place)]
        free = sum(left.get((demand.sku, code), 0) for code in codes if code not in demand.refused_by)
        assert free < demand.quantity


@given(snapshots())
def test_one_place_sends_everything_if_there_is_one_that_can(snapshot: Snapshot) -> None:
    able = [place.code for place in snapshot.locations if _may_send(snapshot, place) and _has_all(snapshot, place.code)]
    if able:
        plan = plan_fulfillment(snapshot)
        assert plan.short == ()
        assert len({part.location for part in plan.parts}) == 1
        ranks = {place.code: (place.rank, place.code) for place in snapshot.locations}
        assert plan.parts[0].location == min(able, key=lambda code: ranks[code])


@given(snapshots())
def test_the_same_snapshot_has_the_same_plan_and_a_reason_for_every_location(snapshot: Snapshot) -> None:
    plan = plan_fulfillment(snapshot)
    assert plan_fulfillment(snapshot) == plan
    chosen = {part.location for part in plan.parts}
    for place, reason in zip(snapshot.locations, explain(snapshot, plan), strict=True):
        assert reason.location == place.code
        assert (reason.verdict is Verdict.CHOSEN) is (place.code in chosen)
        assert reason.why
        assert (reason.by is not None) is (reason.verdict is Verdict.LOST)


def test_a_place_that_ranks_first_is_asked_first() -> None:
    places = (location("BER", rank=2), location("MUC", rank=1))
    plan = _plan((level(TEA, "BER", 5), level(TEA, "MUC", 5)), {"1": 2}, places)
    assert _taken(plan) == {("1", "MUC"): 2}


def test_a_place_that_can_send_more_lines_is_preferred_to_one_that_ranks_first() -> None:
    places = (location("BER", rank=1), location("MUC", rank=9))
    levels = (level(TEA, "BER", 5), level(TEA, "MUC", 5), level(MUG, "MUC", 5))
    plan = _plan(levels, {"1": 2, "2": 2}, places, skus={"2": MUG})
    assert _taken(plan) == {("1", "MUC"): 2, ("2", "MUC"): 2}


def test_lines_are_split_over_places_when_none_has_all() -> None:
    levels = (level(TEA, "BER", 5), level(MUG, "MUC", 5))
    plan = _plan(levels, {"1": 2, "2": 2}, skus={"2": MUG})
    assert _taken(plan) == {("1", "BER"): 2, ("2", "MUC"): 2}


def test_one_line_is_split_when_no_place_has_enough_of_it() -> None:
    plan = _plan((level(TEA, "BER", 3), level(TEA, "MUC", 4)), {"1": 6})
    assert _taken(plan) == {("1", "BER"): 3, ("1", "MUC"): 3}


def test_a_line_that_all_places_together_cannot_fill_is_short() -> None:
    plan = _plan((level(TEA, "BER", 3), level(TEA, "MUC", 2)), {"1": 6})
    assert (_taken(plan), [demand.line_id for demand in plan.short]) == ({}, ["1"])


def test_two_lines_of_one_sku_do_not_get_the_same_unit() -> None:
    plan = _plan((level(TEA, "BER", 3),), {"1": 2, "2": 2})
    assert (_taken(plan), [demand.line_id for demand in plan.short]) == ({("1", "BER"): 2}, ["2"])


def test_a_place_that_said_no_is_not_asked_again() -> None:
    demand = Demand(line_id="1", sku=TEA, quantity=2, refused_by=frozenset({"BER"}))
    levels = (level(TEA, "BER", 9), level(TEA, "MUC", 2))
    assert _taken(_plan(levels, {}, demands=(demand,))) == {("1", "MUC"): 2}


@pytest.mark.parametrize("only", [None, "MUC"])
def test_a_pickup_is_planned_at_its_own_location_unless_it_is_rerouted(only: str | None) -> None:
    snapshot = Snapshot(
        delivery="pickup",
        pickup_location="BER",
        demands=(Demand(line_id="1", sku=TEA, quantity=1),),
        locations=(location("BER"), location("MUC")),
        stock=stock_of((level(TEA, "BER", 1), level(TEA, "MUC", 9))),
        only=only,
    )
    assert _taken(plan_fulfillment(snapshot)) == {("1", only or "BER"): 1}


def test_safety_stock_is_not_promised() -> None:
    assert _plan((level(TEA, "BER", 5, safety=4),), {"1": 2}).short


def _plan(
    levels: tuple[InventoryLevel, ...],
    quantities: dict[str, int],
    places: tuple[Location, ...] = (location("BER"), location("MUC")),
    *,
    skus: dict[str, str] | None = None,
    demands: tuple[Demand, ...] = (),
) -> FulfillmentPlan:
    wanted = tuple(
        Demand(line_id=line_id, sku=(skus or {}).get(line_id, TEA), quantity=units)
        for line_id, units in quantities.items()
    )
    snapshot = Snapshot(
        delivery="ship", pickup_location=None, demands=wanted + demands, locations=places, stock=stock_of(levels)
    )
    return plan_fulfillment(snapshot)


def _taken(plan: FulfillmentPlan) -> dict[tuple[str, str], int]:
    return {(part.line_id, part.location): part.quantity for part in plan.parts}


def _may_send(snapshot: Snapshot, place: Location) -> bool:
    if snapshot.delivery == "pickup":
        return place.open and place.pickup and place.code == (snapshot.only or snapshot.pickup_location)
    return place.open and place.ships and snapshot.only in {None, place.code}


def _has_all(snapshot: Snapshot, code: str) -> bool:
    wanted: Counter[str] = Counter()
    for demand in snapshot.demands:
        wanted[demand.sku] += demand.quantity
    stock = {sku: units for (sku, where), units in _available(snapshot).items() if where == code}
    willing = all(code not in demand.refused_by for demand in snapshot.demands)
    return willing and all(stock.get(sku, 0) >= units for sku, units in wanted.items())


def _available(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    return {(sku, code): units for sku, places in snapshot.stock.items() for code, units in places.items()}
