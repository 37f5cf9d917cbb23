"""What a location cannot send: whole sets of a line, and the goods that have left the shelf."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import RejectedLine
from domain.fulfillment import Fulfillment, FulfillmentLine
from domain.listing import Component
from domain.rejection import goods_lost, sets_rejected
from tests.builders import MUG, TEA, fulfillment

KIT = FulfillmentLine(
    line_id="kit", sku="SET", quantity=3, components=(Component(sku=MUG, units=2), Component(sku=TEA, units=1))
)
PACK = FulfillmentLine(line_id="pack", sku=TEA, quantity=2, components=(Component(sku=TEA, units=6),))
PLAIN = FulfillmentLine(line_id="plain", sku=TEA, quantity=4)
PART: Fulfillment = fulfillment().model_copy(update={"lines": (KIT, PACK, PLAIN)})


def row(line_id: str, quantity: int, sku: str = "", reason: str = "damaged") -> RejectedLine:
    return RejectedLine.model_validate({"line_id": line_id, "quantity": quantity, "reason": reason, "sku": sku})


def test_a_plain_line_is_rejected_by_units_whether_its_sku_is_named_or_not() -> None:
    for sku in ("", TEA):
        assert sets_rejected(PART, [row("plain", 2, sku)]) == {"plain": 2}
        assert goods_lost(PART, [row("plain", 2, sku)]) == {("plain", TEA): (2, "damaged")}


def test_one_missing_component_breaks_one_set_and_only_it_is_gone() -> None:
    assert sets_rejected(PART, [row("kit", 1, MUG)]) == {"kit": 1}
    assert sets_rejected(PART, [row("kit", 3, MUG), row("kit", 1, TEA)]) == {"kit": 2}
    assert goods_lost(PART, [row("kit", 3, MUG), row("kit", 1, TEA, "too_busy")]) == {("kit", MUG): (3, "damaged")}


def test_a_kit_that_was_rejected_whole_leaves_every_book_as_it_is() -> None:
    assert sets_rejected(PART, [row("kit", 2, "SET")]) == {"kit": 2}
    assert goods_lost(PART, [row("kit", 2, "SET"), row("kit", 1)]) == {}


def test_a_pack_is_counted_in_packs_unless_its_units_are_named() -> None:
    assert sets_rejected(PART, [row("pack", 1)]) == {"pack": 1}
    assert goods_lost(PART, [row("pack", 1)]) == {("pack", TEA): (6, "damaged")}
    assert sets_rejected(PART, [row("pack", 7, TEA)]) == {"pack": 2}
    assert goods_lost(PART, [row("pack", 7, TEA)]) == {("pack", TEA): (7, "damaged")}


@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from(["kit", "pack", "plain", "none"]),
            st.integers(1, 30),
            st.sampled_from(["", TEA, MUG, "SET", "?"]),
            st.sampled_from(["damaged", "not_found", "too_busy"]),
        ),
        max_size=6,
    )
)
def test_nothing_more_is_rejected_or_lost_than_there_was(rows: list[RejectedLine]) -> None:
    sets, lost = sets_rejected(PART, rows), goods_lost(PART, rows)
    lines = {line.line_id: line for line in PART.lines}
    assert all(0 < units <= lines[line_id].quantity for line_id, units in sets.items())
    for (line_id, sku), (units, reason) in lost.items():
        per_set = {own.sku: own.units for own in lines[line_id].made_of}[sku]
        assert 0 < units <= per_set * sets[line_id]
        assert reason != "too_busy"
