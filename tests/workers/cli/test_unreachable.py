from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.database.record import PostgresRecord
from infra.stack.ports import pick_free
from tests.stores.scenes import record_order
from tests.workers.cli.conftest import Run
from workers.cli.app import app


def test_without_a_stack_a_command_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROSSDOCK_DATABASE_URL", raising=False)
    result = CliRunner().invoke(app, ["orders", "list"], env={"CROSSDOCK_DATA_DIR": str(tmp_path)})
    assert result.exit_code == 4
    assert "start `crossdock dev`" in result.stderr


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    (port,) = pick_free(1)
    env = {"CROSSDOCK_DATABASE_URL": f"postgresql://a:secret@127.0.0.1:{port}/b", "CROSSDOCK_DATA_DIR": str(tmp_path)}
    for arguments in (["orders", "list"], ["stock", "receive", "A", "B", "1"], ["migrate"]):
        result = CliRunner().invoke(app, arguments, env=env)
        assert result.exit_code == 4
        assert result.stderr.startswith("crossdock: the database does not answer\n")
        assert "secret" not in result.output


@pytest.mark.stack
@pytest.mark.parametrize("command", ["orders list", "stock gaps", "stock receive A B 1"])
def test_a_database_without_tables_is_told_with_the_command_that_makes_them(
    command: str, tmp_path: Path, postgres_server: str
) -> None:
    env = {"CROSSDOCK_DATABASE_URL": postgres_server, "CROSSDOCK_DATA_DIR": str(tmp_path)}
    result = CliRunner().invoke(app, command.split(), env=env)
    assert result.exit_code == 1
    assert "crossdock migrate" in result.stderr


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    env = {"CROSSDOCK_GATEWAY_PORT": "many", "CROSSDOCK_DATA_DIR": str(tmp_path)}
    result = CliRunner().invoke(app, ["orders", "list"], env=env)
    assert result.exit_code == 2
    assert "CROSSDOCK_GATEWAY_PORT" in result.stderr


@pytest.mark.stack
async def test_a_verb_without_temporal_says_so(record: PostgresRecord, run: Run) -> None:
    await record_order(record)
    (port,) = pick_free(1)
    result = await run("hold", "shop/1001", TEMPORAL_ADDRESS=f"127.0.0.1:{port}")
    assert result.exit_code == 4
    assert "no Temporal server answers" in result.stderr


@pytest.mark.stack
async def test_a_verb_for_an_order_without_a_workflow_is_refused(
    record: PostgresRecord, run: Run, temporal_server: str
) -> None:
    await record_order(record)
    result = await run("hold", "shop/1001", TEMPORAL_ADDRESS=temporal_server)
    assert result.exit_code == 1
    assert "there is no running workflow order/shop/1001" in result.stderr
