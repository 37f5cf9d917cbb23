"""A program that books what lies in a shared folder, killed again and again before ever later lines of its code."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import httpx

from activities import collecting
from activities.context import Context
from adapters.locations.folder import MANIFEST, adapter, folder
from adapters.locations.folder.adapter import FolderLocations
from domain.policy import Policy
from domain.ports.parties import Parties
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord
from tests.builders import BERLIN, NOW, TEA
from tests.forked import dies_before
from workers.loops import sweep_inbox

SYSTEM = "staff"
"""The party that speaks for the stores of the scenes."""

_AT_ONCE, _STEP = 2, 7
_CODE = (collecting.__file__, adapter.__file__, folder.__file__)


class Place(FolderLocations):
    """The one party that is asked for."""

    async def webhooks(self, party: str) -> Any:
        """Be it."""
        del party
        return self


async def collect(directory: Path, database_url: str) -> None:
    """Book what lies there, and what was stored and not booked."""
    engine = create_engine(database_url)
    place = Place(MANIFEST.settings.model_validate({"directory": directory}), httpx.AsyncClient())
    record = PostgresRecord(engine, Cipher(bytes(32)))
    context = Context(record, cast("Parties", place), Policy(), lambda: NOW + timedelta(hours=1))
    await collecting.collect_letters(context, SYSTEM, place)
    later = Context(record, cast("Parties", place), Policy(), lambda: NOW + timedelta(hours=2))
    await sweep_inbox(later)
    await engine.dispose()


def leave(directory: Path, number: int) -> None:
    """Leave the report of one sale."""
    (directory / "in").mkdir(exist_ok=True)
    sale = f"location,receipt,occurred_at,line,sku,quantity\n{BERLIN},{number},{NOW.isoformat()},1,{TEA},1\n"
    unfinished = directory / "in" / f".till-sold-{number}.csv"
    unfinished.write_text(sale)
    unfinished.rename(directory / "in" / f"till-sold-{number}.csv")


def main(directory: Path, database_url: str) -> None:
    """Collect until it is not killed any more; some reports always lie there. Print how often it died."""
    reports = 0
    for deaths in count():
        while len(list((directory / "in").glob("*.csv"))) < _AT_ONCE:
            leave(directory, reports := reports + 1)
        if not dies_before(deaths * _STEP, lambda: asyncio.run(collect(directory, database_url)), _CODE):
            print(deaths, reports)  # noqa: T201  this is what the test reads
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
