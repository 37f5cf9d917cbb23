"""A real shop: Vendure installed, seeded into a database of its own, and served on a loopback port."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.settings import DRIVER
from infra.stack.children import Child, RunningChild, stop_together
from infra.stack.ports import LOOPBACK, require_free
from infra.vendure.install import StoreError, install, run

SEED_SECONDS = 180.0
START_SECONDS = 120.0
CONNECT_SECONDS = 10
LIBPQ = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


@dataclass(frozen=True)
class Store:
    """One shop: where it is kept and where it answers.

    Attributes:
        folder: where Vendure is installed; shops may share it.
        server_url: a PostgreSQL address whose user may create databases.
        port: the loopback port it answers on.
        database: the shop's own database; it is created and seeded unless it exists.
        username: the administrator's name.
        password: the administrator's password; it is fixed when the database is seeded.
    """

    folder: Path
    server_url: str = field(repr=False)
    port: int
    database: str = "vendure"
    username: str = "superadmin"
    password: str = field(default="fixture-pass-1", repr=False)

    @property
    def admin_api(self) -> str:
        """Where the administrator's API answers."""
        return f"http://{LOOPBACK}:{self.port}/admin-api"

    @property
    def shop_api(self) -> str:
        """Where the buyers' API answers."""
        return f"http://{LOOPBACK}:{self.port}/shop-api"

    def prepare(self) -> Child:
        """Install and seed what is missing, and return the program to run; both are done once.

        Raises:
            StoreError: npm or the seed failed, or PostgreSQL refused the database.
        """
        home = install(self.folder)
        try:
            with psycopg.connect(self._libpq(), autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
                self._ensure_seeded(connection, home)
        except psycopg.Error as error:
            raise StoreError(f"PostgreSQL refused the shop's database: {error}") from error
        argv = ["node", str(home / "server.js")]
        return Child("vendure", argv, self._environment(self.database), f"http://{LOOPBACK}:{self.port}/health")

    def _ensure_seeded(self, connection: psycopg.Connection, home: Path) -> None:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database]).fetchone():
            return
        # Seeded under another name and renamed at the end: a database of the right name is a whole one.
        name = f"{self.database}_draft"
        draft, final = sql.Identifier(name), sql.Identifier(self.database)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(draft))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(draft))
        run(["node", "seed.js"], home, self._environment(name), SEED_SECONDS)
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(draft, final))

    def _environment(self, database: str) -> dict[str, str]:
        told = conninfo_to_dict(self._libpq(), dbname=database)
        return {name: str(told[key]) for key, name in LIBPQ.items() if told.get(key)} | {
            "VENDURE_USERNAME": self.username,
            "VENDURE_PASSWORD": self.password,
            "VENDURE_PORT": str(self.port),
            "NODE_OPTIONS": "--max-old-space-size=512",
            # It would tell its makers of every start, and leave an id in the working directory.
            "VENDURE_DISABLE_TELEMETRY": "true",
        }

    def _libpq(self) -> str:
        return self.server_url.replace(f"{DRIVER}://", "postgresql://", 1)


@contextmanager
def running(store: Store, logs: Path) -> Generator[None]:
    """Prepare the shop and serve it inside the block; enter it on the main thread.

    Raises:
        StackError: it could not be prepared, its port is taken, it died, or it does not answer within two minutes.
    """
    child = store.prepare()
    require_free(store.port, "Vendure", "give it another port")
    started = RunningChild(child, logs)
    try:
        started.wait_until_ready(within=START_SECONDS)
        yield
    finally:
        stop_together([started])
