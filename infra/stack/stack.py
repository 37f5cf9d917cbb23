"""The embedded stack: PostgreSQL, Temporal and whatever runs on them, started and stopped as one."""

import signal
import time
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from infra.settings import Settings
from infra.stack.children import READY_SECONDS, Child, RunningChild, stop_together
from infra.stack.errors import StackError
from infra.stack.lock import hold_lock
from infra.stack.ports import LOOPBACK, choose_ports, require_free
from infra.stack.postgres import Postgres
from infra.stack.temporal_server import TemporalServer
from infra.temporal import embedded_address, external_address

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WATCH_SECONDS = 0.2


@dataclass(frozen=True)
class Addresses:
    """Where the parts answer; `ui_url` is none when the Web UI is not ours."""

    database_url: str = field(repr=False)
    temporal: str
    ui_url: str | None


class Stack:
    """The parts of one data folder, as a context; enter it on the main thread.

    Entering takes the lock and starts PostgreSQL and Temporal, each only if the settings name no external one.
    SIGINT, SIGTERM and SIGHUP arrive in the body as KeyboardInterrupt; leaving stops all, the children first.
    Raises `StackError` when a port is taken, the folder is in use or a part dies.
    """

    def __init__(self, settings: Settings, *, headless: bool = False) -> None:
        self.settings = choose_ports(settings)
        self._headless = headless
        self._servers: list[RunningChild] = []
        self._children: list[RunningChild] = []
        self._undo = ExitStack()
        self._addresses: Addresses | None = None

    @property
    def addresses(self) -> Addresses:
        """Where the parts answer; only while the stack runs."""
        if self._addresses is None:
            raise StackError("the stack is not running")
        return self._addresses

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(hold_lock(self.settings.data_dir))
            undo.enter_context(_stop_signals_interrupt())
            undo.callback(self._stop)
            self._addresses = self._start_servers()
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._undo.__exit__(kind, error, traceback)

    def environment(self) -> dict[str, str]:
        """What a child process must know to find this stack."""
        own = {f"CROSSDOCK_{name.upper()}": str(getattr(self.settings, name)) for name in _ports(self.settings)}
        return own | {
            "CROSSDOCK_DATA_DIR": str(self.settings.data_dir),
            "CROSSDOCK_DATABASE_URL": self.addresses.database_url,
            "TEMPORAL_ADDRESS": self.addresses.temporal,
        }

    def start(self, children: Iterable[Child], within: float = READY_SECONDS) -> list[RunningChild]:
        """Start children in the stack's environment and return when each answers its `ready_url`."""
        started: list[RunningChild] = []
        for child in children:
            _require_own_port(child)
            placed = replace(child, env={**self.environment(), **child.env})
            started.append(RunningChild(placed, self.settings.data_dir / "logs"))
            self._children.append(started[-1])
        for running in started:
            running.wait_until_ready(within=within)
        return started

    def stop(self, running: RunningChild) -> None:
        """Stop one child; it is no longer watched."""
        self._children.remove(running)
        stop_together([running])

    def check(self) -> None:
        """Raise `ChildDiedError` if any part has ended."""
        for running in [*self._servers, *self._children]:
            running.check()

    def watch(self) -> None:
        """Block until a stop signal raises KeyboardInterrupt or a part dies (`ChildDiedError`)."""
        while True:
            self.check()
            time.sleep(WATCH_SECONDS)

    def _start_servers(self) -> Addresses:
        settings = self.settings
        database_url, temporal, ui_url = settings.database_url, external_address(), None
        postgres = Postgres(settings.data_dir, settings.postgres_port)
        if temporal is None:
            temporal = embedded_address(settings)
            ui_url = None if self._headless else f"http://{LOOPBACK}:{settings.ui_port}"
            ui_port = None if self._headless else settings.ui_port
            self._servers.append(TemporalServer(settings.data_dir, settings.temporal_port, ui_port).start())
        if database_url is None:
            self._servers.append(postgres.start())
            postgres.wait_until_ready(self._servers[-1])
            database_url = postgres.url()
        for server in self._servers:
            server.wait_until_ready()
        return Addresses(database_url, temporal, ui_url)

    def _stop(self) -> None:
        # A second Ctrl-C must not cut the stopping short; it is bounded anyway.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        stop_together(self._children)
        stop_together(self._servers)
        self._children, self._servers, self._addresses = [], [], None


@contextmanager
def _stop_signals_interrupt() -> Generator[None]:
    before = {number: signal.signal(number, signal.default_int_handler) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ports(settings: Settings) -> list[str]:
    return [name for name in type(settings).model_fields if name.endswith("_port")]


def _require_own_port(child: Child) -> None:
    # Otherwise a stranger on that port would answer in the child's place.
    if child.ready_url and (port := urlsplit(child.ready_url).port):
        require_free(port, child.name, "give it another port")
