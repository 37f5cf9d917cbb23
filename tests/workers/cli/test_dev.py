from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.stack.ports import is_free

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

PORTS = ("POSTGRES", "TEMPORAL", "UI", "GATEWAY", "SANDBOX")
WITHIN = 150


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("CROSSDOCK_", "TEMPORAL_"))}
    ports = {f"CROSSDOCK_{name}_PORT": "0" for name in PORTS}
    return own | ports | {"CROSSDOCK_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def dev(env: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with (tmp_path / "err").open("w") as errors:
        argv = [sys.executable, "-m", "workers.cli", "dev", "--demo-policy", "--json"]
        started = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603 - ours
        try:
            yield started
        finally:
            if started.poll() is None:
                started.send_signal(signal.SIGINT)
            started.communicate(timeout=60)


def read_addresses(dev: subprocess.Popen[str]) -> dict[str, Any]:
    assert dev.stdout is not None
    text, deadline = "", time.monotonic() + WITHIN
    while not text.rstrip().endswith("\n}"):
        line = dev.stdout.readline()
        assert line, f"ended with {dev.wait(5)}"
        assert time.monotonic() < deadline
        text += line
    return json.loads(text)


def call(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "workers.cli", *arguments]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=100, check=False)  # noqa: S603 - ours


def test_dev_runs_everything_until_it_is_stopped(
    dev: subprocess.Popen[str], env: dict[str, str], tmp_path: Path
) -> None:
    addresses = read_addresses(dev)
    assert "OmsAttention%20%3D%20true" in addresses["stuck_orders_url"]
    assert "database_url" not in addresses
    (channel,) = json.loads(call(env, "channels", "list", "--json").stdout)["channels"]
    assert channel["account"] == "sandbox-eu"
    pulled = call(env, "channels", "pull", "sandbox-eu", "--json")
    assert json.loads(pulled.stdout)["paused"] is False

    second = call(env, "dev")
    assert second.returncode == 1
    assert second.stderr.splitlines()[-1].startswith(f"crossdock: another stack (pid {dev.pid}) runs on")

    dev.send_signal(signal.SIGINT)
    assert dev.wait(60) == 0
    assert "Traceback" not in (tmp_path / "err").read_text()
    assert all(
        is_free(int(url.rpartition(":")[2])) for name, url in addresses.items() if name in {"temporal", "ui_url"}
    )
    after = call(env, "orders", "list")
    assert after.returncode == 4
    assert "the database does not answer" in after.stderr


def test_a_policy_that_cannot_be_read_stops_dev_before_it_begins(env: dict[str, str], tmp_path: Path) -> None:
    bad = tmp_path / "policy.toml"
    bad.write_text("return_window = 'soon'")
    refused = call(env, "dev", "--policy", str(bad))
    assert refused.returncode == 1
    assert "return_window" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert call(env, "dev", "--policy", str(tmp_path / "none.toml")).returncode == 2
    assert call(env, "dev", "--policy", str(bad), "--demo-policy").returncode == 2
