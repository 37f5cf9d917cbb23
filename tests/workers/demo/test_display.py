"""The picture of a demo shows every path, what waits and why, and what the operator did."""

import io
from datetime import UTC, datetime, timedelta

from rich.console import Console

from domain.order import OrderState
from infra.sandbox.scripts import SCRIPTS
from workers.demo.director import PlacedOrder, Scene
from workers.demo.display import Board
from workers.demo.paths import PATHS, path_of
from workers.demo.snapshot import OrderRow, SetAside, Snapshot, WaitRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ORDERS = (
    PlacedOrder(order_id="SX-1", account="shop", script="ship"),
    PlacedOrder(order_id="SX-2", account="shop", script="short_stock"),
)
SCENE = Scene(id="scene-1", planned=2, orders=ORDERS, causes=(), deeds_to_come=0, hooks_waiting=0)
SNAPSHOT = Snapshot(
    orders=(
        OrderRow(order_id="shop/SX-1", channel_order_id="SX-1", state=OrderState.DELIVERED),
        OrderRow(order_id="shop/SX-2", channel_order_id="SX-2", state=OrderState.OPEN),
    ),
    stages={"DELIVERED": 1},
    waits=(WaitRow(order_id="shop/SX-2", channel_order_id="SX-2", cause="stock:TEA-1", code="short", since=NOON),),
    set_aside=(SetAside(party="shop", subject="SX-3", code="unreadable", stored_at=NOON),),
)


def drawn() -> str:
    console = Console(width=200, file=io.StringIO(), record=True, force_terminal=True)
    board = Board(console, "a demo", ["http://ui.test/stuck"])
    board.say("received 1 of TEA-1")
    console.print(board.draw(SCENE, SNAPSHOT, NOON + timedelta(seconds=7)))
    return console.export_text()


def test_every_script_has_a_path_and_every_path_a_script() -> None:
    assert {path_of(name) for name in SCRIPTS} == set(PATHS)


def test_the_picture_tells_the_stages_and_the_links() -> None:
    picture = drawn()
    assert "DELIVERED 1" in picture
    assert "http://ui.test/stuck" in picture


def test_a_stuck_order_is_shown_with_its_reason_and_the_command_that_helps() -> None:
    line = next(line for line in drawn().splitlines() if "shop/SX-2" in line)
    assert "7 s" in line
    assert "stock of TEA-1" in line
    assert "crossdock stock receive TEA-1" in line


def test_a_message_set_aside_is_shown_with_its_code() -> None:
    assert "unreadable" in drawn()


def test_what_the_operator_did_is_shown() -> None:
    assert "received 1 of TEA-1" in drawn()


def test_where_nobody_watches_the_operator_is_printed_line_by_line() -> None:
    paper = io.StringIO()
    Board(Console(file=paper), "a demo", []).say("received 1 of TEA-1")
    assert paper.getvalue().strip() == "operator: received 1 of TEA-1"
