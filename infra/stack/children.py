"""The child processes of the stack: started on a leash, watched, and stopped in good order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.stack.errors import ChildDiedError, NotReadyError
from infra.stack.leash import leash

GRACE_SECONDS = 15.0
READY_SECONDS = 60.0
POLL_SECONDS = 0.05
LOG_LINES_SHOWN = 12
LOG_BYTES_KEPT = 20_000_000


@dataclass(frozen=True)
class Child:
    """A program the stack runs: `ready_url` answers 2xx as soon as it can be used."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    ready_url: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM


class RunningChild:
    """One started child, with its log. Start it on the main thread: the leash ends with the thread that holds it."""

    def __init__(self, child: Child, logs: Path, command: Sequence[str] | None = None) -> None:
        """Start the child in its own process group; `command` replaces its leashed argv."""
        self.child = child
        self.log = logs / f"{child.name}.log"
        self._log_start = _open_log_at(self.log)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command or leash(child.argv, signal.SIGKILL),
                env={**os.environ, **child.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also that of its process group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def check(self) -> None:
        """Raise `ChildDiedError` with the exit code and the log's last lines unless it still runs."""
        if not self.is_alive:
            raise ChildDiedError(f"{self.child.name} ended with {self._describe_exit()}{self._log_tail()}")

    def wait_until_ready(self, is_ready: Callable[[], bool] | None = None, within: float = READY_SECONDS) -> None:
        """Return when it answers; raises `ChildDiedError`, or `NotReadyError` after `within` seconds."""
        probe = is_ready or self._answers
        deadline = time.monotonic() + within
        while True:
            self.check()
            if probe():
                return
            if time.monotonic() > deadline:
                raise NotReadyError(f"{self.child.name} did not answer within {within:g} s{self._log_tail()}")
            time.sleep(POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Send the stop signal to its process group and return at once."""
        self._signal(self.child.stop_signal)

    def end(self, within: float) -> None:
        """Wait up to `within` seconds for it to stop, then kill what is left of its process group."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, within))
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _answers(self) -> bool:
        if self.child.ready_url is None:
            return True
        try:
            return httpx.get(self.child.ready_url, timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _describe_exit(self) -> str:
        code = self._process.returncode
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def _log_tail(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        shown = "".join(f"\n  {line}" for line in lines) or "\n  (nothing)"
        return f"; the last lines of {self.log}:{shown}"


def stop_together(running: Iterable[RunningChild], grace: float = GRACE_SECONDS) -> None:
    """Ask all to stop, wait up to `grace` seconds for all, kill the rest."""
    children = list(running)
    deadline = time.monotonic() + grace
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.end(deadline - time.monotonic())


def _open_log_at(log: Path) -> int:
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".log.1"))
    return log.stat().st_size if log.exists() else 0
