"""`crossdock adapters`: listed, checked and begun, here and in other packages."""

from __future__ import annotations

import json
import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters import catalog
from adapters.locations.sandbox import MANIFEST
from domain.errors import NotFound, Refused
from tests.workers.cli.project_copy import ROOT, copy_project, run, told
from workers.cli.adapter_template import copy_template
from workers.cli.app import app
from workers.cli.errors import Problem

_TINY = """
from dataclasses import replace
from adapters.locations.sandbox import MANIFEST as SANDBOX
from adapters.locations.sandbox.adapter import SandboxLocations
from domain.effect import Confirmed


class Forgetful(SandboxLocations):
    async def recall(self, write):
        await super().recall(write)
        return Confirmed()


MANIFEST = replace(SANDBOX, name="tiny", factory=Forgetful, conformance="tiny_crossdock.test_promises")
"""
_PROMISES = """
import pytest
from adapters.conformance.location import LocationConformance
from tests.adapters.locations.sandbox.simulator import SandboxLocationsWorld
from tiny_crossdock import MANIFEST


class TinyWorld(SandboxLocationsWorld):
    manifest = MANIFEST


class TestTiny(LocationConformance):
    @pytest.fixture
    def world(self):
        return TinyWorld()
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where another package is installed that offers an adapter which breaks a promise."""
    package, words = tmp_path / "tiny_crossdock", tmp_path / "tiny_crossdock-1.0.dist-info"
    package.mkdir()
    words.mkdir()
    (package / "__init__.py").write_text(_TINY)
    (package / "test_promises.py").write_text(_PROMISES)
    (words / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-crossdock\nVersion: 1.0\n")
    (words / "entry_points.txt").write_text("[crossdock.adapters]\ntiny = tiny_crossdock:MANIFEST\n")
    return tmp_path


def test_adapters_are_listed_with_what_they_can_do_and_how_they_were_proved() -> None:
    result = CliRunner().invoke(app, ["adapters", "list", "--json"])
    cards = {(card["party"], card["name"]): card for card in json.loads(result.stdout)["adapters"]}
    own = cards["marketplace", "sandbox"]
    assert {"acknowledges", "cancels: lines", "refunds"} <= set(own["can"])
    assert (own["tier"], own["dedupe"]["refund"], own["dedupe"]["acknowledge"]) == ("own", "reference", "native")
    assert cards["marketplace", "vendure"]["tier"] == "live"
    assert {"voids", "intercepts", "speeds: express"} <= set(cards["carrier", "sandbox"]["can"])
    assert all(card["can"] for (party, _), card in cards.items() if party != "notifier")
    assert "speeds: express" in CliRunner().invoke(app, ["adapters", "list"], env={"COLUMNS": "300"}).stdout


@pytest.mark.timeout(300)
def test_an_adapter_of_another_package_is_listed_and_held_to_the_same_promises(site: Path) -> None:
    listed = told(run(ROOT, "adapters", "list", "--json", also=str(site)))["adapters"]
    assert [card["tier"] for card in listed if card["name"] == "tiny"] == ["own"]
    checked = run(ROOT, "adapters", "check", "tiny", "--json", also=str(site))
    outcomes = {one["promise"]: (one["outcome"], one["why"]) for one in told(checked)["promises"]}
    assert checked.returncode == 1
    assert outcomes["a genuine webhook is believed and read"] == ("kept", "")
    assert outcomes["a letter is set aside for a reason"] == ("skipped", "mailbox is not claimed")
    outcome, why = outcomes["goods that left cannot be recalled"]
    assert (outcome, "the goods have left" in why) == ("broken", True)


def offer(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Let an installed package offer this."""

    def offered(*, group: str) -> list[EntryPoint]:
        return [EntryPoint(name, value, group)]

    monkeypatch.setattr(catalog, "entry_points", offered)


def test_what_another_package_offers_cannot_replace_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "sandbox", "tests.fakes.audit:FakeAudit")
    assert catalog.load_manifest("location", "sandbox") is MANIFEST


@pytest.mark.parametrize("value", ["no_such_module:MANIFEST", "adapters.catalog:GROUP"])
def test_a_package_whose_adapter_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    offer(monkeypatch, "acme", value)
    with pytest.raises(Refused, match=re.escape(value)):
        catalog.load_manifest("carrier", "acme")


def test_an_adapter_that_nobody_knows_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="sandbox"):
        catalog.load_manifest("marketplace", "nobody")
    result = CliRunner().invoke(app, ["adapters", "check", "nobody"])
    assert (result.exit_code, "sandbox" in result.stderr) == (1, True)
    wrong = CliRunner().invoke(app, ["adapters", "check", "sandbox", "--party", "shop"])
    assert (wrong.exit_code, "marketplace" in wrong.stderr) == (2, True)


def test_a_check_that_cannot_be_made_says_what_is_missing() -> None:
    live = CliRunner().invoke(app, ["adapters", "check", "sandbox", "--party", "location", "--live"])
    assert (live.exit_code, "no live tests" in live.stderr) == (1, True)


@pytest.mark.timeout(300)
def test_a_new_carrier_is_found_and_its_red_tests_lead_through_the_work(tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    made = told(run(root, "adapters", "new", "carrier", "acme", "--json"))
    assert "adapters/carriers/acme/wire.py" in made["files"]
    assert all((root / file).exists() for file in made["files"])
    assert ("carrier", "acme") in {
        (card["party"], card["name"]) for card in told(run(root, "adapters", "list", "--json"))["adapters"]
    }
    steps = (root / made["steps"]).read_text()
    assert "from adapters.carriers.acme import MANIFEST" in steps
    again = run(root, "adapters", "new", "carrier", "acme")
    assert (again.returncode, "already" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("shop", "acme", "for marketplace and for carrier"),
        ("carrier", "Acme", "small letters"),
        ("carrier", "../acme", "small letters"),
        ("carrier", "class", "small letters"),
        ("carrier", "sandbox", "already"),
    ],
)
def test_a_new_adapter_that_cannot_be_meant_is_refused(kind: str, name: str, words: str) -> None:
    with pytest.raises(Problem, match=words):
        copy_template(kind, name, ROOT)


def test_without_a_checkout_there_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no template"):
        copy_template("carrier", "acme", tmp_path)
