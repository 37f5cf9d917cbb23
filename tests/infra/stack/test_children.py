"""Children are started, watched and stopped, and what they said is shown when they die."""

import signal
import sys
from pathlib import Path

import psutil
import pytest

from infra.stack import Child, ChildDiedError, NotReadyError, RunningChild
from infra.stack.children import stop_together
from infra.stack.ports import pick_free
from tests.sandbox_world import PATIENCE_SECONDS

SLEEP = "import time; time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
WITH_CHILD = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    f" print(p.pid, flush=True); {SLEEP}"
)


def _run(logs: Path, code: str, name: str = "part", ready_url: str | None = None) -> RunningChild:
    return RunningChild(Child(name, [sys.executable, "-c", code], ready_url=ready_url), logs)


def _wait_for_log(running: RunningChild) -> str:
    running.wait_until_ready(lambda: running.log.stat().st_size > 0, within=PATIENCE_SECONDS)
    return running.log.read_text()


def test_a_dead_child_is_named_with_its_exit_code_and_last_words(tmp_path: Path) -> None:
    old = _run(tmp_path, "print('an older run')")
    old.end(within=PATIENCE_SECONDS)
    running = _run(tmp_path, "import sys; print('the disk is full'); sys.exit(7)")
    with pytest.raises(ChildDiedError, match=r"part ended with exit code 7[\s\S]*the disk is full") as death:
        running.wait_until_ready(lambda: False, within=PATIENCE_SECONDS)
    assert "an older run" not in str(death.value)


def test_a_killed_child_is_named_with_its_signal(tmp_path: Path) -> None:
    running = _run(tmp_path, SLEEP)
    psutil.Process(running.pid).kill()
    with pytest.raises(ChildDiedError, match="signal SIGKILL"):
        running.wait_until_ready(lambda: False, within=PATIENCE_SECONDS)


def test_a_program_that_does_not_exist_is_a_dead_child(tmp_path: Path) -> None:
    running = RunningChild(Child("part", ["/nowhere/program"]), tmp_path)
    with pytest.raises(ChildDiedError, match="No such file"):
        running.wait_until_ready(lambda: False, within=PATIENCE_SECONDS)


def test_a_child_that_never_answers_is_given_up(tmp_path: Path) -> None:
    running = _run(tmp_path, SLEEP, ready_url=f"http://127.0.0.1:{pick_free(1)[0]}/")
    try:
        with pytest.raises(NotReadyError, match="part did not answer within"):
            running.wait_until_ready(within=0.3)
    finally:
        stop_together([running])


def test_a_child_that_will_not_stop_is_killed_after_the_grace(tmp_path: Path) -> None:
    running = _run(tmp_path, STUBBORN)
    _wait_for_log(running)
    stop_together([running], grace=0.3)
    with pytest.raises(ChildDiedError, match=signal.SIGKILL.name):
        running.check()


def test_what_a_child_started_does_not_outlive_it(tmp_path: Path) -> None:
    running = _run(tmp_path, WITH_CHILD)
    grandchild = psutil.Process(int(_wait_for_log(running)))
    stop_together([running])
    grandchild.wait(timeout=PATIENCE_SECONDS)


def test_stopping_a_stopped_child_is_harmless(tmp_path: Path) -> None:
    running = _run(tmp_path, SLEEP)
    stop_together([running])
    stop_together([running])
    with pytest.raises(ChildDiedError, match=signal.SIGTERM.name):
        running.check()
