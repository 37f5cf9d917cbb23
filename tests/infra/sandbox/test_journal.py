"""The journal survives a SIGKILL, and the world goes on from it."""

import subprocess
import sys
from pathlib import Path

from infra.sandbox.app import Stage, open_world
from tests.sandbox_world import PATIENCE_SECONDS, ROOT, Gateway, SandboxWorld, Visitor, eventually


def test_a_killed_world_comes_back_as_it_was_and_goes_on(
    sandbox_world: SandboxWorld, visitor: Visitor, gateway: Gateway
) -> None:
    visitor.put("/pace", seconds=0.5)
    order = visitor.order("ship_by_staff")
    fulfillment = visitor.release(order, "STORE-1")
    label = visitor.buy_label(fulfillment, "STORE-1")
    before = visitor.journal()
    sandbox_world.kill()
    sandbox_world.start()
    assert visitor.journal()[: len(before)] == before
    assert visitor.get(f"/marketplace/sandbox-eu/orders/{order['id']}")["lines"] == order["lines"]
    eventually(lambda: any(event["status"] == "delivered" for event in gateway.events("parcel.scanned")))
    assert len(visitor.journal("work.accepted")) == 1
    assert visitor.buy_label("x/y", "STORE-1")["tracking_number"] != label["tracking_number"]


def test_webhooks_that_were_not_accepted_are_sent_after_a_restart(
    sandbox_world: SandboxWorld, visitor: Visitor, gateway: Gateway
) -> None:
    gateway.answers += [503] * 3
    order = visitor.order()
    eventually(lambda: gateway.received)
    sandbox_world.kill()
    gateway.answers.clear()
    gateway.received.clear()
    sandbox_world.start()
    eventually(lambda: gateway.events("order.changed"))
    assert gateway.events()[0]["order_id"] == order["id"]


def test_a_line_that_was_cut_off_is_dropped(sandbox_world: SandboxWorld, visitor: Visitor) -> None:
    visitor.put("/pace", paused=True)
    first = visitor.order()
    sandbox_world.kill()
    with sandbox_world.journal.open("ab") as journal:
        journal.write(b'{"seq": 99999, "at": "20')
    sandbox_world.start()
    second = visitor.order()
    sandbox_world.kill()
    sandbox_world.start()
    listed = visitor.get("/marketplace/sandbox-eu/orders")["orders"]
    assert [one["id"] for one in listed] == [first["id"], second["id"]]


def test_a_journal_of_another_kind_is_refused_with_a_message(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text('{"title": "a diary"}\n')
    ended = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "infra.sandbox", "--port", "0", "--journal", str(tmp_path / "journal.jsonl")],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "move it away" in ended.stderr


def test_the_journal_can_be_read_from_a_place_on(visitor: Visitor) -> None:
    visitor.put("/pace", paused=True)
    visitor.order()
    last = visitor.journal()[-1]["seq"]
    visitor.order()
    entries = visitor.get("/journal", since=last)["entries"]
    assert min(entry["seq"] for entry in entries) > last
    assert {entry["kind"] for entry in visitor.journal("order.")} == {"order.placed"}


def test_a_world_without_a_journal_forgets() -> None:
    assert len(open_world(Stage()).journal.entries) == 0
