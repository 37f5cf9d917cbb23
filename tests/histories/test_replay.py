"""Every committed history replays with the workflows as they are now, and holds nobody's personal data."""

from __future__ import annotations

import re

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from infra.sandbox import compose
from tests.histories.scenarios import UNATTENDED
from tests.histories.transcript import FOLDER, read, texts, to_history
from workers.worker import WORKFLOWS, sandboxed

SCENARIOS = sorted(path.stem for path in FOLDER.glob("*.json"))
EXPECTED = {*UNATTENDED, "backorder", "cancel_at_label", "verbs", "refund", "return", "pull", "reconcile"}

# The words of which the sandbox world makes buyers and addresses, and what looks like an e-mail or a telephone.
_WORLD = vars(compose)
PERSONAL = [
    *_WORLD["_FIRST_NAMES"], *_WORLD["_LAST_NAMES"], *_WORLD["_STREETS"], *(city for _, city, _ in _WORLD["_PLACES"]),
    "Vogel", "Hafenweg", "Lübeck",
]  # fmt: skip
WRITTEN = re.compile(r"[\w.-]+@[\w-]+\.\w+|\+3170\d+")


def test_every_scenario_has_its_history() -> None:
    assert set(SCENARIOS) == EXPECTED, "write them anew: python -m tests.histories.dump"


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_history_replays(scenario: str) -> None:
    await _replayer().replay_workflow(to_history(read(scenario)))


async def test_a_history_that_went_another_way_is_refused() -> None:
    transcript = read("ship")
    scheduled = [event for event in transcript["events"] if "activityTaskScheduledEventAttributes" in event]
    scheduled[2]["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "buy_a_pony"
    with pytest.raises(NondeterminismError):
        await _replayer().replay_workflow(to_history(transcript))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_history_holds_no_personal_data(scenario: str) -> None:
    told = list(texts(read(scenario)))
    assert any("sandbox-eu" in text for text in told), "no payload was opened"
    found = {word for word in PERSONAL for text in told if re.search(rf"\b{re.escape(word)}\b", text)}
    found |= {match for text in told for match in WRITTEN.findall(text)}
    assert not found


def _replayer() -> Replayer:
    return Replayer(workflows=WORKFLOWS, workflow_runner=sandboxed(), data_converter=pydantic_data_converter)
