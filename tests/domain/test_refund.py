"""The debt to a buyer: it only grows, unit by unit, and ends at exactly what was captured."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.kit import KitPart, explode
from domain.order import OrderLine
from domain.refund import owed


def line(line_id: str, quantity: int, unit_price: int) -> OrderLine:
    counts = dict.fromkeys(("cancelled", "planned", "done"), 0)
    texts = dict.fromkeys(("listing_id", "channel_sku", "title"), "")
    return OrderLine.model_validate(
        {"line_id": line_id, "sku": "SET", "quantity": quantity, "unit_price": unit_price, **counts, **texts}
    )


@st.composite
def orders(draw: st.DrawFn) -> tuple[tuple[OrderLine, ...], int, int]:
    """Draw lines, the total with tax and discount, and the shipping in it."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 100_000)), min_size=1, max_size=4))
    lines = tuple(line(str(number), units, price) for number, (units, price) in enumerate(sizes))
    goods, shipping = sum(one.quantity * one.unit_price for one in lines), draw(st.integers(0, 2000))
    tax, discount = draw(st.integers(0, goods)), draw(st.integers(0, goods))
    return lines, goods + shipping + tax - discount, shipping


@given(orders(), st.randoms(use_true_random=False), st.integers(0, 100))
def test_units_that_go_one_by_one_are_owed_more_and_more_up_to_what_was_captured(
    order: tuple[tuple[OrderLine, ...], int, int], chance: Random, percent: int
) -> None:
    lines, total, shipping = order
    captured = total * percent // 100
    units = [one.line_id for one in lines for _ in range(one.quantity)]
    chance.shuffle(units)
    gone: dict[str, int] = {}
    debts = [owed(lines, gone, total, shipping, captured)]
    for line_id in units:
        gone[line_id] = gone.get(line_id, 0) + 1
        debts.append(owed(lines, gone, total, shipping, captured))
    assert debts == sorted(debts)
    assert (debts[0], debts[-1]) == (0, captured)


@given(st.integers(0, 10**9), st.integers(1, 5), st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_sets_that_come_back_are_worth_what_all_their_parts_are(price: int, sets: int, worths: list[int]) -> None:
    parts = tuple(KitPart(sku=f"G{number}", units=number + 1, worth=worth) for number, worth in enumerate(worths))
    shares = [own.share for own in explode("SET", 1, {"SET": parts}, price)]
    kept = line("1", sets + 1, price)
    assert owed((kept,), {"1": sets}, kept.quantity * price, 0, kept.quantity * price) == sets * sum(shares)
