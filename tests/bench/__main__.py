"""`make bench`: what the engine costs, as ratios within one run and as counts that do not wobble."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import uvloop
from psycopg import sql
from rich.console import Console
from sqlalchemy import make_url
from temporalio.client import Client

from infra.database.migrate import migrate
from infra.settings import Settings
from infra.stack import Stack
from infra.temporal import connect, ensure_namespace_ready
from tests.bench import figures
from tests.bench.importing import importing_figures
from tests.bench.matching import matching_figures
from tests.bench.planning import planning_figures
from tests.bench.promise import promise_figures
from tests.bench.reserving import reserving_figures
from tests.bench.shipping import Load, shipping_figures
from tests.bench.waking import waking_figures


@dataclass(frozen=True)
class Ground:
    """What a measurement stands on: a Temporal server and a database of its own."""

    client: Client
    url: str
    given: argparse.Namespace


async def _shipping(ground: Ground) -> dict[str, float]:
    given = ground.given
    load = Load(given.orders, given.rounds, given.in_flight, given.pace, given.explain)
    return await shipping_figures(ground.client, ground.url, load)


async def _matching(ground: Ground) -> dict[str, float]:
    return await matching_figures(ground.url, listings=ground.given.listings)


async def _reserving(ground: Ground) -> dict[str, float]:
    return await reserving_figures(ground.url)


async def _planning(_ground: Ground) -> dict[str, float]:
    return planning_figures()


async def _waking(ground: Ground) -> dict[str, float]:
    return await waking_figures(ground.client, ground.url)


async def _importing(ground: Ground) -> dict[str, float]:
    return await importing_figures(ground.url)


async def _promise(ground: Ground) -> dict[str, float]:
    return await promise_figures(ground.client)


PARTS: dict[str, Callable[[Ground], Awaitable[dict[str, float]]]] = {
    "shipping": _shipping,
    "matching": _matching,
    "reserving": _reserving,
    "planning": _planning,
    "waking": _waking,
    "importing": _importing,
    "promise": _promise,
}


def main() -> None:
    """Run the bench on a stack of its own."""
    given = _read_arguments()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), postgres_port=0, temporal_port=0, ui_port=0)
        with Stack(settings, headless=True) as stack:
            found = uvloop.run(_measure(stack, given))
    figures.show(found)
    if given.json:
        figures.write(found, given.json)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be given again")
    parser.add_argument("--orders", type=int, default=120, help="orders of one round of the ship path")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--pace", type=float, default=0.7, help="seconds between reports of the lone order")
    parser.add_argument("--explain", action="store_true", help="print the lone order's statements")
    parser.add_argument("--listings", type=int, default=1_000_000, help="listings that a line is matched among")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    return parser.parse_args()


async def _measure(stack: Stack, given: argparse.Namespace) -> dict[str, float]:
    client = await connect(stack.settings, address=stack.addresses.temporal)
    await ensure_namespace_ready(client)
    found: dict[str, float] = {}
    for name in given.only or PARTS:
        Console(stderr=True).print(f"measuring {name} …")
        url = _own_database(stack.addresses.database_url, f"bench_{name}")
        found |= await PARTS[name](Ground(client, url, given))
    return found


def _own_database(url: str, name: str) -> str:
    """Create a database beside that of `url`, so that no part meets what another left."""
    address = make_url(url)
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    own = address.set(database=name).render_as_string(hide_password=False)
    migrate(own)
    return own


if __name__ == "__main__":
    main()
