"""A real demo, from the command line to its report: everything comes to rest and nothing is violated."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workers.demo.command import run_demo

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]

WITHIN_SECONDS = 400
ORDERS = 25

SHAPE = {
    "orders": [
        "at_channel", "recorded", "delivered", "collected", "cancelled", "returned", "waiting", "lost", "duplicated",
    ],
    "witness": [
        "labels_bought", "labels_live", "parcels_handed_over", "parcels_with_two_live_labels", "tracking_pushed",
        "refunds", "refunds_over_captured", "units_oversold", "silent_cancellations",
    ],
    "performance": [
        "orders_per_second", "history_events_p50", "history_events_max", "workflow_tasks_p50",
        "sql_statements_per_order",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the demo's file holds, after a run that ended well."""
    folder = tmp_path_factory.mktemp("demo")
    ended = run_demo(
        folder, "--orders", str(ORDERS), "--seed", "3", "--exit", "--json", "report.json", within=WITHIN_SECONDS
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    return json.loads((folder / "report.json").read_text())


def test_the_file_has_exactly_the_promised_shape(report: dict[str, Any]) -> None:
    assert list(report) == ["orders", "witness", "violations", "performance"]
    assert {name: list(report[name]) for name in SHAPE} == SHAPE


def test_every_order_at_the_channel_is_recorded_once_and_at_rest(report: dict[str, Any]) -> None:
    orders = report["orders"]
    assert 0 < orders["at_channel"] <= ORDERS
    assert orders["recorded"] == orders["at_channel"]
    assert orders["recorded"] == orders["delivered"] + orders["collected"] + orders["cancelled"]
    assert (orders["waiting"], orders["lost"], orders["duplicated"]) == (0, 0, 0)


def test_the_mix_has_every_ending(report: dict[str, Any]) -> None:
    assert min(report["orders"][name] for name in ("delivered", "collected", "cancelled", "returned")) > 0


def test_the_witness_saw_one_live_label_and_one_tracking_push_for_each_parcel(report: dict[str, Any]) -> None:
    witness = report["witness"]
    assert witness["labels_live"] == witness["parcels_handed_over"] == witness["tracking_pushed"] > 0
    assert witness["labels_bought"] >= witness["labels_live"]


def test_nothing_was_violated(report: dict[str, Any]) -> None:
    never = ("parcels_with_two_live_labels", "refunds_over_captured", "units_oversold", "silent_cancellations")
    assert report["violations"] == []
    assert [report["witness"][name] for name in never] == [0, 0, 0, 0]


def test_the_performance_was_measured(report: dict[str, Any]) -> None:
    assert all(value > 0 for value in report["performance"].values())
    assert report["performance"]["history_events_p50"] <= report["performance"]["history_events_max"]


def test_a_file_in_a_missing_folder_is_refused_before_anything_starts(tmp_path: Path) -> None:
    ended = run_demo(tmp_path, "--exit", "--json", "nowhere/report.json")
    assert ended.returncode == 2
    assert "there is no folder" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_world_of_others_is_refused(tmp_path: Path) -> None:
    ended = run_demo(tmp_path, "--exit", CROSSDOCK_SANDBOX_URL="http://127.0.0.1:1")
    assert ended.returncode == 1
    assert "CROSSDOCK_SANDBOX_URL" in ended.stderr
