"""Barriers between goods and places, one reason at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.barrier import BARRIERS, barriers_of, keep_out, leave_none
from domain.customs import UNIONS, crosses_border, territory_of
from domain.order import KEEPS_STOCK, HoldReason
from domain.restriction import Restriction
from domain.snapshot import Demand, Snapshot, postal_zone_of
from tests.builders import BERLIN, MUNICH, TEA, location

_countries = st.sampled_from(["DE", "AT", "CH", "LI", "GB", "US", "GP"])
_restrictions = st.frozensets(st.sampled_from(Restriction), max_size=3)


def snapshot(*, pickup: str | None = None, country: str = "DE", abroad: str = "DE") -> Snapshot:
    """Return an order that looks at Berlin, and at Munich, wherever that lies."""
    return Snapshot(
        delivery="pickup" if pickup else "ship",
        pickup_location=pickup,
        country=country,
        demands=(),
        locations=(location(BERLIN), location(MUNICH, country=abroad)),
        stock={},
    )


def demand(*restrictions: Restriction) -> Demand:
    return Demand(line_id="1", sku=TEA, quantity=1, restrictions=frozenset(restrictions))


@pytest.mark.parametrize(
    ("origin", "destination", "border"),
    [("DE", "DE", False), ("DE", "MC", False), ("DE", "CH", True), ("FR", "GP", True), ("GB", "IM", False),
     ("GB", "JE", True), ("CH", "LI", False), ("XX", "YY", True)],
)  # fmt: skip
def test_a_border_is_where_no_union_says_otherwise(origin: str, destination: str, border: bool) -> None:  # noqa: FBT001 - the expectation
    assert crosses_border(origin, destination) is crosses_border(destination, origin) is border


@pytest.mark.parametrize(
    ("country", "postal_code", "territory", "border"),
    [("ES", "35001", "IC", True), ("ES", "28013", "ES", False), ("ES", "52001", "EA", True),
     ("FI", "22100", "AX", True), ("FR", "97410", "RE", True), ("FR", "98000", "FR", False),
     ("GB", "bt1 5gs", "XI", False),
     ("GB", "JE2 3AB", "JE", True), ("NO", "9170", "SJ", True), ("DE", "78224", "DE", False), ("FR", "", "FR", False)],
)  # fmt: skip
def test_a_part_of_a_country_beyond_its_customs_border_is_told_by_its_postal_code(
    country: str,
    postal_code: str,
    territory: str,
    border: bool,  # noqa: FBT001 - the expectation
) -> None:
    found = territory_of(country, postal_zone_of(postal_code))
    assert (found, crosses_border("DE", found)) == (territory, border)


def test_goods_for_a_part_of_a_country_beyond_its_border_are_barred_from_the_rest_of_it() -> None:
    canaries = snapshot(country="ES", abroad="IC").model_copy(update={"postal_zone": "350"})
    assert barriers_of(demand(), canaries, declared=False) == {HoldReason.CUSTOMS_DATA: frozenset({BERLIN})}


def test_no_country_is_in_two_unions() -> None:
    assert sum(map(len, UNIONS)) == len(frozenset[str]().union(*UNIONS))


def test_stock_is_kept_behind_every_barrier() -> None:
    assert all(KEEPS_STOCK[reason] for reason in BARRIERS)


def test_goods_that_may_go_anywhere_meet_no_barrier() -> None:
    assert barriers_of(demand(), snapshot(abroad="CH"), declared=True) == {}
    assert barriers_of(demand(), snapshot(), declared=False) == {}


def test_only_places_across_the_border_are_barred_for_lack_of_customs_data() -> None:
    found = barriers_of(demand(), snapshot(abroad="CH"), declared=False)
    assert found == {HoldReason.CUSTOMS_DATA: frozenset({MUNICH})}


def test_a_pickup_crosses_no_border() -> None:
    assert barriers_of(demand(), snapshot(pickup=MUNICH, country="", abroad="CH"), declared=False) == {}


def test_an_order_whose_country_nobody_knows_yet_meets_its_border_when_it_is_planned_for_one() -> None:
    assert barriers_of(demand(), snapshot(country=""), declared=False) == {}
    assert HoldReason.CUSTOMS_DATA in barriers_of(demand(), snapshot(country="CH"), declared=False)


def test_barriers_leave_no_place_when_together_they_stand_before_each() -> None:
    both = {HoldReason.RESTRICTED: frozenset({BERLIN}), HoldReason.CUSTOMS_DATA: frozenset({MUNICH})}
    assert leave_none(both, snapshot())
    assert not leave_none({HoldReason.RESTRICTED: frozenset({BERLIN})}, snapshot())
    assert leave_none({HoldReason.RESTRICTED: frozenset({BERLIN})}, snapshot(pickup=BERLIN))


@pytest.mark.parametrize("restriction", [Restriction.AGE_18, Restriction.SERIAL])
def test_a_pickup_that_an_operator_moves_meets_its_barriers_there(restriction: Restriction) -> None:
    moved = snapshot(pickup=BERLIN).model_copy(update={"only": MUNICH})
    assert MUNICH in frozenset[str]().union(*barriers_of(demand(restriction), moved, declared=True).values())


def test_reasons_add_up() -> None:
    found = barriers_of(demand(Restriction.AGE_18, Restriction.LOT), snapshot(pickup=BERLIN), declared=True)
    assert found == dict.fromkeys(
        (HoldReason.RESTRICTED, HoldReason.AGE_CHECK, HoldReason.TRACING), frozenset({BERLIN})
    )


@given(_restrictions, _countries, _countries, st.booleans(), st.sampled_from([None, BERLIN]))
def test_behind_its_barriers_a_demand_never_goes_from_a_barred_place(
    restrictions: frozenset[Restriction],
    country: str,
    abroad: str,
    declared: bool,  # noqa: FBT001 - given
    pickup: str | None,
) -> None:
    wanted = demand(*restrictions)
    found = barriers_of(wanted, snapshot(pickup=pickup, country=country, abroad=abroad), declared=declared)
    kept = keep_out(wanted, found)
    for reason, places in found.items():
        barred = reason is HoldReason.RESTRICTED and bool(kept.restrictions)
        assert barred or places <= kept.refused_by
    assert keep_out(wanted, {}).restrictions == frozenset()
