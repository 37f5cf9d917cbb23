"""The bad bodies that are made of good ones."""

import json
from typing import Any

import pytest

from adapters.conformance import bodies
from adapters.conformance.worlds import Vital

ORDER: dict[str, Any] = {
    "id": "A1",
    "total": "12.50",
    "placed_at": "2026-03-01T10:00:00+02:00",
    "lines": [{"sku": "MUG", "quantity": 2, "price": 625}],
}
VITAL = Vital(
    texts=("id",), amounts=("total", "lines.0.price"), quantities=("lines.0.quantity",), moments=("placed_at",),
    rows=("lines",),
)  # fmt: skip
MADE = dict(bodies.bad(json.dumps(ORDER).encode(), VITAL))


def made(words: str) -> Any:
    return json.loads(MADE[words])


def test_more_than_sixty_bodies_are_made_and_each_differs_from_the_good_one() -> None:
    assert len(MADE) > 60
    readable = [json.loads(body) for words, body in MADE.items() if ":" in words]
    assert ORDER not in readable


@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        ("total: too many decimals", "total", "12.5000001"),
        ("lines.0.price: too many decimals", "lines.0.price", 625.00001),
        ("placed_at: without a zone", "placed_at", "2026-03-01T10:00:00"),
        ("lines.0.quantity: a fraction", "lines.0.quantity", 1.5),
        ("id: null", "id", None),
        ("lines: one row twice", "lines", [*ORDER["lines"], *ORDER["lines"]]),
    ],
)
def test_one_place_is_changed(words: str, path: str, value: object) -> None:
    assert bodies.at(made(words), path) == value


def test_a_field_is_renamed_or_left_out() -> None:
    assert "total" not in made("total: missing")
    assert made("total: renamed")["total_v2"] == "12.50"


def test_a_word_may_say_anything_but_has_to_be_there() -> None:
    of_words = dict(bodies.bad(json.dumps(ORDER).encode(), Vital(words=("id",))))
    assert {words for words in of_words if ":" in words} == {
        f"id: {wrong}" for wrong in ("missing", "renamed", "null", "an object", "a list")
    }


def test_a_moment_without_a_zone_is_asked_to_have_none() -> None:
    naive = json.dumps(ORDER | {"placed_at": "2026-03-01T10:00:00"}).encode()
    assert "placed_at: without a zone" not in dict(bodies.bad(naive, VITAL))


def test_every_value_is_replaced_by_every_strange_one() -> None:
    strange = list(bodies.strange(json.dumps({"a": {"b": [1]}}).encode()))
    assert len(strange) == 3 * len(bodies.STRANGE)
    assert list(bodies.strange(b"<html>")) == []


def test_a_field_that_nobody_knows_is_in_every_object() -> None:
    assert json.dumps(bodies.grown(ORDER)).count("x-not-known-yet") == 2
