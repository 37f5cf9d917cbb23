"""The embedded PostgreSQL, where it must refuse, and the databases of tests."""

from pathlib import Path

import psycopg
import pytest

from infra.settings import DRIVER
from infra.stack import ChildDiedError, StackError, postgres
from infra.stack.children import stop_together
from infra.stack.ports import pick_free
from infra.stack.postgres import Postgres

pytestmark = pytest.mark.stack


def test_a_server_left_running_on_the_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LEAVE_SECONDS", 0.2)
    first, second = (Postgres(tmp_path, port, durable=False) for port in pick_free(2))
    running = first.start()
    try:
        first.wait_until_ready(running)
        with pytest.raises(StackError, match=rf"kill -INT {running.pid}"):
            second.start()
    finally:
        stop_together([running])


def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")
    server = Postgres(tmp_path, pick_free(1)[0], durable=False)
    running = server.start()
    try:
        server.wait_until_ready(running)
    finally:
        stop_together([running])


def test_a_cluster_of_another_version_is_told_with_the_servers_own_words(tmp_path: Path) -> None:
    server = Postgres(tmp_path, pick_free(1)[0], durable=False)
    stop_together([server.start()])
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ChildDiedError, match=r"postgres ended with exit code 1[\s\S]*incompatible"):
        server.wait_until_ready(server.start())


def test_a_lost_password_is_told(tmp_path: Path) -> None:
    server = Postgres(tmp_path, pick_free(1)[0], durable=False)
    (tmp_path / "postgres").mkdir()
    with pytest.raises(StackError, match=r"postgres\.password is missing"):
        server.url()


def test_a_stranger_without_the_password_is_refused(tmp_path: Path) -> None:
    server = Postgres(tmp_path, pick_free(1)[0], durable=False)
    running = server.start()
    try:
        server.wait_until_ready(running)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"postgresql://crossdock:wrong@127.0.0.1:{server.port}/crossdock")
    finally:
        stop_together([running])


def test_the_server_of_the_tests_answers(postgres_server: str) -> None:
    with psycopg.connect(postgres_server.replace(DRIVER, "postgresql")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
