"""The connection to PostgreSQL: one pool of asynchronous connections a process."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_DRIVER = "postgresql+psycopg"
_POOL_SIZE = 20
_POOL_OVERFLOW = 5


def create_engine(url: str) -> AsyncEngine:
    """Return an engine for ``postgresql://user:password@host:port/database``; nothing is connected yet.

    Raises:
        ValueError: not such an address.
    """
    return create_async_engine(
        with_driver(url),
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_OVERFLOW,
        isolation_level="READ COMMITTED",
        # What is bound may be personal; an error must not carry it into a log.
        hide_parameters=True,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": 10},
    )


def with_driver(url: str) -> URL:
    """Return the address with our driver's name in it; raises ValueError when it is not PostgreSQL's."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise ValueError("expected postgresql://user:password@host:port/database") from None
    if address.drivername.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError(f"expected postgresql://…, not {address.drivername}://…")
    return address.set(drivername=_DRIVER)
