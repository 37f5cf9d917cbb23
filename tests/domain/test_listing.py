"""The ladder on which a line finds its SKU."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.errors import Conflict
from domain.listing import Candidate, Listing, Rule, Rung, Unmatched, check_claims, choose, fold_case

_SKUS = ("A", "B", "C")


@st.composite
def answers(draw: st.DrawFn) -> list[Candidate]:
    """Draw what a catalogue may say of one line."""
    return draw(
        st.lists(
            st.builds(
                Candidate,
                line_id=st.just("1"),
                rung=st.sampled_from(Rung),
                sku=st.sampled_from(_SKUS),
                units=st.integers(1, 2),
                retired=st.booleans(),
                place=st.integers(0, 1),
            ),
            max_size=6,
        )
    )


@given(answers())
def test_the_first_rung_with_any_answer_decides_and_two_answers_are_none(found: list[Candidate]) -> None:
    chosen = choose(found)
    if not found:
        assert isinstance(chosen, Unmatched)
        assert chosen.code == "unmatched"
        return
    first = min((list(Rung).index(answer.rung), answer.place) for answer in found)
    level = [answer for answer in found if (list(Rung).index(answer.rung), answer.place) == first]
    meant = {(answer.sku, answer.units) for answer in level if not answer.retired}
    if isinstance(chosen, Unmatched):
        assert chosen.code == ("ambiguous" if meant else "retired")
        assert len(meant) != 1
    else:
        assert meant == {(chosen.sku, chosen.units)}
        assert (list(Rung).index(chosen.rung), chosen.place) == first


@given(answers(), st.randoms())
def test_the_order_in_which_answers_come_means_nothing(found: list[Candidate], shuffled: st.DataObject) -> None:
    mixed = list(found)
    shuffled.shuffle(mixed)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - a Random
    assert choose(mixed) == choose(found)


def test_a_held_line_says_why() -> None:
    two = [Candidate(line_id="1", rung=Rung.GTIN, sku=sku) for sku in "BA"]
    chosen = choose(two)
    assert isinstance(chosen, Unmatched)
    assert chosen.why == "by gtin it may be 1 x A or 1 x B"


@pytest.mark.parametrize(
    ("rule", "code", "wanted"),
    [
        ({"prefix": "AMZ-"}, "AMZ-TEA", "TEA"),
        ({"prefix": "AMZ-"}, "TEA", ""),
        ({"prefix": "AMZ-"}, "AMZ-", ""),
        ({"prefix": "amz-"}, "AMZ-TEA", ""),
        ({"prefix": "amz-", "folds_case": True}, "AMZ-TEA", "tea"),
        ({"suffix": "_FBA"}, "TEA_FBA", "TEA"),
        ({"prefix": "X", "suffix": "X"}, "X", ""),
        ({"prefix": "AB", "suffix": "BC"}, "ABC", ""),
        ({"prefix": "AB", "suffix": "BC"}, "ABxBC", "x"),
        ({"folds_case": True}, "Tea", "tea"),
    ],
)
def test_a_rule_rewrites_or_abstains(rule: dict[str, object], code: str, wanted: str) -> None:
    assert Rule.model_validate({"account": "shop", "position": 1} | rule).rewrite(code) == wanted


def test_a_rule_that_does_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="does nothing"):
        Rule(account="shop", position=1)


def test_only_letters_that_fold_alike_everywhere_are_folded() -> None:
    assert fold_case("TEA-İÄ-1") == "tea-İÄ-1"


def test_one_listing_id_has_one_meaning() -> None:
    tea, mug = Listing(listing_id="L1", sku="TEA"), Listing(listing_id="L1", sku="MUG")
    check_claims([tea], {"L1": tea})
    with pytest.raises(Conflict, match="L1 is named twice"):
        check_claims([tea, mug], {})
    with pytest.raises(Conflict, match="means 1 x TEA already, not 1 x MUG"):
        check_claims([mug], {"L1": tea})
    with pytest.raises(Conflict, match="not 6 x TEA"):
        check_claims([tea.model_copy(update={"units": 6})], {"L1": tea})
