"""Everything is at rest when nothing is left to be placed, recorded, carried, read, woken or run."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.order import OrderState
from workers.demo.director import PlacedOrder, Scene
from workers.demo.rest import describe_unrest, find_unrest
from workers.demo.snapshot import OrderRow, SetAside, Snapshot, WaitRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCENE = Scene(
    id="scene-1",
    planned=1,
    orders=(PlacedOrder(order_id="SX-1", account="shop", script="ship"),),
    causes=(),
    deeds_to_come=0,
    hooks_waiting=0,
)
CLOSED = OrderRow(order_id="shop/SX-1", channel_order_id="SX-1", state=OrderState.DELIVERED)
AT_REST = Snapshot(orders=(CLOSED,))
OPEN = Snapshot(orders=(CLOSED.model_copy(update={"state": OrderState.OPEN}),))


def test_nothing_that_moves_is_rest() -> None:
    assert find_unrest(SCENE, AT_REST, workflows=0) == {}


@pytest.mark.parametrize(
    ("words", "scene", "snapshot", "workflows"),
    [
        ("orders not placed yet", {"planned": 2}, AT_REST, 0),
        ("deeds of the world to come", {"deeds_to_come": 1}, AT_REST, 0),
        ("webhooks on their way", {"hooks_waiting": 1}, AT_REST, 0),
        ("orders not recorded", {}, Snapshot(), 0),
        ("orders open", {}, OPEN, 0),
        ("open returns", {}, Snapshot(orders=(CLOSED,), under_way={"open returns": 1}), 0),
        ("workflows running", {}, AT_REST, 1),
    ],
)
def test_whatever_still_moves_is_counted_in_words(
    words: str, scene: dict[str, Any], snapshot: Snapshot, workflows: int
) -> None:
    assert find_unrest(SCENE.model_copy(update=scene), snapshot, workflows) == {words: 1}


def test_what_waits_is_described_with_its_script_and_reason() -> None:
    wait = WaitRow(order_id="shop/SX-1", channel_order_id="SX-1", cause="stock:TEA-1", code="short", since=NOON)
    snapshot = OPEN.model_copy(update={"waits": (wait,)})
    lines = describe_unrest(find_unrest(SCENE, snapshot, 0), SCENE, snapshot)
    assert lines == ["1 orders open", "shop/SX-1 (ship) waits for stock of TEA-1 (short)"]


def test_an_open_order_that_waits_for_nothing_is_told_as_such() -> None:
    assert describe_unrest({}, SCENE, OPEN) == ["shop/SX-1 (ship) is open and waits for nothing"]


def test_a_message_set_aside_and_an_unrecorded_order_are_named() -> None:
    snapshot = Snapshot(set_aside=(SetAside(party="shop", subject="SX-1", code="unreadable", stored_at=NOON),))
    assert describe_unrest({}, SCENE, snapshot) == [
        "SX-1 (ship) is not recorded",
        "shop SX-1 is set aside: unreadable",
    ]


def test_a_long_list_is_cut_and_says_how_much_is_missing() -> None:
    many = Snapshot(
        set_aside=tuple(SetAside(party="shop", subject=str(n), code="bad", stored_at=NOON) for n in range(30))
    )
    assert describe_unrest({}, SCENE, many)[-1] == "and 11 more"
