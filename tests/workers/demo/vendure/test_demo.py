"""A real demo in a real shop: every order shows in Vendure what Crossdock did to it."""

import json
from pathlib import Path

import pytest

from tests.workers.demo.command import run_demo
from workers.demo.vendure.stories import STORIES

pytest_plugins = ["tests.vendure_store"]
pytestmark = [pytest.mark.stack, pytest.mark.vendure, pytest.mark.timeout(420)]

WITHIN_SECONDS = 400
ORDERS = len(STORIES)


def test_every_story_ends_in_the_shop_as_in_the_record(tmp_path: Path, vendure_folder: Path) -> None:
    (tmp_path / "vendure").symlink_to(vendure_folder, target_is_directory=True)
    vendure_folder.mkdir(parents=True, exist_ok=True)
    options = ("--store", "vendure", "--orders", str(ORDERS), "--exit", "--json", "report.json")
    ended = run_demo(tmp_path, *options, within=WITHIN_SECONDS)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["violations"] == []
    assert report["orders"]["recorded"] == report["orders"]["at_channel"] == ORDERS
    assert report["orders"]["waiting"] == 0
    assert report["witness"]["tracking_pushed"] == report["witness"]["parcels_handed_over"] == 5
    assert report["witness"]["refunds"] == 4
    assert ended.stdout.count("agrees") == ORDERS
    assert "differs" not in ended.stdout
