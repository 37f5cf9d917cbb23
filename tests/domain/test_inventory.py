"""Stock arithmetic."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.inventory import AdjustReason, Claim, InventoryLevel, check_adjustment, sum_claims

CLAIMS = st.lists(
    st.builds(
        Claim,
        sku=st.sampled_from(["TEA-1", "MUG-1", "mug-1"]),
        location=st.sampled_from(["BER", "MUC"]),
        quantity=st.integers(1, 50),
    ),
    max_size=12,
)


@given(CLAIMS)
def test_no_unit_is_lost_when_claims_are_summed(claims: list[Claim]) -> None:
    wanted: Counter[tuple[str, str]] = Counter()
    for claim in claims:
        wanted[claim.sku, claim.location] += claim.quantity
    assert {(claim.sku, claim.location): claim.quantity for claim in sum_claims(claims)} == wanted


@given(CLAIMS.flatmap(lambda claims: st.tuples(st.just(claims), st.permutations(claims))))
def test_claims_come_in_one_order_however_they_were_given(both: tuple[list[Claim], list[Claim]]) -> None:
    claims, shuffled = both
    places = [(claim.location, claim.sku) for claim in sum_claims(shuffled)]
    assert places == sorted(set(places))
    assert sum_claims(shuffled) == sum_claims(claims)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_no_more_can_be_promised_than_is_free_and_never_less_than_nothing(
    on_hand: int, reserved: int, safety: int
) -> None:
    level = InventoryLevel(sku="TEA-1", location="BER", on_hand=on_hand, reserved=reserved, safety=safety)
    assert level.available == max(0, on_hand - reserved - safety)


@pytest.mark.parametrize(
    ("reason", "delta"), [(AdjustReason.DAMAGED, 1), (AdjustReason.THEFT, 2), (AdjustReason.FOUND, -1)]
)
def test_a_correction_that_its_reason_cannot_mean_is_refused(reason: AdjustReason, delta: int) -> None:
    with pytest.raises(Refused, match=f"give {-delta}"):
        check_adjustment(reason, delta)
    check_adjustment(reason, -delta)


def test_a_correction_of_nothing_is_refused_and_a_wrong_entry_goes_both_ways() -> None:
    with pytest.raises(Refused):
        check_adjustment(AdjustReason.DATA_ENTRY, 0)
    for delta in (1, -1):
        check_adjustment(AdjustReason.DATA_ENTRY, delta)


def test_what_is_set_aside_for_others_is_not_available() -> None:
    assert InventoryLevel(sku="A", location="B", on_hand=9, reserved=2, safety=1, set_aside=4).available == 2
