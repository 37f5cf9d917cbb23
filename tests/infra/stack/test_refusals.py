"""What stands in the way of a stack is told at once and by name."""

import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.settings import Settings
from infra.stack import Child, PortTakenError, RunningChild, Stack, StackLockedError
from infra.stack.children import stop_together
from infra.stack.lock import hold_lock
from infra.stack.ports import choose_ports, is_free, pick_free
from tests.sandbox_world import PATIENCE_SECONDS

HOLD_LOCK = """
import sys, time, pathlib
from infra.stack.lock import hold_lock
with hold_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.mark.parametrize("name", ["temporal_port", "ui_port", "postgres_port"])
def test_a_taken_port_is_named_with_its_holder(settings: Settings, taken_port: int, name: str) -> None:
    before = psutil.Process().children()
    with pytest.raises(PortTakenError, match=rf"{taken_port} .*pid {os.getpid()}.*CROSSDOCK_{name.upper()}"):
        Stack(settings.model_copy(update={name: taken_port})).__enter__()
    assert psutil.Process().children() == before


def test_a_stranger_on_the_port_of_a_child_does_not_answer_for_it(
    settings: Settings, taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    external = settings.model_copy(update={"database_url": "postgresql+psycopg://u:p@127.0.0.1:1/x"})
    child = Child("gateway", ["true"], ready_url=f"http://127.0.0.1:{taken_port}/health")
    with Stack(external) as stack, pytest.raises(PortTakenError, match="for gateway is taken"):
        stack.start([child])


def test_every_port_0_becomes_a_free_one_of_its_own(settings: Settings) -> None:
    chosen = choose_ports(settings)
    ports = [chosen.postgres_port, chosen.temporal_port, chosen.ui_port, chosen.gateway_port, chosen.sandbox_port]
    assert len(set(ports)) == 5
    assert all(map(is_free, ports))


def test_a_chosen_port_stays() -> None:
    port = pick_free(1)[0]
    assert choose_ports(Settings(gateway_port=port)).gateway_port == port


def test_a_folder_in_use_is_refused_with_the_pid_of_its_user(tmp_path: Path, settings: Settings) -> None:
    argv = [sys.executable, "-c", HOLD_LOCK, str(settings.data_dir)]
    holder = RunningChild(Child("holder", argv), tmp_path)
    try:
        holder.wait_until_ready(lambda: holder.log.stat().st_size > 0, within=PATIENCE_SECONDS)
        with pytest.raises(StackLockedError, match=rf"pid {holder.pid}\b.*{settings.data_dir}"):
            Stack(settings).__enter__()
    finally:
        stop_together([holder])


def test_the_lock_of_a_killed_stack_is_taken_over(tmp_path: Path) -> None:
    holder = RunningChild(Child("holder", [sys.executable, "-c", HOLD_LOCK, str(tmp_path)]), tmp_path)
    holder.wait_until_ready(lambda: holder.log.stat().st_size > 0, within=PATIENCE_SECONDS)
    psutil.Process(holder.pid).kill()
    holder.end(within=PATIENCE_SECONDS)
    assert (tmp_path / "stack.lock").read_text() == str(holder.pid)
    with hold_lock(tmp_path):
        assert (tmp_path / "stack.lock").read_text() == str(os.getpid())


def test_a_lock_is_free_after_its_block(tmp_path: Path) -> None:
    with hold_lock(tmp_path):
        pass
    with (tmp_path / "stack.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
