"""The connection to PostgreSQL: one pool of asynchronous connections a process."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_DRIVER = "postgresql+psycopg"
_POOL_SIZE = 25
# Our statements look up keys: one plan for all calls is as good as one for each, and planning costs more than running.
_SESSION = "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c jit=off"


def create_engine(url: str) -> AsyncEngine:
    """Return an engine for ``postgresql://user:password@host:port/database``; nothing is connected yet.

    Raises:
        ValueError: not such an address.
    """
    return create_async_engine(
        with_driver(url),
        pool_size=_POOL_SIZE,
        max_overflow=0,
        # The connection used last has its statements prepared: few connections that are warm, not all in turn.
        pool_use_lifo=True,
        # The record ends its transactions itself, and readings end theirs: a reset would only repeat it.
        pool_reset_on_return=None,
        # What is bound may be personal; an error must not carry it into a log.
        hide_parameters=True,
        connect_args={"options": _SESSION, "connect_timeout": 10, "prepare_threshold": 0},
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
