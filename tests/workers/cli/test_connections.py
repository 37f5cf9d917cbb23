"""Channels are tried before they are kept, watched before they are ours, and their settings are changed under way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.pull import PullActivities
from domain.messages import PullStart
from domain.order import OrderState
from domain.ports.stores.catalog import Mode
from domain.waits import SOURCING_POLICY
from infra.database.record import PostgresRecord
from infra.settings import load_settings
from tests.builders import BERLIN, TEA
from tests.sandbox_world import Json, SandboxWorld, Visitor, gateway, one_gateway, sandbox_world, visitor
from tests.stores.scenes import let_wait, open_causes, receive
from tests.workers.cli.conftest import Ask, Run
from workers.wiring import open_house

__all__ = ["gateway", "one_gateway", "sandbox_world", "visitor"]

pytestmark = pytest.mark.stack

ACCOUNT = "sandbox-eu"


@pytest.fixture
def settings(tmp_path: Path, sandbox_world: SandboxWorld) -> Path:
    return write(tmp_path / "eu.json", base_url=sandbox_world.url, account=ACCOUNT)


def write(path: Path, **settings: object) -> Path:
    path.write_text(json.dumps(settings))
    return path


@pytest.fixture
async def added(record: PostgresRecord, ask: Ask, settings: Path) -> Json:
    del record
    return await ask("channels", "add", ACCOUNT, "--adapter", "sandbox", "--settings", str(settings), "--allow-private")


@pytest.fixture
async def watched(
    added: Json, visitor: Visitor, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Json, Json]:
    """Two orders that were pulled: one is open, one was sent by hand."""
    assert added["works"]
    first, sent = visitor.order(), visitor.order()
    lines = [{"line_id": line["id"], "quantity": line["quantity"]} for line in sent["lines"]]
    visitor.post(f"/marketplace/{ACCOUNT}/orders/{sent['id']}/hand/ship", tracking_number="OLD-1", lines=lines)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    async with open_house(load_settings()) as house:
        await PullActivities(house.context).pull(PullStart(account=ACCOUNT))
    return first, sent


async def test_a_channel_that_works_is_kept_and_only_watched(added: Json, ask: Ask) -> None:
    assert (added["works"], added["remote_account"].rpartition("/")[2]) == (True, ACCOUNT)
    rows = {row["account"]: row for row in (await ask("channels", "list"))["channels"]}
    assert rows[ACCOUNT]["mode"] == "observe"
    assert (await ask("channels", "test", ACCOUNT))["works"] is True
    assert (await ask("channels", "test", "nobody", exit_code=1))["error"]["code"] == "no-channel"


async def test_a_channel_that_does_not_work_is_not_kept_and_says_why(
    record: PostgresRecord, ask: Ask, run: Run, tmp_path: Path, sandbox_world: SandboxWorld
) -> None:
    del record
    wrong = write(tmp_path / "wrong.json", base_url=sandbox_world.url, account=ACCOUNT, token="my-secret")
    wish = ("channels", "add", ACCOUNT, "--adapter", "sandbox", "--allow-private", "--settings")
    told = await ask(*wish, str(wrong), exit_code=1)
    assert [(check["works"], check["words"].partition(":")[0]) for check in told["checks"]] == [(False, "http-401")]
    unknown = write(tmp_path / "unknown.json", base_url=sandbox_world.url, account=ACCOUNT, colour="my-secret")
    refused = await run(*wish, str(unknown))
    assert (refused.exit_code, "colour" in refused.output, "my-secret" in refused.output) == (1, True, False)
    assert (await ask(*wish, str(tmp_path / "nowhere.json"), exit_code=1))["error"]["code"] == "bad-settings"
    assert ACCOUNT not in {row["account"] for row in (await ask("channels", "list"))["channels"]}


async def test_one_remote_account_is_connected_once(added: Json, ask: Ask, settings: Path) -> None:
    assert added["works"]
    wish = ("--adapter", "sandbox", "--allow-private", "--settings", str(settings))
    assert (await ask("channels", "add", "twin", *wish, exit_code=1))["error"]["code"] == "connected-before"
    assert (await ask("channels", "add", ACCOUNT, *wish, exit_code=1))["error"]["code"] == "channel-exists"


async def test_settings_are_rotated_only_for_the_same_account(
    added: Json, ask: Ask, settings: Path, tmp_path: Path, sandbox_world: SandboxWorld
) -> None:
    assert added["works"]
    rotate = ("channels", "rotate", ACCOUNT, "--allow-private", "--settings")
    assert (await ask(*rotate, str(settings)))["works"] is True
    other = write(
        tmp_path / "other.json", base_url=sandbox_world.url.replace("127.0.0.1", "localhost"), account=ACCOUNT
    )
    assert (await ask(*rotate, str(other), exit_code=1))["error"]["code"] == "another-account"
    wrong = write(tmp_path / "wrong.json", base_url=sandbox_world.url, account=ACCOUNT, token="guessed")
    assert (await ask(*rotate, str(wrong), exit_code=1))["works"] is False
    assert (await ask("channels", "test", ACCOUNT))["works"] is True


async def test_a_channel_has_no_name_of_a_carrier(record: PostgresRecord, ask: Ask, settings: Path) -> None:
    del record
    wish = ("--adapter", "sandbox", "--allow-private", "--settings", str(settings))
    assert (await ask("channels", "add", "sandbox-swift", *wish, exit_code=1))["error"]["code"] == "name-taken"


async def test_what_the_channel_takes_and_sells_changes_with_its_settings_and_wakes_who_waited(
    added: Json, ask: Ask, record: PostgresRecord, settings: Path, tmp_path: Path, sandbox_world: SandboxWorld
) -> None:
    assert added["works"]
    await let_wait(record, SOURCING_POLICY)
    rotate = ("channels", "rotate", ACCOUNT, "--allow-private", "--settings")
    assert (await ask(*rotate, str(settings)))["works"] is True
    assert await open_causes(record) == set()
    terms = {"carriers": ["swift"], "sells_labels": True}
    other = write(tmp_path / "other.json", base_url=sandbox_world.url, account=ACCOUNT, **terms)
    assert (await ask(*rotate, str(other)))["works"] is True
    assert await open_causes(record) == {SOURCING_POLICY}
    async with record.begin() as tx:
        channel = await tx.catalog.channel(ACCOUNT)
    assert (channel.carriers, channel.sells_labels, channel.mode) == (("swift",), True, Mode.OBSERVE)


async def test_a_channel_is_rehearsed_and_then_taken_over(
    watched: tuple[Json, Json], ask: Ask, run: Run, record: PostgresRecord
) -> None:
    first, sent = watched
    await receive(record, 5)
    listing = first["lines"][0]["listing_id"]
    told = await ask("channels", "rehearse", ACCOUNT)
    assert (told["orders"], list(told["lacks"])) == ({"done": 1, "open": 1}, [f"sku:{ACCOUNT}:{listing}"])
    await ask("listings", "map", ACCOUNT, listing, TEA)
    table = await run("channels", "rehearse", ACCOUNT)
    assert BERLIN in table.stdout
    begin = ("channels", "go-live", ACCOUNT, "--from", "2020-01-01")
    assert (await ask(*begin))["orders"] == {"done": 1, "open": 1}
    assert await state_of(record, first) is OrderState.OBSERVED
    assert (await ask(*begin, "--yes"))["orders"] == {"done": 1, "open": 1}
    assert await state_of(record, first) is OrderState.OPEN
    assert await state_of(record, sent) is OrderState.EXTERNAL
    assert (await ask(*begin, "--yes"))["orders"] == {}
    assert (await ask("channels", "rehearse", ACCOUNT, exit_code=2))["error"]["code"] == "usage"


async def state_of(record: PostgresRecord, order: Json) -> OrderState:
    async with record.begin() as tx:
        return (await tx.orders.load(f"{ACCOUNT}/{order['id']}")).state
