"""The whole stack, really run: it answers, stops, resumes, and leaves nothing behind."""

import os
import signal
import sys
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from infra.settings import DRIVER, Settings
from infra.stack import Child, ChildDiedError, RunningChild, Stack
from infra.stack.ports import choose_ports, is_free
from infra.temporal import connect, ensure_namespace_ready
from tests.sandbox_world import PATIENCE_SECONDS, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

SUPERVISOR = """
import sys
from pathlib import Path
from infra.settings import Settings
from infra.stack import Child, Stack
ports = dict(zip(("postgres_port", "temporal_port", "ui_port", "gateway_port"), map(int, sys.argv[2:]), strict=True))
with Stack(Settings(data_dir=Path(sys.argv[1]), **ports)) as stack:
    url = f"http://127.0.0.1:{stack.settings.gateway_port}/"
    server = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(stack.settings.gateway_port)]
    stack.start([Child("gateway", server, ready_url=url)])
    print("up", flush=True)
    stack.watch()
"""


def _our_servers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.name() in {"postgres", "temporal"}]


def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace(DRIVER, "postgresql"), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


async def _start_workflow(stack: Stack) -> str:
    client = await connect(stack.settings)
    await ensure_namespace_ready(client)
    handle = await client.start_workflow("Nobody", id="waits", task_queue="nobody")
    return handle.result_run_id or ""


async def _find_workflow(stack: Stack) -> tuple[str, WorkflowExecutionStatus | None]:
    client: Client = await connect(stack.settings)
    found = await client.get_workflow_handle("waits").describe()
    return found.run_id, found.status


async def test_a_stack_answers_and_resumes_what_it_kept(settings: Settings) -> None:
    settings, before = choose_ports(settings), _our_servers()
    with Stack(settings) as stack:
        assert len(_our_servers()) == len(before) + 2
        url = stack.addresses.database_url
        _query(url, "CREATE TABLE kept AS SELECT 1 AS one")
        run_id = await _start_workflow(stack)
        async with httpx.AsyncClient(trust_env=False) as browser:
            assert (await browser.get(stack.addresses.ui_url or "")).is_success
        assert url not in repr(stack.addresses)
    assert _our_servers() == before
    assert all(map(is_free, (settings.postgres_port, settings.temporal_port, settings.ui_port)))

    (settings.data_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n0\n5432\n\n\n")
    with Stack(settings, headless=True) as stack:
        assert stack.addresses.ui_url is None
        assert stack.addresses.database_url == url
        assert _query(url, "SELECT one FROM kept") == [(1,)]
        assert await _find_workflow(stack) == (run_id, WorkflowExecutionStatus.RUNNING)
        assert _query(url, "SHOW max_connections") == [("200",)]
        assert _query(url, "SHOW synchronous_commit") == [("on",)]
        assert _query(url, "SELECT count(*) > 0 FROM pg_stat_statements") == [(True,)]
        assert _query(url, "SELECT datlocale FROM pg_database WHERE datname = 'crossdock'") == [("C.UTF-8",)]


def test_a_part_that_dies_ends_the_watch_and_stops_the_others(settings: Settings) -> None:
    code = "import os, sys; print('cannot go on at', os.environ['TEMPORAL_ADDRESS']); sys.exit(3)"
    before = _our_servers()

    def run() -> None:
        with Stack(settings, headless=True) as stack:
            stack.start([Child("worker", [sys.executable, "-c", code])])
            stack.watch()

    with pytest.raises(ChildDiedError, match=r"worker ended with exit code 3[\s\S]*cannot go on at 127.0.0.1"):
        run()
    assert _our_servers() == before


def test_one_child_may_be_killed_and_started_again(settings: Settings) -> None:
    child = Child("worker", [sys.executable, "-c", "import time; time.sleep(60)"])
    with Stack(settings, headless=True) as stack:
        (first,) = stack.start([child])
        psutil.Process(first.pid).kill()
        stack.stop(first)
        (second,) = stack.start([child])
        stack.check()
        assert second.pid != first.pid
    assert not second.is_alive


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signalled_supervisor_leaves_no_process(settings: Settings, tmp_path: Path, number: signal.Signals) -> None:
    settings = choose_ports(settings)
    ports = [settings.postgres_port, settings.temporal_port, settings.ui_port, settings.gateway_port]
    argv = [sys.executable, "-c", SUPERVISOR, str(settings.data_dir), *map(str, ports)]
    supervisor = RunningChild(Child("supervisor", argv, stop_signal=number), tmp_path)
    supervisor.wait_until_ready(lambda: supervisor.log.read_text().startswith("up"), within=200)
    family = psutil.Process(supervisor.pid).children(recursive=True)
    assert {part.name() for part in family} >= {"postgres", "temporal"}
    psutil.Process(supervisor.pid).send_signal(number)
    eventually(lambda: not supervisor.is_alive)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    assert not alive
    assert all(map(is_free, ports))
