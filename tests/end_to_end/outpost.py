"""A town whose worker is a process of its own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.end_to_end import town as town_module
from tests.end_to_end.doomed_worker import Posting
from tests.end_to_end.town import KEY, PATIENCE, Town, eventually, open_town
from tests.sandbox_world import ROOT


@dataclass
class WorkerProgram:
    """The worker process of a town."""

    posting: Posting
    _running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._running is None or self._running.poll() is not None:
            self._running = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.end_to_end.doomed_worker", self.posting.model_dump_json()], cwd=ROOT
            )

    def kill(self) -> None:
        """End it as a power cut does, and let nothing of it remain."""
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._running.pid, signal.SIGKILL)
            self._running.wait(PATIENCE)

    async def until_dead(self, within: float = PATIENCE) -> None:
        """Wait until it ended itself."""
        running = self._running
        assert running is not None

        async def dead() -> bool:
            return running.poll() is not None

        await eventually(dead, within, lambda: "the worker lives on: its point never came")
        assert running.returncode == -signal.SIGKILL

    def condemn(self, kind: str, point: str) -> None:
        """Let it die when it comes to this point."""
        self.posting.warrant.write_text(f"{kind} {point}")


@contextlib.asynccontextmanager
async def open_outpost(folder: Path, database_url: str, client: Client) -> AsyncGenerator[tuple[Town, WorkerProgram]]:
    """Open a town with a worker process; the town itself works on nothing."""
    async with contextlib.AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(town_module, "run_worker", _rest)
        town = await stack.enter_async_context(open_town(folder, database_url, client))
        posting = Posting(
            folder=folder,
            database_url=database_url,
            vault_key=KEY,
            sandbox_url=town.world.url,
            temporal=client.service_client.config.target_host,
            namespace=town.client.namespace,
        )
        program = WorkerProgram(posting)
        stack.callback(program.kill)
        program.start()
        yield town, program


async def _rest(*_: object, **_named: object) -> None:
    await asyncio.Event().wait()
