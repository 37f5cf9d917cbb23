"""Operators' verbs, from the terminal to the record and back, on a real Temporal server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from typer.testing import CliRunner

from domain.order import OrderState
from infra.temporal import RETENTION, ensure_namespace_ready
from tests.end_to_end.town import ACCOUNT, KEY, Town, eventually, open_town
from workers.cli.app import app

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

_numbers = count(1)

Say = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def client(temporal_server: str, temporal_client: Client) -> Client:
    """A client of a namespace of the test's own, since every world numbers its orders alike."""
    namespace = f"verbs-{next(_numbers)}"
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    wanted = RegisterNamespaceRequest(namespace=namespace, workflow_execution_retention_period=retention)
    await temporal_client.workflow_service.register_namespace(wanted)
    made = await Client.connect(temporal_server, namespace=namespace, data_converter=temporal_client.data_converter)
    await ensure_namespace_ready(made)
    return made


@pytest.fixture
async def town(tmp_path: Path, database_url: str, client: Client) -> AsyncGenerator[Town]:
    async with open_town(tmp_path, database_url, client) as opened:
        yield opened


@pytest.fixture
def say(town: Town, temporal_server: str) -> Say:
    """Say a verb and return its answer."""
    env = {
        "CROSSDOCK_DATABASE_URL": town.house.url,
        "CROSSDOCK_DATA_DIR": str(town.house.settings.data_dir),
        "CROSSDOCK_SANDBOX_URL": town.world.url,
        "CROSSDOCK_VAULT_KEY": KEY,
        "TEMPORAL_ADDRESS": temporal_server,
        "TEMPORAL_NAMESPACE": town.client.namespace,
    }

    async def invoke(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
        result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--json"], env=env)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return json.loads(result.stdout)

    return invoke


async def waiting_order(town: Town, script: str) -> str:
    """Place an order that gets stuck, and return its id once it waits."""
    placed = town.visitor.order(script)
    await town.pull()
    await eventually(lambda: town.is_waiting(placed["id"]))
    return f"{ACCOUNT}/{placed['id']}"


async def test_a_held_order_stands_until_it_is_released_and_fed(town: Town, say: Say) -> None:
    order = await waiting_order(town, "short_stock")
    assert (await say("hold", order, "--reason-kind", "fraud"))["done"] is True
    again = await say("hold", order, "--reason-kind", "fraud", exit_code=1)
    assert again["answers"][0]["words"] == "it was held for fraud already"
    waits = {wait["cause"].partition(":")[0] for wait in (await say("orders", "show", order))["waits"]}
    assert waits == {"hold", "stock"}
    sku = (await say("orders", "show", order))["lines"][0]["sku"]
    await say("stock", "receive", sku, "WH-AUTO", "9")
    assert (await say("release", order, "--hold", "fraud"))["done"] is True
    assert (await town.until_closed(order.partition("/")[2])).state is OrderState.DELIVERED
    kinds = {row["kind"] for row in (await say("orders", "history", order, "--temporal"))["history"]}
    assert {"order", "hold", "operator", "effect", "parcel", "scan", "temporal"} <= kinds


async def test_a_resolved_sku_frees_the_order(town: Town, say: Say) -> None:
    order = await waiting_order(town, "unmapped")
    (line,) = (await say("orders", "show", order))["lines"]
    sku = next(row["sku"] for row in (await say("skus", "list"))["skus"] if row["title"] == line["title"])
    await say("retry", order, "--sku", f"{line['listing_id']}={sku}", "--request", "same")
    assert (await town.until_closed(order.partition("/")[2])).state is OrderState.DELIVERED


async def test_another_address_goes_through_the_vault_and_never_through_temporal(
    town: Town, say: Say, tmp_path: Path
) -> None:
    order = await waiting_order(town, "bad_address")
    file = tmp_path / "address.json"
    address = {"name": "Ida Lund", "street": "Kai 9", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    file.write_text(json.dumps(address))
    await say("retry", order, "--address", str(file))
    assert (await town.until_closed(order.partition("/")[2])).state is OrderState.DELIVERED
    assert (await say("orders", "show", order, "--personal"))["person"]["address"]["street"] == "Kai 9"
    history = await town.client.get_workflow_handle(f"order/{order}").fetch_history()
    assert "Kai 9" not in history.to_json()


async def test_a_number_is_corrected_and_a_person_tells_the_channel_that_cannot_be_told(town: Town, say: Say) -> None:
    town.visitor.put("/pace", paused=True)
    number = str(town.visitor.order("ship")["id"])
    order = f"{ACCOUNT}/{number}"
    await town.pull()
    await eventually(lambda: _is_told(order, say))
    (parcel,) = (await say("orders", "show", order))["parcels"]
    mistyped = await say("correct-tracking", order, "1Z999AA10123456785", exit_code=2)
    assert "check digit" in mistyped["error"]["message"]
    assert (await say("correct-tracking", order, "1Z999AA10123456784", "F1", "--carrier", "ups"))["done"] is True
    await eventually(lambda: town.is_waiting(number, "correction:"))
    (stuck,) = (await say("stuck"))["waits"]
    assert stuck["command"] == f"crossdock correct-tracking {order} NUMBER {order}/F1 --told"
    told = await say("correct-tracking", order, parcel["tracking_number"], "--told", "--reason", "it was right")
    assert told["answers"][0]["words"].endswith("and the channel knows")
    town.visitor.put("/pace", paused=False)
    assert (await town.until_closed(number)).state is OrderState.DELIVERED
    history = (await say("orders", "history", order))["history"]
    assert [row["happened"] for row in history if row["kind"] == "operator"] == ["correct_tracking"] * 2
    assert [row["detail"] for row in history if row["happened"] == "number corrected"] == [
        parcel["tracking_number"], "1Z999AA10123456784",
    ]  # fmt: skip


async def _is_told(order: str, say: Say) -> bool:
    parcels = (await say("orders", "show", order))["parcels"]
    return bool(parcels and parcels[0]["told_at"])


async def test_a_cancelled_order_takes_no_verb_any_more(town: Town, say: Say) -> None:
    order = await waiting_order(town, "short_stock")
    unknown = await say("cancel", order, "--line", "nope=1", exit_code=1)
    assert "no line nope" in unknown["answers"][0]["words"]
    assert (await say("cancel", order, "--reason", "buyer wrote"))["done"] is True
    assert (await town.until_closed(order.partition("/")[2])).state is OrderState.CANCELLED


async def test_a_pull_by_hand_says_what_came(town: Town, say: Say) -> None:
    town.visitor.order("ship")
    pulled = await say("channels", "pull", "sandbox-eu", "--since", "2026-01-01")
    assert (pulled["seen"], pulled["paused"]) == (1, False)
    await say("channels", "pause", "sandbox-eu")
    assert (await say("channels", "pull", "sandbox-eu", exit_code=1))["paused"] is True


async def test_a_corrected_message_is_replayed(town: Town, say: Say) -> None:
    town.visitor.order("malformed_quantity")
    await town.pull()
    (message,) = (await say("stuck"))["quarantined"]
    assert "quantity" in message["reason"]
    still = await say("inbox", "replay", str(message["inbox_id"]), exit_code=1)
    assert (still["state"], still["reason"]) == ("QUARANTINED", message["reason"])
