"""Migration: the database's schema brought to the newest version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from infra.database.engine import with_driver

# Any number: two processes that start together must not migrate together.
_LOCK = 704_133


def migrate(url: str) -> None:
    """Apply every migration that the database at this address does not have yet; waits for another one at work.

    Raises:
        ValueError: not a PostgreSQL address.
        sqlalchemy.exc.OperationalError: the database does not answer.
    """
    engine = create_engine(with_driver(url), poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
