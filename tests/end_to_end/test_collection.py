"""Drivers, from the terminal over a real Temporal server to a carrier that fails: one comes, and people see it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from typer.testing import CliRunner

from domain.effect import Confirmed
from domain.fulfillment import Stage
from domain.messages import collection_workflow_id
from domain.ports.carrier import BuyLabel
from tests.builders import address, channel_order, fulfillment
from tests.end_to_end.town import KEY, Town, eventually, open_town
from tests.stores.scenes import add_part, record_order, seed_catalog, walk
from workers.cli.app import app

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

SWIFT, STORE = "sandbox-swift", "STORE-1"

Say = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def town(tmp_path: Path, database_url: str, temporal_client: Client) -> AsyncGenerator[Town]:
    """A town whose people stand still, so that labelled parcels wait."""
    async with open_town(tmp_path, database_url, temporal_client, pace=3600) as opened:
        await seed_catalog(opened.context.record)
        yield opened


@pytest.fixture
def env(town: Town, temporal_server: str) -> dict[str, str]:
    """The environment of a command."""
    return {
        "CROSSDOCK_DATABASE_URL": town.house.url,
        "CROSSDOCK_DATA_DIR": str(town.house.settings.data_dir),
        "CROSSDOCK_SANDBOX_URL": town.world.url,
        "CROSSDOCK_VAULT_KEY": KEY,
        "TEMPORAL_ADDRESS": temporal_server,
        "TEMPORAL_NAMESPACE": town.client.namespace,
    }


@pytest.fixture
def say(env: dict[str, str]) -> Say:
    """Give a command and return its answer."""

    async def invoke(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
        result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--json"], env=env)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return json.loads(result.stdout)

    return invoke


async def say_elsewhere(env: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Give a command in a process of its own, beside others."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers.cli", *arguments, "--json", env=os.environ | env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    return json.loads(out)


async def label(town: Town, number: str, carrier: str = SWIFT) -> str:
    """Let a parcel wait at the store with a label that was truly bought; return its order."""
    record = town.context.record
    order_id = await record_order(record, channel_order(channel_order_id=number, number=number))
    part = await add_part(record, fulfillment(order_id, place=STORE))
    wish = BuyLabel(reference=f"label:{part}/P1#1", origin=STORE, destination=address(), weight_grams=500)
    sold = await town.context.parties.carrier(carrier).buy_label(wish)
    assert isinstance(sold, Confirmed)
    async with record.begin() as tx:
        parcel = await tx.shipments.plan_parcel(part, carrier, town.context.now())
        await tx.shipments.keep_label(parcel.parcel_id, sold, town.context.now())
    await walk(record, part, Stage.LABELLED)
    return order_id


def drivers(town: Town) -> int:
    return len(town.visitor.journal("driver.ordered"))


async def test_one_driver_comes_for_all_that_waits_whoever_asks_and_however_often(
    town: Town, say: Say, env: dict[str, str]
) -> None:
    order = await label(town, "1")
    await label(town, "2")
    asked = ("collections", "order", STORE, "--carrier", SWIFT, "--actor", "ada", "--reason", "full")
    answers = await asyncio.gather(*(say_elsewhere(env, *asked) for _ in range(3)))
    assert sorted(answer["ordered_now"] for answer in answers) == [False, False, True]
    ((one,),) = {tuple(row["collection_id"] for row in answer["collections"]) for answer in answers}
    assert drivers(town) == 1
    (row,) = (await say("collections", "list", "--location", STORE))["collections"]
    assert (row["collection_id"], row["state"], len(row["parcels"])) == (one, "ORDERED", 2)
    (parcel,) = (await say("orders", "show", order))["parcels"]
    assert (parcel["collection_id"], parcel["collection_state"]) == (one, "ORDERED")
    history = (await say("orders", "history", order))["history"]
    assert [line["happened"] for line in history if line["kind"] == "collection"] == ["driver wanted", "ordered"]
    assert (await say("collections", "retry", one, exit_code=1))["error"]["code"] == "not-running"
    assert town.visitor.get("/witness")["duplicate_effects"] == 0


@pytest.mark.parametrize("fault", ["reset_after", "error_500", "reset_before", "throttle", "broken_json"])
async def test_one_driver_comes_through_a_carrier_that_fails(town: Town, say: Say, fault: str) -> None:
    await label(town, "1")
    town.visitor.post("/faults", operation="carrier.drivers.order", kind=fault, times=1)
    told = await say("collections", "order", STORE, "--carrier", SWIFT)
    one = told["collections"][0]["collection_id"]
    await town.client.get_workflow_handle(collection_workflow_id(one)).result()
    (row,) = (await say("collections", "list"))["collections"]
    assert (row["state"], row["remote_id"][:3], drivers(town)) == ("ORDERED", "DR-", 1)
    assert town.visitor.get("/witness")["duplicate_effects"] == 0


async def test_what_the_carrier_refuses_is_said_and_seen_until_another_driver_comes(town: Town, say: Say) -> None:
    order = await label(town, "1")
    town.visitor.post("/faults", operation="carrier.drivers.order", kind="error_500", status=409, times=1, before=True)
    (one,) = (await say("collections", "order", STORE, "--carrier", SWIFT, exit_code=1))["collections"]
    assert one["state"] == "REFUSED"
    (stuck,) = (await say("stuck"))["collections"]
    assert (stuck["collection_id"], stuck["code"]) == (one["collection_id"], one["code"])
    assert (await say("collections", "order", STORE, "--carrier", SWIFT))["collections"][0]["state"] == "ORDERED"
    assert (await say("stuck"))["collections"] == []
    assert order


async def test_a_person_settles_what_cannot_be_looked_up(town: Town, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.cli.driver.WITHIN", 0.1)
    await label(town, "1")
    for operation, kind in (("carrier.drivers.order", "reset_after"), ("carrier.drivers.find", "error_500")):
        town.visitor.post("/faults", operation=operation, kind=kind, times=None)
    (told,) = (await say("collections", "order", STORE, "--carrier", SWIFT))["collections"]
    one = told["collection_id"]
    assert told["state"] == "ORDERING"
    await eventually(lambda: is_in_doubt(town, one), 120)
    known = town.visitor.journal("driver.ordered")[0]["subject"]
    settled = await say("collections", "retry", one, "--happened", "--remote-id", known)
    assert settled["done"] is True
    await town.client.get_workflow_handle(collection_workflow_id(one)).result()
    (row,) = (await say("collections", "list"))["collections"]
    assert (row["state"], row["remote_id"], drivers(town)) == ("ORDERED", known, 1)


async def is_in_doubt(town: Town, collection_id: str) -> bool:
    async with town.context.record.begin() as tx:
        return (await tx.collections.load(collection_id)).code != ""


async def test_what_cannot_be_ordered_says_why(town: Town, say: Say) -> None:
    await label(town, "1", "sandbox-blind")
    blind = ("collections", "order", STORE, "--carrier", "sandbox-blind")
    assert (await say(*blind, exit_code=1))["error"]["code"] == "cannot-order-collection"
    nothing = await say("collections", "order", STORE, "--carrier", SWIFT, exit_code=1)
    assert nothing["error"]["code"] == "nothing-waits"
    assert (await say("collections", "order", "NOWHERE", exit_code=1))["error"]["code"] == "no-location"
    assert (await say(*blind, "--from", "2026-03-02T12:00:00Z", exit_code=2))["error"]["code"] == "usage"
    assert (await say("collections", "retry", "A/b/2026-03-02/1", exit_code=1))["error"]["code"] == "no-collection"
    assert (await say("collections", "list"))["collections"] == []
