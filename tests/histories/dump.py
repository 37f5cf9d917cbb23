"""Plays every scenario on the real servers and writes its history anew: `python -m tests.histories.dump`."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.policy import DEMO_POLICY
from tests.end_to_end.town import open_town
from tests.histories.scenarios import play_all
from tests.histories.transcript import FOLDER, write

POLICY = DEMO_POLICY.model_copy(update={"pickup_expires_after": timedelta(seconds=12)})


@pytest.mark.stack
@pytest.mark.timeout(400)
async def test_dump(tmp_path: Path, database_url: str, temporal_client: Client) -> None:
    async with open_town(tmp_path, database_url, temporal_client, POLICY, pace=0.1) as town:
        workflows = await play_all(town)
        for old in FOLDER.glob("*.json"):
            old.unlink()
        for scenario, workflow_id in workflows.items():
            write(scenario, await town.client.get_workflow_handle(workflow_id).fetch_history())


if __name__ == "__main__":
    # The test run brings the servers; a name that does not begin with test_ keeps this out of every other run.
    sys.exit(subprocess.call([sys.executable, "-m", "pytest", "-q", __file__]))  # noqa: S603 - our own program
