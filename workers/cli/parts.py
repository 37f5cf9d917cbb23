"""The running parts as commands find them: the record, its readings, and Temporal."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from workers.cli.errors import Problem, unreachable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection
    from temporalio.client import Client

    from infra.database.cipher import Cipher
    from infra.settings import Settings
    from workers.wiring import House


def find_settings() -> Settings:
    """Return the settings, completed by the addresses of the stack that runs on this data folder.

    Raises:
        Problem: nothing says where the database is.
    """
    from infra.settings import load_settings
    from workers.addresses import read_addresses

    settings = load_settings()
    if settings.database_url:
        return settings
    addresses = read_addresses(settings)
    if addresses is None:
        raise unreachable(
            f"no stack has run in {settings.data_dir}", "start `crossdock dev`, or set CROSSDOCK_DATABASE_URL"
        )
    found = {"database_url": addresses.database_url, "sandbox_url": settings.sandbox_url or addresses.sandbox_url}
    return settings.model_copy(update=found)


@asynccontextmanager
async def opened_house() -> AsyncGenerator[House]:
    """Open the record, the parties and the policy of this installation."""
    from workers.wiring import open_house

    async with open_house(find_settings()) as house:
        yield house


@asynccontextmanager
async def opened_reading() -> AsyncGenerator[AsyncConnection]:
    """Open a read-only snapshot of the record."""
    from infra.database.reports.reading import reading

    async with opened_house() as house, reading(house.engine) as connection:
        yield connection


async def connect_temporal(settings: Settings) -> Client:
    """Return a client: of the server that Temporal's own configuration names, else of the stack that runs here."""
    from infra.temporal import connect, external_address
    from workers.addresses import read_addresses

    addresses = read_addresses(settings)
    if external_address() is None and addresses is not None:
        return await connect(settings, address=addresses.temporal)
    return await connect(settings)


def open_cipher(settings: Settings) -> Cipher:
    """Return what opens sealed columns."""
    from infra.database.cipher import Cipher
    from infra.settings import read_vault_key

    return Cipher(read_vault_key(settings))


async def find_order(connection: AsyncConnection, wanted: str) -> str:
    """Return the id of the one order that is meant.

    Raises:
        Problem: there is none, or there are several.
    """
    from infra.database.reports.orders import find_orders

    found = await find_orders(connection, wanted)
    if not found:
        raise Problem(f"there is no order {wanted}", code="no-order", remedy="crossdock orders list")
    if wanted not in found and len(found) > 1:
        raise Problem(
            f"{wanted} may be any of {', '.join(found)}", code="ambiguous", remedy="name the order by its whole id"
        )
    return found[0]
