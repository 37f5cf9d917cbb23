"""The wiring: settings become a house in which every activity finds its record, its parties and its clock."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.context import Context
from domain.errors import Refused
from domain.policy import Policy
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from infra.settings import Settings, SettingsError, read_vault_key
from workers.addresses import read_addresses
from workers.parties import ConfiguredParties, PartiesFile
from workers.sandbox import sandbox_parties


def utc_now() -> datetime:
    """Return this moment: the one place where the clock enters."""
    return datetime.now(UTC)  # noqa: TID251 - the edge


@dataclass(frozen=True)
class House:
    """Everything one process needs; `url` is the database's."""

    settings: Settings
    url: str
    engine: AsyncEngine
    context: Context


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncGenerator[House]:
    """Open the record and the parties, and close them again.

    Raises:
        SettingsError: nothing says where the database is.
        Refused: the file of policies or parties cannot be used.
    """
    url = database_url(settings)
    engine = create_engine(url)
    record = PostgresRecord(engine, Cipher(read_vault_key(settings)))
    parties = ConfiguredParties(record, read_parties(settings), utc_now)
    try:
        yield House(settings, url, engine, Context(record, parties, read_policy(settings.policy_file), utc_now))
    finally:
        await parties.aclose()
        await engine.dispose()


def database_url(settings: Settings) -> str:
    """Return where the database is: from the settings, else where the stack of this data folder runs."""
    if settings.database_url:
        return settings.database_url
    addresses = read_addresses(settings)
    if addresses is None:
        raise SettingsError(
            f"no stack has run in {settings.data_dir}: start `crossdock dev`, or set CROSSDOCK_DATABASE_URL"
        )
    return addresses.database_url


def read_policy(path: Path | None) -> Policy:
    """Read the policy from TOML; without a file the built-in one. Raises Refused naming the field."""
    if path is None:
        return Policy()
    try:
        return Policy.model_validate(tomllib.loads(path.read_text()))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Refused("bad-policy", f"{path}: {error}") from error


def read_parties(settings: Settings) -> PartiesFile:
    """Read the parties that are not channels; without a file those of the sandbox world."""
    return PartiesFile.read(settings.parties_file) if settings.parties_file else sandbox_parties(settings)
