"""Suggestions: what speaks for a SKU, what against it, and who comes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.suggestion import KnownSku, Offer, is_sure, rank

GREEN = KnownSku(sku="TEA-GREEN-500", title="Green tea 500 g", brand="Acme")
SMALL = KnownSku(sku="TEA-GREEN-250", title="Green tea 250 g", brand="Acme")
BLACK = KnownSku(sku="TEA-BLACK-500", title="Black tea 500 g", brand="Acme", gtin="04006381333931")
MUGS = KnownSku(sku="MUG-6", title="Blue mug, pack of 6")
SHELF = (GREEN, SMALL, BLACK, MUGS)


def test_the_words_the_brand_and_the_size_agree() -> None:
    best, *others = rank(Offer(title="ACME Green-Tea, 0.5 kg"), SHELF)
    assert best.sku == GREEN.sku
    assert best.reasons == ("words in common: green, tea", "brand: acme", "the same size")
    assert next(other for other in others if other.sku == SMALL.sku).reasons[-1] == "another size"


@pytest.mark.parametrize(
    "title",
    ["6 x Green tea 500 g", "Green tea 500g, pack of 6", "Green tea 500 g (6er Pack)", "Green tea 6x500g", "6 pcs tea"],
)
def test_a_pack_is_units_of_what_is_in_it(title: str) -> None:
    suggestion = next(one for one in rank(Offer(title=title), SHELF) if one.sku == GREEN.sku)
    assert suggestion.units == 6
    assert "a pack of 6 is 6 units" in suggestion.reasons


def test_a_pack_of_packs_is_divided() -> None:
    (suggestion,) = rank(Offer(title="Blue mug - set of 12"), (MUGS,))
    assert suggestion.units == 2
    (single,) = rank(Offer(title="Blue mug"), (MUGS,))
    assert single.score < suggestion.score / 2
    assert single.reasons[-1] == "a pack of 1 is not made of packs of 6"


def test_a_code_speaks_where_the_title_does_not() -> None:
    best = rank(Offer(title="Grüner Tee", channel_sku="AMZ-TEA-GREEN-250"), SHELF)[0]
    assert (best.sku, "the codes are alike" in best.reasons) == (SMALL.sku, True)


def test_one_gtin_outweighs_words() -> None:
    best = rank(Offer(title="Thé noir", gtin="04006381333931"), SHELF)[0]
    assert (best.sku, best.score) == (BLACK.sku, 0.95)


def test_what_nothing_speaks_for_is_not_suggested() -> None:
    assert rank(Offer(title="Garden hose"), (MUGS,)) == ()
    assert rank(Offer(title=""), SHELF) == ()


def test_only_a_clear_winner_is_sure() -> None:
    assert is_sure(rank(Offer(title="Acme green tea 500 g"), SHELF))
    assert not is_sure(rank(Offer(title="Acme tea"), SHELF))
    twins = (GREEN, GREEN.model_copy(update={"sku": "TEA-GREEN-501"}))
    assert not is_sure(rank(Offer(title="Acme green tea 500 g"), twins))
    assert not is_sure(())


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=60))
def test_scores_are_between_nothing_and_certain(title: str, code: str, other: str) -> None:
    found = rank(Offer(title=title, channel_sku=code), (KnownSku(sku="X-1", title=other, brand=code), *SHELF))
    assert all(0 < one.score <= 1 and one.units >= 1 for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
