"""`crossdock adapters check --live`: a vendor is asked with the account that was lent; without one it is said how."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.sandbox_world import SandboxWorld, Visitor
from tests.workers.cli.project_copy import copy_project, run, told
from workers.cli.app import app

VARIABLE = "CROSSDOCK_LIVE_ACME"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where a vendor answers that has an order."""
    world = SandboxWorld(tmp_path).start()
    person = Visitor(world.url)
    person.order()
    person.http.close()
    yield world.url
    world.stop()


def test_without_an_account_the_command_says_which_variable_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROSSDOCK_LIVE_MIRAKL", raising=False)
    result = CliRunner().invoke(app, ["adapters", "check", "mirakl", "--live", "--json"])
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert "CROSSDOCK_LIVE_MIRAKL holds the settings of a test account: JSON with base_url, api_key" in error["message"]
    assert "crossdock adapters check mirakl --live" in error["remedy"]


@pytest.mark.timeout(600)
def test_a_new_adapter_is_asked_in_earnest_and_its_secrets_are_not_shown(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy_project(tmp_path / "project")
    assert (
        "tests/adapters/marketplaces/acme/test_live.py"
        in told(run(root, "adapters", "new", "marketplace", "acme", "--json"))["files"]
    )
    account = {"base_url": address, "account": "sandbox-eu"}
    monkeypatch.setenv(VARIABLE, json.dumps(account))
    kept = told(run(root, "adapters", "check", "acme", "--live", "--json"))
    outcomes = {one["promise"]: one["outcome"] for one in kept["promises"] if one["adapter"] == "TestAcmeLive"}
    assert set(outcomes.values()) == {"kept"}
    assert "an order is fetched as it was listed" in outcomes
    assert "a bad body is refused and changes nothing" in {one["promise"] for one in kept["promises"]}
    monkeypatch.setenv(VARIABLE, json.dumps(account | {"token": "hush-hush"}))
    barred = run(root, "adapters", "check", "acme", "--live", "--json")
    broken = {one["promise"] for one in told(barred)["promises"] if one["outcome"] == "broken"}
    assert barred.returncode == 1
    assert "the account is known and nothing lacks" in broken
    assert "hush-hush" not in barred.stdout + barred.stderr
