"""Kits and packs against a naive model: unpack one unit after the other."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.kit import MAX_COMPONENTS, MAX_DEPTH, MAX_UNITS, KitPart, Kits, check_kit, explode, mean, share_price
from domain.listing import Candidate, Matched, Rung, Unmatched

_SHALLOW = 3


@st.composite
def kits(draw: st.DrawFn) -> Kits:
    """Draw kits K0, K1, … of which each may hold later ones, and goods G0, G1, …."""
    count = draw(st.integers(1, 4))
    found: dict[str, tuple[KitPart, ...]] = {}
    for number in range(count):
        choices = [f"K{later}" for later in range(number + 1, count)] + [f"G{good}" for good in range(4)]
        codes = draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4, unique=True))
        found[f"K{number}"] = tuple(
            KitPart(sku=code, units=draw(st.integers(1, 4)), worth=draw(st.integers(0, 5))) for code in codes
        )
    return found


def _unpack(sku: str, known: Kits) -> Counter[str]:
    goods: Counter[str] = Counter()
    for part in known.get(sku, ()):
        for _ in range(part.units):
            goods += _unpack(part.sku, known)
    return goods if sku in known else Counter([sku])


@given(kits(), st.integers(1, 6), st.integers(0, 100_000))
def test_an_exploded_kit_holds_what_unpacking_it_shows(known: Kits, units: int, price: int) -> None:
    found = explode("K0", units, known, price)
    naive = _unpack("K0", known)
    assert {part.sku: part.units for part in found} == {sku: units * count for sku, count in naive.items()}
    assert [part.sku for part in found] == sorted(naive)
    assert sum(part.share for part in found) == price
    assert all(part.share >= 0 for part in found)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 100), min_size=1, max_size=20).filter(any))
def test_shares_add_up_and_are_no_minor_unit_away_from_exact(price: int, weights: list[int]) -> None:
    exact = {f"S{place:02}": Fraction(price * weight, sum(weights)) for place, weight in enumerate(weights)}
    shares = share_price(price, exact)
    assert sum(shares.values()) == price
    assert all(abs(shares[sku] - exact[sku]) < 1 for sku in exact)


def test_a_share_follows_the_worth_of_the_parts() -> None:
    known = {"SET": (KitPart(sku="POT", units=1, worth=30), KitPart(sku="CUP", units=4, worth=5))}
    assert [(part.sku, part.units, part.share) for part in explode("SET", 1, known, 1001)] == [
        ("CUP", 4, 400),
        ("POT", 1, 601),
    ]


def test_a_pack_of_what_is_no_kit_is_units_of_it() -> None:
    (part,) = explode("TEA", 6, {}, 999)
    assert (part.sku, part.units, part.share) == ("TEA", 6, 999)


def test_a_kit_that_contains_itself_is_refused_with_the_way() -> None:
    known = {"A": (KitPart(sku="B", units=1),), "B": (KitPart(sku="C", units=1),)}
    with pytest.raises(Refused, match="C > A > B > C"):
        check_kit("C", (KitPart(sku="A", units=1),), known, dict.fromkeys("ABC", False))
    with pytest.raises(Refused, match="A > A"):
        check_kit("A", (KitPart(sku="A", units=1),), {}, {"A": False})


def _chain(length: int) -> Kits:
    return {f"K{number}": (KitPart(sku=f"K{number + 1}", units=1),) for number in range(length)}


def test_kits_nest_only_so_deep() -> None:
    assert [part.sku for part in explode("K0", 1, _chain(MAX_DEPTH))] == [f"K{MAX_DEPTH}"]
    for length in (MAX_DEPTH + 1, 2000):
        with pytest.raises(Refused, match="nest deeper"):
            explode("K0", 1, _chain(length))


def test_a_kit_is_of_bounded_size() -> None:
    wide = {"K": tuple(KitPart(sku=f"G{number}", units=1) for number in range(MAX_COMPONENTS + 1))}
    with pytest.raises(Refused, match=f"at most {MAX_COMPONENTS}"):
        explode("K", 1, wide)
    heavy = {"K": (KitPart(sku="G", units=MAX_UNITS),)}
    assert explode("K", 1, heavy)[0].units == MAX_UNITS
    with pytest.raises(Refused, match="units to pick"):
        explode("K", 2, heavy)


def test_kits_that_share_kits_many_times_over_are_exploded_at_once() -> None:
    layer = [f"G{number}" for number in range(50)]
    known: dict[str, tuple[KitPart, ...]] = {}
    for depth in range(_SHALLOW):
        codes = [f"L{depth}-{number}" for number in range(50)]
        known |= {code: tuple(KitPart(sku=below, units=1) for below in layer) for code in codes}
        layer = codes
    with pytest.raises(Refused, match="units to pick"):
        explode(layer[0], 1, known)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "empty-kit"),
        ([("TEA", 1), ("TEA", 2)], "part-named-twice"),
        ([("NOPE", 1)], "no-sku"),
        ([("OLD", 1)], "retired-sku"),
        ([("BOX", 1)], "retired-sku"),
    ],
)
def test_what_could_not_be_picked_is_refused_when_it_is_declared(parts: list[tuple[str, int]], code: str) -> None:
    known = {"BOX": (KitPart(sku="OLD", units=1),)}
    states = {"TEA": False, "OLD": True, "BOX": False}
    with pytest.raises(Refused) as refusal:
        check_kit("SET", tuple(KitPart(sku=sku, units=units) for sku, units in parts), known, states)
    assert refusal.value.code == code


@pytest.mark.parametrize("units", [0, -1, MAX_UNITS + 1])
def test_no_units_or_too_many_make_no_part(units: int) -> None:
    with pytest.raises(ValueError, match="units"):
        KitPart(sku="TEA", units=units)


def test_what_a_chosen_candidate_means_carries_its_rung() -> None:
    known = {"SET": (KitPart(sku="TEA", units=2),)}
    chosen = Candidate(line_id="1", rung=Rung.ALIAS, sku="SET", units=3)
    means = mean(chosen, known, frozenset(), 600)
    assert isinstance(means, Matched)
    assert (means.sku, means.matched_by, means.is_plain) == ("SET", Rung.ALIAS, False)
    assert [(part.sku, part.units, part.share) for part in means.components] == [("TEA", 6, 600)]


def test_a_kit_that_became_impossible_holds_its_line() -> None:
    chosen = Candidate(line_id="1", rung=Rung.LISTING, sku="A")
    in_itself = {"A": (KitPart(sku="B", units=1),), "B": (KitPart(sku="A", units=1),)}
    held = mean(chosen, in_itself, frozenset(), 0)
    assert isinstance(held, Unmatched)
    assert held.code == "impossible"
    gone = mean(chosen, {"A": (KitPart(sku="OLD", units=1),)}, frozenset({"OLD"}), 0)
    assert isinstance(gone, Unmatched)
    assert (gone.code, "OLD" in gone.why) == ("retired", True)
